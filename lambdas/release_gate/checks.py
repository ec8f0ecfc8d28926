"""What a new version must answer before it gets traffic: real requests, as API Gateway or SQS would send them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import JsonValue

from .settings import Kind


class CheckFailedError(RuntimeError):
    """The new version does not answer as it must; the message says how."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One request and the answer that it must get.

    name: for the log.
    payload: the event.
    expected: members that the answer must have, with their values.
    """

    name: str
    payload: Mapping[str, JsonValue]
    expected: Mapping[str, JsonValue]

    def judge(self, answer: bytes) -> None:
        """Compare.

        Raises:
            CheckFailedError: the answer differs.
        """
        try:
            got = json.loads(answer)
        except ValueError:
            got = None
        for member, value in self.expected.items():
            found = got.get(member) if isinstance(got, dict) else got
            if found != value:
                raise CheckFailedError(f"{self.name}: {member} is {json.dumps(found)}, must be {json.dumps(value)}")


def _http(method: str, path: str, *, body: str | None = None) -> dict[str, JsonValue]:
    """An API Gateway event, payload format 2.0, for a request from the gate itself."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "host": "release-gate",
            "content-type": "application/json",
            "x-square-hmacsha256-signature": "Zm9yZ2Vk",
        },
        "requestContext": {
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "gate",
            },
            "requestId": "release-gate",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


CHECKS: Mapping[Kind, tuple[Check, ...]] = {
    "api": (
        Check(name="health", payload=_http("GET", "/api/v1/health"), expected={"statusCode": HTTPStatus.OK}),
        Check(name="ready", payload=_http("GET", "/api/v1/ready"), expected={"statusCode": HTTPStatus.OK}),
    ),
    "webhook": (
        Check(
            name="forged signature",
            payload=_http("POST", "/api/v1/webhooks/square", body="{}"),
            expected={"statusCode": HTTPStatus.UNAUTHORIZED},
        ),
    ),
    "worker": (Check(name="empty batch", payload={"Records": []}, expected={"batchItemFailures": []}),),
}
