"""One harmless request to each function, as its caller would send it, to see it answer after a rollback."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flux_infra.config import WORKERS

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A request and the answer it must get. name: for the operator. member, value: what the answer must have."""

    name: str
    event: Mapping[str, Json]
    member: str
    value: Json

    def accepts(self, answer: bytes) -> bool:
        """Whether the answer is the right one."""
        try:
            parsed = json.loads(answer)
        except ValueError:
            return False
        return isinstance(parsed, dict) and self.member in parsed and parsed[self.member] == self.value


def _http(method: str, path: str) -> dict[str, Json]:
    """An API Gateway event, payload format 2.0."""
    http: dict[str, Json] = {"method": method, "path": path, "protocol": "HTTP/1.1"}
    http |= {"sourceIp": "127.0.0.1", "userAgent": "ops"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "host": "flux-ops",
            "content-type": "application/json",
            "x-square-hmacsha256-signature": "Zm9yZ2Vk",  # forged
        },
        "requestContext": {"http": http, "requestId": "flux-ops", "stage": "$default"},
        "body": "{}" if method == "POST" else None,
        "isBase64Encoded": False,
    }


PROBES: Mapping[str, Probe] = {
    # Ready asks the database and the cache.
    "api": Probe(name="GET /api/v1/ready", event=_http("GET", "/api/v1/ready"), member="statusCode", value=200),
    # Refusing a forged event needs the signature's key from its secret.
    "webhook": Probe(
        name="a forged webhook", event=_http("POST", "/api/v1/webhooks/square"), member="statusCode", value=401
    ),
    # Refusing a forged header needs the origin secret.
    "authorizer": Probe(
        name="a forged origin header",
        event={**_http("GET", "/api/v1/health"), "type": "REQUEST", "identitySource": ["forged"]},
        member="isAuthorized",
        value=False,
    ),
    **dict.fromkeys(WORKERS, Probe(name="an empty batch", event={"Records": []}, member="batchItemFailures", value=[])),
}
