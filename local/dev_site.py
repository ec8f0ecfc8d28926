"""The site as Next.js's development server shows it, with the deployed API behind it."""

import http.client
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import machine
from .platform import Platform

WEB = machine.ROOT / "web"
NEXT = WEB / "node_modules" / "next" / "dist" / "bin" / "next"

# Say something of one connection only, and not of the next.
_HOP_BY_HOP = {"connection", "host", "keep-alive", "transfer-encoding"}


@contextmanager
def next_dev(platform: Platform) -> Iterator[str]:
    """Run `next dev`; gives its address. Its output is in .build/local-logs/next-dev.log."""
    port = _free_port(3000)
    with ThreadingHTTPServer((machine.HOST, 0), _passing_on_to(platform.site_url)) as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        with (machine.LOGS / "next-dev.log").open("wb") as log:
            process = subprocess.Popen(
                [machine.NODE_BIN / "node", NEXT, "dev", f"--hostname={machine.HOST}", f"--port={port}"],
                cwd=WEB,
                env=os.environ
                | {"FLUX_API_URL": f"http://{machine.HOST}:{api.server_port}", "NEXT_TELEMETRY_DISABLED": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,  # it ends with us, after Ctrl-C too
            )
            try:
                yield f"http://{machine.HOST}:{port}"
            finally:
                process.terminate()
                process.wait()
                api.shutdown()


def _passing_on_to(site_url: str) -> type[BaseHTTPRequestHandler]:
    """A handler that asks CloudFront on this machine under the site's name, which Node cannot look up."""
    site = site_url.removeprefix("http://")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            connection = http.client.HTTPConnection(machine.HOST, machine.AWS_PORT, timeout=60)
            connection.request(self.command, self.path, body, headers | {"host": site})
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the base class names them so

        def log_message(self, *_: object) -> None:
            """Stay quiet: the API logs what it is asked."""

    return Handler


def _free_port(wanted: int) -> int:
    """The port, or any other where that one is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind((machine.HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free")
