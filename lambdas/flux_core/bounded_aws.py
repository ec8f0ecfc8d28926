"""Clients of AWS that wait no longer for a whole answer than they say, and read no more than an answer has.

botocore's own limit begins anew with every byte, and it reads as much as comes: a service, or whoever answers in its
place, that sends a byte now and then, or does not end, would hold a function until Lambda ends it, or fill its memory.
And it takes a page for people with status 200 for success with nothing to say; so what is not AWS's is refused here.
"""

import io
from collections.abc import Callable, Iterator
from typing import Protocol, cast
from urllib.parse import urlsplit, urlunsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders

from .aws_exchange import MAX_BYTES, AwsExchange


def bounded[Client: BaseClient](client: Client, *, max_bytes: int = MAX_BYTES) -> Client:
    """The client, each of whose tries ends when its limits for connecting and reading have passed, one after the other.

    max_bytes: the most that an answer may have.
    """
    sender = _Sender(cast("_Limits", client.meta.config), max_bytes=max_bytes)
    client.meta.events.register("before-send", cast("Callable[..., None]", sender.send))
    return client


class _Limits(Protocol):
    """What botocore's Config has, and its stubs do not tell. In seconds."""

    connect_timeout: float
    read_timeout: float


class _Content(io.BytesIO):
    """An answer that is here already, read as botocore reads urllib3's."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


class _Sender:
    """Sends botocore's requests in its place."""

    def __init__(self, limits: _Limits, *, max_bytes: int) -> None:
        self._limits = limits
        self._max_bytes = max_bytes
        self._exchanges: dict[str, AwsExchange] = {}

    def send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Answer botocore's event `before-send`, which takes what is returned for the service's answer."""
        address = urlsplit(request.url)
        server = f"{address.scheme}://{address.netloc}"
        if server not in self._exchanges:
            self._exchanges[server] = AwsExchange(
                server,
                connect_seconds=self._limits.connect_timeout,
                read_seconds=self._limits.read_timeout,
                max_bytes=self._max_bytes,
            )
        path = urlunsplit(("", "", address.path or "/", address.query, ""))
        answer = self._exchanges[server].ask(
            str(request.method),
            path,
            headers={name: _text(value) for name, value in request.headers.items()},
            body=_content(request.body),
        )
        headers = HTTPHeaders.from_dict(dict(answer.headers))
        return AWSResponse(request.url, answer.status, headers, _Content(answer.content))


def _content(body: object) -> bytes | None:
    match body:
        case None:
            return None
        case str():
            return body.encode()
        case bytes() | bytearray():
            return bytes(body)
        case _:
            raise TypeError(f"a request's body is {type(body).__name__}; Flux sends text and bytes only")


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
