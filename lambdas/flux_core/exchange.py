"""HTTP with a server that may hang, drip, never end, or send more than memory holds: bounded in time and size.

Neither urllib3 nor http.client bounds the whole of an answer: their timeouts begin anew with every byte, and they read
as much as comes. So a timer cuts the connection, and reading stops at a limit. Redirects are answers, not followed.
"""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
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


class _Stopwatch:
    """Shuts a connection's socket down when time is up, which ends whatever another thread waits for on it."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self.rang = False
        self._connection: http.client.HTTPConnection | None = None
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()
            self._connection = None

    def watch(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        if connection.sock is None:
            connection.connect()  # has a limit of its own
        connection.sock.settimeout(max(0.001, self._until - time.monotonic()))

    def _ring(self) -> None:
        self.rang = True
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


class Exchange:
    """Asks one server, over connections that are kept. Requests must be harmless to repeat.

    url: its base address, without a slash at the end.
    max_bytes: the most that an answer's body may have.
    connect_seconds: for connecting alone.
    """

    def __init__(self, url: str, *, max_bytes: int, connect_seconds: float = CONNECT_SECONDS) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._prefix = parts.hostname or "", parts.port, parts.path
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
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
        stopwatch, request = _Stopwatch(seconds), _Request(method, self._prefix + path, dict(headers), body)
        with stopwatch.running():
            while True:
                kept = self._idle.pop() if self._idle else None
                connection = kept or self._kind(self._host, self._port, timeout=self._connect_seconds)
                try:
                    return self._exchange(connection, stopwatch, request)
                except ExchangeError:
                    connection.close()
                    raise
                except (OSError, http.client.HTTPException, ValueError) as error:
                    connection.close()
                    if stopwatch.rang or isinstance(error, TimeoutError):
                        raise TooSlowError(f"no complete answer within {seconds:g} s") from error
                    if kept is None:
                        # http.client quotes what it cannot read or send: an answer, or a header with a token in it.
                        told = f": {error}" if isinstance(error, OSError) else ""
                        raise ExchangeError(f"{type(error).__name__}{told}") from None
                    # The server had ended the connection while it was not used: ask over another one.

    def _exchange(self, connection: http.client.HTTPConnection, stopwatch: _Stopwatch, request: _Request) -> Answer:
        stopwatch.watch(connection)
        connection.request(request.method, request.path, body=request.body, headers=request.headers)
        response = connection.getresponse()
        content = response.read(self._max_bytes + 1)
        if stopwatch.rang:
            raise TooSlowError("the answer was cut off when its time was up")
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
