"""What is wrong when Square does not give what it was asked for, and what that means for whoever asked.

Source: Square Developer, "Handle errors": categories and codes of the member `errors`, which an answer of any status
may have.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, ValidationError

# Longer than this nobody is made to wait, whatever Square (or whoever answers in its place) says.
LONGEST_WAIT = 24 * 60 * 60

# Square does not say how long to wait after its limit was exceeded, unless by Retry-After.
RATE_LIMIT_SECONDS = 30.0
# Square fails, hangs or answers nonsense: it may be well in a moment, and should not be asked by everybody meanwhile.
FAILURE_SECONDS = 10.0


class SquareError(RuntimeError):
    """Square did not do what it was asked."""


class SquareUnavailableError(SquareError):
    """Square cannot be reached, is busy, fails, or answers what cannot be read; no fault of what it was asked.

    Attributes:
        seconds: before this time has passed, Square is not to be asked again in the merchant's name.
        demanded: Square itself demands it.
    """

    def __init__(self, message: str, *, seconds: float = FAILURE_SECONDS, demanded: bool = False) -> None:
        super().__init__(message)
        self.seconds, self.demanded = seconds, demanded


class SquarePausedError(SquareUnavailableError):
    """Square was not asked: the time that it, or its failure, imposed has not passed."""


class SquareUnauthorizedError(SquareError):
    """The access token is expired or revoked."""


class SquareAccessRevokedError(SquareUnauthorizedError):
    """The merchant has withdrawn our access: no token is given any more."""


class SquareRefusedError(SquareError):
    """Square understands, and will not do it.

    Attributes:
        status: of the answer.
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class SquareOrderUnknownError(SquareRefusedError):
    """Square has no such order, or none yet: an event may come before the order can be read everywhere."""


class SquareAnswerError(SquareError):
    """Square's answer is not what its reference says; an order in it must not be stored."""


class _Fault(BaseModel):
    category: str = ""
    code: str = ""
    detail: str | None = None


class _Faulty(BaseModel):
    errors: list[_Fault] | None = None


type _Kind = Literal["unavailable", "busy", "unauthorized", "refused"]

_KINDS: Mapping[str, _Kind] = {
    "ACCESS_TOKEN_REVOKED": "unauthorized",
    "ACCESS_TOKEN_EXPIRED": "unauthorized",
    "UNAUTHORIZED": "unauthorized",
    "RATE_LIMITED": "busy",
    "RATE_LIMIT_ERROR": "busy",
    "API_ERROR": "unavailable",
    "AUTHENTICATION_ERROR": "refused",  # such as INSUFFICIENT_SCOPES: another token would not help
    "INVALID_REQUEST_ERROR": "refused",
}


def fault_in(status: int, headers: Mapping[str, str], content: bytes, *, request: str) -> SquareError | None:
    """The error that an answer is; None for an answer that may be read on.

    headers: their names in small letters.
    request: what was asked, for people.
    """
    faults = _faults(content)
    if status == HTTPStatus.OK and not faults:
        return None
    named = ", ".join(_name(fault) for fault in faults[:3])
    message = f"{request}: HTTP {status}" + (f" with {named}" if named else "")
    wait = _retry_after(headers)
    match _kind(status, faults):
        case "unavailable" if wait is None:
            return SquareUnavailableError(message)
        case "unavailable" | "busy":
            return SquareUnavailableError(message, seconds=RATE_LIMIT_SECONDS if wait is None else wait, demanded=True)
        case "unauthorized":
            return SquareUnauthorizedError(message)
        case "refused":
            return SquareRefusedError(message, status=status)


def _name(fault: _Fault) -> str:
    """A word of Square's enumerations; whoever answers in its place may write anything there."""
    names = (name for name in (fault.code, fault.category) if re.fullmatch("[A-Z][A-Z0-9_]{1,60}", name))
    return next(names, "an error without a name")


def _kind(status: int, faults: list[_Fault]) -> _Kind:
    """What the errors name, in an answer of success; else what the status says, and the errors only say closer."""
    named = next((_KINDS[word] for fault in faults for word in (fault.code, fault.category) if word in _KINDS), None)
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return "unauthorized"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return "busy"
        case HTTPStatus.OK:
            return named or "unavailable"
        case HTTPStatus.REQUEST_TIMEOUT:
            return "unavailable"
        case _ if 400 <= status < 500:
            return named if named in ("busy", "unauthorized") else "refused"
        case _:  # a redirect, which is not followed, or Square's own failure
            return "unavailable"


def _faults(content: bytes) -> list[_Fault]:
    try:
        return _Faulty.model_validate_json(content).errors or []
    except ValidationError:
        return _unreadable_faults(content)


def _unreadable_faults(content: bytes) -> list[_Fault]:
    """Errors that are not as the reference says are errors all the same."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return []
    return [_Fault()] if isinstance(answer, dict) and answer.get("errors") else []


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; from the header's number of seconds or its date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value[:10]), LONGEST_WAIT))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    seconds = (moment.astimezone(dt.UTC) - dt.datetime.now(dt.UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)
