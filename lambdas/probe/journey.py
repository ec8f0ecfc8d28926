"""What users and providers do, done through the public address; each step says what is wrong, or holds.

The probe does it all every minute; the smoke test of a deployment (ci/smoke.py) what needs no secret.
"""

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import cast

from pydantic import JsonValue

from flux_core.exchange import Answer, Exchange, ExchangeError
from flux_core.probe import PROVIDER, ProbeSecret, sign
from flux_core.rehearsal import OWNER_EMAIL

# The site's largest script has some hundred KiB.
MAX_BYTES = 4 * 1024 * 1024

SIGN_IN = "/api/v1/auth/token"
# Days of which the rehearsal's restaurant has forecasts (migrations/versions/r0009).
FORECASTS = "/api/v1/forecasts?from=2020-01-03&to=2020-01-05"
DISHES = {"Rehearsal soup", "Rehearsal bread"}


class JourneyError(RuntimeError):
    """A step does not hold; the message says what was asked and what came."""


class Visitor:
    """Asks the public address.

    host: the name to ask for, where it is not that of `url`: AWS on this machine has one address for all.
    seconds: for each answer. left: seconds for all that is still to come.
    """

    def __init__(
        self,
        url: str,
        *,
        agent: str,
        host: str | None = None,
        seconds: float,
        left: Callable[[], float] = lambda: float("inf"),
    ) -> None:
        self._exchange = Exchange(url, max_bytes=MAX_BYTES)
        # The firewall refuses whoever does not say who it is (AWSManagedRulesCommonRuleSet, NoUserAgent_HEADER).
        self._headers = {"user-agent": agent, **({} if host is None else {"host": host})}
        self._seconds, self._left = seconds, left

    def get(self, path: str, *, expected: HTTPStatus = HTTPStatus.OK, token: str | None = None) -> Answer:
        """Ask for a page.

        Raises:
            JourneyError: there is no whole answer in time, or it has another status.
        """
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return self._ask("GET", path, headers, None, expected)

    def post(self, path: str, body: bytes, *, expected: HTTPStatus, signature: str | None = None) -> Answer:
        """Send JSON.

        Raises:
            JourneyError: as for `get`.
        """
        signed = {} if signature is None else {"x-square-hmacsha256-signature": signature}
        return self._ask("POST", path, {"content-type": "application/json", **signed}, body, expected)

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, expected: HTTPStatus
    ) -> Answer:
        asked, seconds = f"{method} {path}", min(self._seconds, self._left())
        if seconds <= 0:
            raise JourneyError(f"{asked}: not asked, the steps before have used up the time")
        try:
            answer = self._exchange.ask(method, path, headers={**self._headers, **headers}, body=body, seconds=seconds)
        except ExchangeError as error:
            raise JourneyError(f"{asked}: {error}") from error
        if answer.status != expected:
            began = answer.content[:200].decode(errors="replace")
            came = f"{answer.status} instead of {expected.value}; it begins {began!r}"
            raise JourneyError(f"{asked}: {came}{_id(answer)}")
        return answer


def site_opens(visitor: Visitor) -> None:
    """The site's first page is HTML, and every script it names arrives as one."""
    page = visitor.get("/")
    _require(page.headers.get("content-type", "").startswith("text/html"), "GET /", "not HTML", page)
    scripts = re.findall(r'<script[^>]+src="(/[^"]+\.js)"', page.content.decode(errors="replace"))
    _require(scripts, "GET /", "a page that loads no script", page)
    for script in dict.fromkeys(scripts):
        answer = visitor.get(script)
        _require("javascript" in answer.headers.get("content-type", ""), f"GET {script}", "not JavaScript", answer)


def strangers_are_refused(visitor: Visitor) -> None:
    """Nobody reads forecasts without a token, and no cache keeps what the API says."""
    answer = visitor.get("/api/v1/forecasts", expected=HTTPStatus.UNAUTHORIZED)
    _require(
        "no-store" in answer.headers.get("cache-control", ""), "GET /api/v1/forecasts", "an answer to cache", answer
    )


def forged_sales_are_refused(visitor: Visitor) -> None:
    """An event that Square did not sign is turned away, which takes Square's key to know."""
    visitor.post("/api/v1/webhooks/square", b"{}", expected=HTTPStatus.UNAUTHORIZED, signature="forged")


def owner_reads_forecasts(visitor: Visitor, secret: ProbeSecret) -> None:
    """The owner signs in and sees their restaurant's forecasts, and no other's."""
    login = json.dumps({"email": OWNER_EMAIL, "password": secret.password}).encode()
    signed_in = visitor.post(SIGN_IN, login, expected=HTTPStatus.OK)
    match _json(signed_in):
        case {"access_token": str(token)}:
            answer = visitor.get(FORECASTS, token=token)
        case _:  # and what came is not shown: it may be a token
            raise JourneyError(f"POST {SIGN_IN}: no access_token in the answer{_id(signed_in)}")
    match _json(answer):
        case {"items": list(items)}:
            dishes = {str(item.get("menu_item")) for item in items if isinstance(item, dict)}
        case _:
            dishes = set()
    _require(dishes == DISHES, f"GET {FORECASTS}", f"dishes {sorted(dishes)} instead of {sorted(DISHES)}", answer)


def signed_webhook_is_taken(visitor: Visitor, secret: ProbeSecret) -> None:
    """A signed event is on the queue when it is answered; the sync worker sets it aside."""
    body = b"{}"
    path = f"/api/v1/webhooks/{PROVIDER}"
    visitor.post(path, body, expected=HTTPStatus.ACCEPTED, signature=sign(secret, body))


# By what is proved, for people; each raises JourneyError unless it holds.
CHECKS: Mapping[str, Callable[[Visitor], object]] = {
    "the API answers": lambda visitor: visitor.get("/api/v1/health"),
    "the API reaches its database and its cache": lambda visitor: visitor.get("/api/v1/ready"),
    "strangers are refused": strangers_are_refused,
    "forged sales are refused": forged_sales_are_refused,
    "the site opens, with its scripts": site_opens,
}

# What takes the probe's secret besides.
SECRET_CHECKS: Mapping[str, Callable[[Visitor, ProbeSecret], None]] = {
    "an owner signs in and reads forecasts": owner_reads_forecasts,
    "a signed webhook is taken": signed_webhook_is_taken,
}


def _json(answer: Answer) -> JsonValue:
    try:
        return cast("JsonValue", json.loads(answer.content))
    except ValueError:
        return None


def _require(holds: object, asked: str, came: str, answer: Answer) -> None:
    if not holds:
        raise JourneyError(f"{asked}: {came}{_id(answer)}")


def _id(answer: Answer) -> str:
    found = answer.headers.get("x-request-id")
    return "" if found is None else f"; request id {found}"
