"""HTTP with a server that may hang, drip, never end, or send more than memory holds: bounded in time and size.

Neither urllib3 nor http.client bounds the whole of an answer: their timeouts begin anew with every byte, and they read
as much as comes. So each wait for more is limited to what is left of the whole, and reading stops at a limit.
Redirects are answers, not followed.
"""

import http.client
import io
import os
import socket
import ssl
import time
from collections.abc import Buffer, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import NamedTuple, cast, override
from urllib.parse import urlsplit

CONNECT_SECONDS = 3


class ExchangeError(RuntimeError):
    """There is no complete answer."""


class TooSlowError(ExchangeError):
    """The answer was not complete in time."""


class TooLargeError(ExchangeError):
    """The answer exceeds the limit; what came of it was thrown away."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete answer; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


class _Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


class _Receiving(io.RawIOBase):
    """What a socket receives until a moment of the monotonic clock."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        super().__init__()
        self._sock, self._until = sock, until
        self._received = sock.makefile("rb", buffering=0)

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer, /) -> int | None:
        self._sock.settimeout(_left(self._until))
        return self._received.readinto(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """All that http.client wants of a socket to read from."""
        del mode
        return io.BufferedReader(self)

    @override
    def close(self) -> None:
        self._received.close()
        super().close()


@cache
def _trust(authorities: str | None) -> ssl.SSLContext:
    """Whom to trust: read once, which takes 20 ms. authorities: OpenSSL's, if not the system's."""
    del authorities
    return ssl.create_default_context()


class _Connection(http.client.HTTPConnection):
    """Sends head and body of a request in one piece: two are two packets, and twice the work."""

    _piece = b""

    @override
    def send(self, data: object) -> None:
        if not isinstance(data, bytes):
            raise TypeError(f"a request's body is {type(data).__name__}, must be bytes")
        self._piece += data

    @override
    def getresponse(self) -> http.client.HTTPResponse:
        piece, self._piece = self._piece, b""
        super().send(piece)
        return super().getresponse()


class _SecureConnection(_Connection, http.client.HTTPSConnection):
    """The same over TLS."""


def _response(until: float, sock: socket.socket, method: str) -> http.client.HTTPResponse:
    """As http.client makes it, but for what it reads from."""
    return http.client.HTTPResponse(cast("socket.socket", _Receiving(sock, until)), method=method)


def _left(until: float) -> float:
    """Seconds for a socket to wait; never 0, which would be not to wait at all and another error."""
    return max(0.001, until - time.monotonic())


class Exchange:
    """Asks one server, over connections that are kept. Requests must be harmless to repeat.

    url: its base address, without a slash at the end.
    max_bytes: the most that an answer's body may have.
    connect_seconds: for connecting alone.
    """

    def __init__(self, url: str, *, max_bytes: int, connect_seconds: float = CONNECT_SECONDS) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._prefix = parts.hostname or "", parts.port, parts.path
        self._secure = parts.scheme == "https"
        self._max_bytes, self._connect_seconds = max_bytes, connect_seconds
        self._idle: list[http.client.HTTPConnection] = []

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None, seconds: float
    ) -> Answer:
        """Send a request and read its answer.

        seconds: for all of it.

        Raises:
            ExchangeError: the server cannot be reached, or its answer is not whole, in time and within the limit.
        """
        until, request = time.monotonic() + seconds, _Request(method, self._prefix + path, dict(headers), body)
        while True:
            kept = self._idle.pop() if self._idle else None
            connection = kept or self._connection()
            try:
                return self._exchange(connection, until, request)
            except ExchangeError:
                connection.close()
                raise
            except TimeoutError as error:
                connection.close()
                raise TooSlowError(f"no complete answer within {seconds:g} s") from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                connection.close()
                if kept is None:
                    # http.client quotes what it cannot read or send: an answer, or a header with a token in it.
                    told = f": {error}" if isinstance(error, OSError) else ""
                    raise ExchangeError(f"{type(error).__name__}{told}") from None
                # The server had ended the connection while it was not used: ask over another one.

    def _connection(self) -> http.client.HTTPConnection:
        if not self._secure:
            return _Connection(self._host, self._port, timeout=self._connect_seconds)
        trust = _trust(os.environ.get("SSL_CERT_FILE"))
        return _SecureConnection(self._host, self._port, timeout=self._connect_seconds, context=trust)

    def _exchange(self, connection: http.client.HTTPConnection, until: float, request: _Request) -> Answer:
        if connection.sock is None:
            connection.connect()  # has a limit of its own
        connection.request(request.method, request.path, body=request.body, headers=request.headers)
        connection.sock.settimeout(_left(until))  # for all that is sent
        connection.response_class = cast("type[http.client.HTTPResponse]", partial(_response, until))
        response = connection.getresponse()
        content = response.read(self._max_bytes + 1)
        if len(content) > self._max_bytes:
            raise TooLargeError(f"the answer has more than {self._max_bytes:,} bytes")
        if response.length:
            raise ExchangeError(f"the answer is cut off: {response.length:,} bytes are missing")
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=names, content=content)
