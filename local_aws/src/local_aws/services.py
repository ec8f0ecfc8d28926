"""How to give ministack an AWS service that it lacks."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ministack import app
from ministack.core import router

from .values import Json, Properties


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """A request to a service. Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """The operation that a JSON protocol names in X-Amz-Target, like `DescribeEndpoint`."""
        return self.headers.get("x-amz-target", "").rpartition(".")[2]

    def parameters(self) -> Properties:
        """The JSON object in the body."""
        return Properties({"body": json.loads(self.body or b"{}")}).child("body")


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    """A service's answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of_json(cls, body: Mapping[str, Json], *, status: int = 200) -> "HttpResponse":
        """An answer in AWS's JSON 1.1 protocol."""
        return cls(
            status=status, headers={"Content-Type": "application/x-amz-json-1.1"}, body=json.dumps(body).encode()
        )

    @classmethod
    def error(cls, code: str, message: str, *, status: int = 400) -> "HttpResponse":
        """An error in AWS's JSON 1.1 protocol."""
        return cls.of_json({"__type": code, "message": message}, status=status)


def serve(
    name: str, answer: Callable[[HttpRequest], Awaitable[HttpResponse]], *, target_prefix: str, host: str
) -> None:
    """Make ministack route the service's requests to `answer`, which runs on the event loop and must not block it.

    name: the service's name in request signatures, which routes requests of SDKs.
    target_prefix: what its X-Amz-Target headers begin with.
    host: pattern of its host names.
    """

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: object
    ) -> tuple[int, dict[str, str], bytes]:
        del method, query
        response = await answer(HttpRequest(path=path, headers=headers, body=body))
        return response.status, dict(response.headers), response.body

    app.SERVICE_HANDLERS[name] = handle
    router.SERVICE_PATTERNS[name] = {
        "host_patterns": [host],
        "credential_scope": name,
        "target_prefixes": [target_prefix],
    }
