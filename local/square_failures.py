"""Square on a bad day: the ways in which it has been seen to fail, each a switch.

What the errors look like: Square Developer, "Handle errors". What is not documented was seen in the wild, before Square
(proxies, load balancers) or of Square itself.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from .square_answers import Json, Record, Refused, error_body

KINDS: Mapping[str, str] = {
    "rate-limit": "429 with Retry-After, as when too much is asked",
    "unavailable": "503 with Retry-After",
    "server-error": "500",
    "errors-with-200": "200, and in it `errors` instead of what was asked for",
    "html": "200 with a page of HTML, as a proxy answers",
    "malformed": "200 with JSON that is none",
    "cut-off": "200 with half of the answer, then the connection ends",
    "empty": "200 with nothing in it",
    "slow": "the right answer, but late",
    "drip": "the right answer, one byte at a time",
    "hang": "no answer as long as this is on",
    "huge": "200 with 900 MB",
    "redirect": "302 to another address",
    "revoked": "401: the merchant has withdrawn the access, and no token is given any more",
}

# What `seconds` is where nobody says it: of Retry-After, of waiting, or between two bytes.
SECONDS: Mapping[str, float] = {"rate-limit": 30, "unavailable": 30, "slow": 5, "drip": 0.5}

LONGEST_SECONDS = 86_400

HUGE_BYTES = 900_000_000


@dataclass(kw_only=True)
class Failure:
    """One switch that is on.

    seconds: see SECONDS.
    merchant_id: whose requests fail; None: everybody's.
    times: how many more requests fail; None: all until it is turned off.
    """

    kind: str
    seconds: float
    merchant_id: str | None = None
    times: int | None = None


class Failures:
    """The switches that are on.

    Attributes:
        met: requests that failed since the beginning.
    """

    def __init__(self) -> None:
        self.met = 0
        self._on: dict[str, Failure] = {}
        self._lock = threading.Lock()

    def turn_on(self, kind: str, body: Record) -> Record:
        """Fail from now on; `body` may have `seconds`, `merchant_id` and `times`.

        Raises:
            Refused: there is no such kind, or it could not fail like that at each request.
        """
        if kind not in KINDS:
            raise Refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"no such kind; there are {', '.join(KINDS)}")
        failure = Failure(
            kind=kind,
            seconds=_seconds(body.get("seconds", SECONDS.get(kind, 0))),
            merchant_id=_merchant_id(body.get("merchant_id")),
            times=_times(body.get("times")),
        )
        with self._lock:
            self._on[kind] = failure
        return self.show()

    def turn_off(self, kind: str | None = None) -> Record:
        """Be well again, in one way or in all."""
        with self._lock:
            if kind is None:
                self._on.clear()
            else:
                self._on.pop(kind, None)
        return self.show()

    def show(self) -> Record:
        """What is on."""
        with self._lock:
            on: list[Json] = [dict(asdict(failure)) for failure in self._on.values()]
        return {"failures": on, "kinds": dict(KINDS)}

    def is_on(self, failure: Failure) -> bool:
        """Whether it still is."""
        with self._lock:
            return self._on.get(failure.kind) is failure

    def next_for(self, merchant_id: str | None) -> Failure | None:
        """The failure that meets a request in the merchant's name, if one does; it counts as met."""
        with self._lock:
            for failure in self._on.values():
                if failure.merchant_id in (None, merchant_id) and failure.times != 0:
                    if failure.times is not None:
                        failure.times -= 1
                    self.met += 1
                    return failure
        return None


def _seconds(value: Json) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= LONGEST_SECONDS:  # NaN is in no range
        raise _bad("seconds", f"{value}: must be a number from 0 to {LONGEST_SECONDS}")
    return value


def _times(value: Json) -> int | None:
    if value is not None and (not isinstance(value, int) or value < 1):
        raise _bad("times", f"{value}: must be a whole number above 0")
    return value


def _merchant_id(value: Json) -> str | None:
    if value is not None and (not isinstance(value, str) or not value):
        raise _bad("merchant_id", f"{value!r}: must be the id of a merchant")
    return value


def _bad(field: str, detail: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, "INVALID_VALUE", f"{field} {detail}", field=field)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """An answer that does not depend on what was asked for. waits: whether `seconds` is its Retry-After."""

    status: HTTPStatus
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    waits: bool = False


_INTERNAL = json.dumps(error_body("API_ERROR", "INTERNAL_SERVER_ERROR", "An internal error.")).encode()

_ANSWERS: Mapping[str, _Answer] = {
    "rate-limit": _Answer(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        content=json.dumps(error_body("RATE_LIMIT_ERROR", "RATE_LIMITED", "Too many requests.")).encode(),
        waits=True,
    ),
    "unavailable": _Answer(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        content=json.dumps(error_body("API_ERROR", "SERVICE_UNAVAILABLE", "Square is being repaired.")).encode(),
        waits=True,
    ),
    "server-error": _Answer(status=HTTPStatus.INTERNAL_SERVER_ERROR, content=_INTERNAL),
    "errors-with-200": _Answer(status=HTTPStatus.OK, content=_INTERNAL),
    "html": _Answer(
        status=HTTPStatus.OK,
        content=b"<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>",
        headers={"content-type": "text/html"},
    ),
    "malformed": _Answer(status=HTTPStatus.OK, content=b'{"orders": [{"id": "a",}]'),
    "empty": _Answer(status=HTTPStatus.OK, content=b""),
    "redirect": _Answer(status=HTTPStatus.FOUND, content=b"", headers={"location": "https://square.example/elsewhere"}),
    "revoked": _Answer(
        status=HTTPStatus.UNAUTHORIZED,
        content=json.dumps(
            error_body("AUTHENTICATION_ERROR", "ACCESS_TOKEN_REVOKED", "The merchant revoked the access.")
        ).encode(),
    ),
}


def fail(handler: BaseHTTPRequestHandler, failure: Failure, failures: Failures, answer: Callable[[], Record]) -> None:
    """Answer a request as the failure says. answer: the right one, for failures that are only slow or cut off."""
    fixed = _ANSWERS.get(failure.kind)
    if fixed is not None:
        wait = {"retry-after": f"{failure.seconds:.0f}"} if fixed.waits else {}
        _send(handler, fixed.status, fixed.content, {**fixed.headers, **wait})
        return

    def is_on() -> bool:
        return failures.is_on(failure)

    match failure.kind:
        case "slow":
            time.sleep(failure.seconds)
            _send(handler, HTTPStatus.OK, json.dumps(answer()).encode())
        case "hang":
            while is_on():
                time.sleep(0.05)
            handler.close_connection = True
        case "cut-off":
            content = json.dumps(answer()).encode()
            _stream(handler, length=len(content), pieces=iter([content[: len(content) // 2]]))
        case "drip":
            content = json.dumps(answer()).encode()
            _stream(handler, length=len(content), pieces=_dripping(content, failure.seconds, is_on))
        case _:
            block = b" " * 1_000_000
            _stream(handler, length=HUGE_BYTES, pieces=(block for _ in range(HUGE_BYTES // len(block))))


def _dripping(content: bytes, seconds: float, is_on: Callable[[], bool]) -> Iterator[bytes]:
    for number in range(len(content)):
        yield content[number : number + 1]
        if is_on():
            time.sleep(seconds)


def _send(
    handler: BaseHTTPRequestHandler, status: HTTPStatus, content: bytes, headers: Mapping[str, str] | None = None
) -> None:
    handler.send_response(status)
    for name, value in {"content-type": "application/json", **(headers or {})}.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def _stream(handler: BaseHTTPRequestHandler, *, length: int, pieces: Iterator[bytes]) -> None:
    """Send a body that says how long it is, as far as it comes; the connection ends with it."""
    handler.close_connection = True
    handler.send_response(HTTPStatus.OK)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(length))
    handler.end_headers()
    try:
        for piece in pieces:
            handler.wfile.write(piece)
    except ConnectionError:
        handler.log_message("the client went away")
