"""Runs a traced bundle beside Datadog's own stand-in for its agent, and prints what arrived there as JSON.

    unshare --mount --net --map-root-user PYTHON traced_function.py AGENT BUNDLE VARIABLES

In a network and a file system of its own: the library looks for the extension at /opt/extensions and at fixed ports.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local_aws.runtime.function import Function, Invocation
from local_aws.runtime.pool import Pool
from local_aws.runtime.worker import Worker
from local_aws.settings import Settings
from local_aws.values import Json, Properties

AGENT = "http://127.0.0.1:8126"
EXTENSION_PORT = 8124


class Extension(BaseHTTPRequestHandler):
    """The extension's own address, which the library tells of each invocation's beginning and end."""

    def do_GET(self) -> None:
        self._accept()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._accept()

    def _accept(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        """Keep quiet."""


def main(agent_program: str, task_root: Path, variables: dict[str, Json]) -> None:
    """Invoke the function once, and print its answer and the spans."""
    for command in (
        ["mount", "-t", "tmpfs", "none", "/opt"],
        ["ip", "link", "set", "lo", "up"],
    ):
        subprocess.run(command, check=True)
    Path("/opt/extensions").mkdir()
    Path("/opt/extensions/datadog-agent").touch()
    extension = ThreadingHTTPServer(("127.0.0.1", EXTENSION_PORT), Extension)
    threading.Thread(target=extension.serve_forever, daemon=True).start()
    agent = subprocess.Popen(
        [agent_program, "--port", "8126"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"{AGENT}/info")
        answer = _invoke(task_root, variables)
        traces = _read(f"{AGENT}/test/traces")
    finally:
        agent.terminate()
    sys.stdout.write(json.dumps({"answer": answer, "traces": traces}))


def _invoke(task_root: Path, variables: dict[str, Json]) -> Json:
    told: dict[str, Json] = {
        "FunctionName": "authorizer",
        "FunctionArn": "arn:aws:lambda:us-east-1:333333333333:function:authorizer:7",
        "Version": "7",
        "RevisionId": "r",
        "CodeSha256": "",
        "Handler": "datadog_lambda.handler.handler",
        "Timeout": 30,
        "MemorySize": 512,
        "LoggingConfig": {"LogGroup": "/flux/prod/authorizer", "LogFormat": "Text"},
        "Environment": {"Variables": variables},
    }
    function = Function.of(Properties(told))
    pool = Pool()
    with tempfile.TemporaryDirectory() as state:
        around = Settings(port=4566, state=Path(state), python=Path(sys.base_prefix) / "bin" / "python3.13")
        invocation = Invocation(
            request_id="r1", arn="arn:of:the:alias", event={"type": "REQUEST", "headers": {"x": "PLANTED"}}
        )
        try:
            outcome = pool.invoke(function, lambda: Worker(function, task_root, around), invocation)
        finally:
            pool.close()
    return {"payload": outcome.payload, "failed": outcome.failed, "log": [line.text for line in outcome.log]}


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            _read(url)
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _read(url: str) -> Json:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - on loopback
        found: Json = json.load(answer)
    return found


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
