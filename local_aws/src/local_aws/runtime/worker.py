"""One execution environment: a process that has loaded one version of a function and serves its events one by one."""

import json
import os
import secrets
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ..values import Json
from .environment import Surroundings, variables
from .function import Function, Invocation, LogLine, Outcome
from .log import LogReader

INIT_SECONDS = 30.0
"""How long loading a function may take. Lambda allows 10 s on a CPU of its own; here several functions share two."""

OUT_OF_MEMORY = "Runtime exited with error: signal: killed"
"""What Lambda says of a function that needed more memory than it has."""

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


class Worker:
    """A started process. Not for concurrent use: whoever leased it from the pool has it alone.

    Attributes:
        stream: its log stream, one per process as on AWS.
        alive: whether it can serve another invocation.
    """

    def __init__(self, function: Function, task_root: Path, around: Surroundings) -> None:
        self._function = function
        today = datetime.now(UTC).strftime("%Y/%m/%d")
        self.stream = f"{today}/[{function.version}]{secrets.token_hex(16)}"
        self._started = time.monotonic()
        self._init: float | None = None
        self._channel, theirs = socket.socketpair()
        with theirs:
            # -S: no site-packages, not even the interpreter's own. -P: the bootstrap's folder is not importable.
            # -B: /var/task is read-only on AWS, so a bundle without valid bytecode is as slow here as there.
            # -u: what a crashing function wrote last is in its log.
            self._process = subprocess.Popen(
                [around.python, "-S", "-P", "-B", "-u", _BOOTSTRAP, str(theirs.fileno()), self._format],
                env=variables(function, task_root, self.stream, around),
                cwd=task_root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                process_group=0,
            )
        self._messages: BinaryIO = self._channel.makefile("rb")
        if self._process.stdout is None:
            raise AssertionError("Popen was asked for a pipe")
        self._log = LogReader(self._process.stdout)
        self.alive = True

    @property
    def _format(self) -> str:
        return "JSON" if self._function.json_logs else "Text"

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run the handler once, the initialization before it if this is the first time."""
        if self._init is None and (failed := self._initialize(invocation)) is not None:
            return failed
        init, self._init = self._init, 0.0
        began = time.monotonic()
        message = {
            "request_id": invocation.request_id,
            "arn": invocation.arn,
            "event": invocation.event,
            "trace": invocation.trace,
            "deadline": time.time() + self._function.timeout,
        }
        try:
            self._channel.sendall(json.dumps(message).encode() + b"\n")
            reply = self._receive(self._function.timeout)
        except TimeoutError:
            reason = f"Task timed out after {self._function.timeout:.2f} seconds"
            reply = {"error": self._ended(invocation, "Sandbox.Timedout", reason)}
        except OSError as error:
            reply = {"error": self._ended(invocation, "Runtime.ExitError", f"Runtime closed its socket: {error}")}
        milliseconds = (time.monotonic() - began) * 1000
        if self.alive and self._peak_memory() > self._function.memory:
            # Lambda kills it in the middle; here it is found out at the end, which no caller can tell apart.
            reply = {"error": self._ended(invocation, "Runtime.ExitError", OUT_OF_MEMORY)}
        return self._outcome(invocation, reply, milliseconds, init or None)

    def stop(self) -> None:
        """End the process and whatever it started."""
        self.alive = False
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._messages.close()
        self._channel.close()
        self._log.close()

    def _initialize(self, invocation: Invocation) -> Outcome | None:
        try:
            reply = self._receive(INIT_SECONDS)
        except TimeoutError:
            reply = {"error": self._ended(invocation, "Sandbox.Timedout", f"Init took more than {INIT_SECONDS:.0f} s")}
        self._init = (time.monotonic() - self._started) * 1000
        if "error" not in reply:
            return None
        self.alive = False
        return self._outcome(invocation, reply, 0.0, self._init)

    def _receive(self, seconds: float) -> dict[str, Json]:
        """The next message of the process; an error if it has ended instead.

        Raises:
            TimeoutError: none came in time. The stream cannot be read any more after that.
        """
        self._channel.settimeout(seconds)
        line = self._messages.readline()
        if not line:
            self.alive = False
            status = self._process.wait()
            how = f"signal: {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
            return {
                "error": {"errorType": "Runtime.ExitError", "errorMessage": f"Error: Runtime exited with error: {how}"}
            }
        received: dict[str, Json] = json.loads(line)
        return received

    def _ended(self, invocation: Invocation, kind: str, reason: str) -> Json:
        """End the process; the error object that says why."""
        self.stop()
        return {"errorType": kind, "errorMessage": f"RequestId: {invocation.request_id} Error: {reason}"}

    def _outcome(
        self, invocation: Invocation, reply: dict[str, Json], milliseconds: float, init: float | None
    ) -> Outcome:
        lines = self._log.take(invocation.request_id)
        error = reply.get("error")
        if isinstance(error, dict) and not self.alive:
            lines = (*lines, LogLine(at=int(time.time() * 1000), text=str(error["errorMessage"])))
        return Outcome(
            payload=reply.get("result") if error is None else error,
            failed=error is not None,
            milliseconds=milliseconds,
            init_milliseconds=init,
            log=lines,
            stream=self.stream,
            memory=self._peak_memory(),
        )

    def _peak_memory(self) -> int:
        """MiB that the process has held at most; 0 once it has ended."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        except FileNotFoundError:
            return 0
        peak = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
        return int(peak.split()[1]) // 1024
