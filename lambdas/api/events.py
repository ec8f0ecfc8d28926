"""What of API Gateway's events never reaches the application: what nobody but a stranger sends."""

import base64
import binascii
from collections.abc import Mapping
from http import HTTPStatus

from flux_core.problems import Problem

# A sign-in is the largest body that anybody has reason to send: an address and a password of 1,024 characters.
MAX_BODY_BYTES = 16 * 1024

# The adapter reads a port out of these, and would stumble over one that is no number. Nobody here asks for them.
_UNREAD_HEADERS = frozenset({"host", "x-forwarded-port", "x-forwarded-proto"})


def refusal(event: Mapping[str, object]) -> Problem | None:
    """Why the request is refused unread; None: the application can read it.

    A path that still holds a '%' was encoded twice. Whoever decoded it here again would take for a sign-in what the
    firewall did not count as one.
    """
    paths = _texts(event.get("rawPath"), _http(event).get("path"))
    if any("%" in path for path in paths):
        return Problem(status=HTTPStatus.NOT_FOUND, detail="There is nothing at this path.")
    if not all(map(_is_text, _everything(event))):
        return Problem(status=HTTPStatus.BAD_REQUEST, detail="The request holds half of a surrogate pair.")
    size = _body_size(event)
    if size is None:
        return Problem(status=HTTPStatus.BAD_REQUEST, detail="The body is not what its encoding says.")
    if size > MAX_BODY_BYTES:
        return Problem(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=f"The body exceeds {MAX_BODY_BYTES} bytes.")
    return None


def readable(event: Mapping[str, object]) -> dict[str, object]:
    """The event as the adapter reads it."""
    headers = {name: value for name, value in _headers(event).items() if name.lower() not in _UNREAD_HEADERS}
    return {**event, "headers": headers}


def _body_size(event: Mapping[str, object]) -> int | None:
    """Bytes; None: it is not base64, although it is marked so."""
    body = event.get("body")
    if not isinstance(body, str):
        return 0
    if event.get("isBase64Encoded") is not True:
        return len(body.encode())
    try:
        return len(base64.b64decode(body, validate=True))
    except (binascii.Error, ValueError):
        return None


def _everything(event: Mapping[str, object]) -> list[str]:
    """Every text that the adapter reads."""
    cookies = event.get("cookies")
    return _texts(
        event.get("rawPath"),
        event.get("rawQueryString"),
        event.get("body"),
        *_http(event).values(),
        *_headers(event),
        *_headers(event).values(),
        *(cookies if isinstance(cookies, list) else ()),
    )


def _headers(event: Mapping[str, object]) -> Mapping[str, object]:
    headers = event.get("headers")
    return headers if isinstance(headers, dict) else {}


def _http(event: Mapping[str, object]) -> Mapping[str, object]:
    match event:
        case {"requestContext": {"http": dict(http)}}:
            return http
        case _:
            return {}


def _texts(*values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
