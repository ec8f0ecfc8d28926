"""What an HTTP API makes of a function's answer ("Format of Lambda function response for payload format 2.0")."""

import base64
import json
from dataclasses import dataclass

from ..values import InvalidValueError, Json, Properties


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response. A header with several values, like Set-Cookie, has a list.

    integration_error: what went wrong between API Gateway and the function, for the access log.
    """

    status: int
    headers: dict[str, str | list[str]]
    body: bytes
    integration_error: str = "-"

    @classmethod
    def problem(cls, status: int, message: str, *, why: str) -> "Response":
        """One of API Gateway's own answers."""
        body = json.dumps({"message": message}, separators=(",", ":")).encode()
        return cls(status=status, headers={"content-type": "application/json"}, body=body, integration_error=why)


def failed(payload: Json) -> Response:
    """The answer when the function raised, exited or took too long; what it said stays in its log."""
    return Response.problem(500, "Internal Server Error", why=json.dumps(payload))


def throttled() -> Response:
    """The answer when the function has no concurrency left."""
    return Response.problem(503, "Service Unavailable", why="the function was throttled")


def of_payload(payload: Json) -> Response:
    """The answer that the function's return value describes; without `statusCode`, the value itself is the body."""
    if not isinstance(payload, dict) or "statusCode" not in payload:
        return Response(status=200, headers={"content-type": "application/json"}, body=json.dumps(payload).encode())
    answer = Properties(payload)
    try:
        headers: dict[str, str | list[str]] = {"content-type": "text/plain; charset=utf-8"}
        headers |= {name.lower(): value for name, value in answer.texts_by_name("headers").items()}
        if cookies := answer.texts("cookies"):
            headers["set-cookie"] = cookies
        body = answer.text("body") if payload.get("body") is not None else ""
        raw = base64.b64decode(body) if answer.flag("isBase64Encoded", default=False) else body.encode()
        return Response(status=answer.number("statusCode"), headers=headers, body=raw)
    except (InvalidValueError, ValueError) as error:
        return Response.problem(500, "Internal Server Error", why=f"malformed Lambda proxy response: {error}")
