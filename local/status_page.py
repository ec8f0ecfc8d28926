"""The status page of the platform on this machine: read anew when a browser asks, and a browser asks by itself."""

import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from flux_infra.environments import LOCAL
from ops.aws import Aws
from ops.page.reading import read_page
from ops.page.rendering import render

from . import machine, services

# As often as the emulator looks at its alarms.
REFRESH_SECONDS = 10
# Several windows share one reading.
FRESH_SECONDS = 3.0


class StatusPage:
    """The page as it was read last."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._reading = threading.Lock()
        self._read_at = -FRESH_SECONDS
        self._html = ""

    def html(self) -> str | None:
        """The page, not older than FRESH_SECONDS; None while AWS does not answer at all, for which clients wait."""
        if not services.answers(str(self._aws.url)):
            return None
        with self._reading:
            if time.monotonic() - self._read_at >= FRESH_SECONDS:
                self._html = render(read_page(self._aws, now=datetime.now(UTC)), refresh_seconds=REFRESH_SECONDS)
                self._read_at = time.monotonic()
            return self._html


def handler_of(page: StatusPage) -> type[BaseHTTPRequestHandler]:
    """Answers with the page, and with whether it is there."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            match self.path:
                case "/":
                    self._page(page.html())
                case "/health":
                    self._answer(200, "text/plain; charset=utf-8", "ok\n")
                case _:
                    self._answer(404, "text/plain; charset=utf-8", f"The page is at {machine.PAGE_URL}/\n")

        def _page(self, html: str | None) -> None:
            if html is None:
                self._answer(
                    503, "text/plain; charset=utf-8", "AWS on this machine does not answer; see 'make status'.\n"
                )
            else:
                self._answer(200, "text/html; charset=utf-8", html)

        def _answer(self, status: int, kind: str, text: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.send_header("cache-control", "no-store")
            self.send_header("refresh", str(REFRESH_SECONDS))
            self.send_header("x-content-type-options", "nosniff")
            self.end_headers()
            self.wfile.write(content)

    return Handler


def main() -> None:
    """Serve until stopped."""
    aws = Aws(config=LOCAL, session=machine.session(), url=machine.AWS_URL, operator="this machine")
    ThreadingHTTPServer((machine.HOST, machine.PAGE_PORT), handler_of(StatusPage(aws))).serve_forever()


if __name__ == "__main__":
    main()
