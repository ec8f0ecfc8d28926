"""Lambda's runtime API, as one function's process meets it ("Using the Lambda runtime API for custom runtimes")."""

import queue
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override

HOST = "127.0.0.1"
READY, INIT_ERROR, RESPONSE, ERROR = "ready", "init/error", "response", "error"


@dataclass(frozen=True, kw_only=True)
class Message:
    """What the process says. kind: READY, INIT_ERROR, RESPONSE or ERROR. body: JSON."""

    kind: str
    body: bytes = b""


class RuntimeApi:
    """Hands events to one process, and takes what it answers.

    Attributes:
        address: host and port, for AWS_LAMBDA_RUNTIME_API.
        messages: what the process says, in order.
    """

    def __init__(self) -> None:
        self.messages: queue.Queue[Message] = queue.Queue()
        self._events: queue.Queue[tuple[Mapping[str, str], bytes] | None] = queue.Queue()
        self._server = ThreadingHTTPServer((HOST, 0), self._handler())
        self.address = f"{HOST}:{self._server.server_port}"
        threading.Thread(target=self._accept, name="runtime-api", daemon=True).start()

    def send(self, headers: Mapping[str, str], event: bytes) -> None:
        """Answer the process's next request for an event."""
        self._events.put((headers, event))

    def close(self) -> None:
        """Stop listening; a process that still waits for an event ends."""
        self._events.put(None)
        self._server.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._server.server_close()

    def _accept(self) -> None:
        # Not serve_forever, which looks every so often whether it shall stop: there are many of these.
        while True:
            try:
                self._server.process_request(*self._server.get_request())
            except OSError:
                return

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        messages, events = self.messages, self._events

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # the process keeps its connection
            wbufsize = -1  # an answer is one packet, which nobody waits for

            def do_GET(self) -> None:
                """The process is ready for an event."""
                messages.put(Message(kind=READY))
                event = events.get()
                if event is None:
                    self.close_connection = True
                    return
                headers, body = event
                self._answer(200, body, headers)

            def do_POST(self) -> None:
                """The process answers an event, or could not be initialized."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kind = INIT_ERROR if self.path.endswith(INIT_ERROR) else self.path.rpartition("/")[2]
                messages.put(Message(kind=kind, body=body))
                self._answer(202, b'{"status": "OK"}', {})

            def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response_only(status)
                content = {"Content-Type": "application/json", "Content-Length": str(len(body))}
                for name, value in {**headers, **content}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            @override
            def handle(self) -> None:
                """Serve until either side closes the connection, which a process that is stopped does abruptly."""
                with suppress(ConnectionError):
                    super().handle()

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the function's own log is what counts."""

        return Handler
