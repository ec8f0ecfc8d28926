"""One execution environment: a process that has loaded one version of a function and serves its events one by one."""

import json
import os
import queue
import secrets
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from ..settings import Settings
from ..values import Json
from .api import ERROR, INIT_ERROR, READY, RESPONSE, Message, RuntimeApi
from .client import runtime_folder
from .environment import variables
from .function import Function, Invocation, LogLine, Outcome
from .log import LogReader

INIT_SECONDS = 30.0
"""How long loading a function may take. Lambda allows 10 s on a CPU of its own; here several functions share two."""

POLL_SECONDS = 0.1
"""How often it is looked whether a process that has not answered still runs."""

OUT_OF_MEMORY = "Runtime exited with error: signal: killed"
"""What Lambda says of a function that needed more memory than it has."""


class _EndedError(Exception):
    """The process has ended, or must end; `error` is what Lambda answers then."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.error: Json = {"errorType": kind, "errorMessage": message}


class Worker:
    """A started process. Not for concurrent use: whoever leased it from the pool has it alone.

    Attributes:
        stream: its log stream, one per process as on AWS.
        alive: whether it can serve another invocation.
    """

    def __init__(self, function: Function, task_root: Path, around: Settings) -> None:
        self._function = function
        today = datetime.now(UTC).strftime("%Y/%m/%d")
        self.stream = f"{today}/[{function.version}]{secrets.token_hex(16)}"
        self._api = RuntimeApi()
        self._log = LogReader()
        runtime = runtime_folder(around.python, around.functions)
        self._started = time.monotonic()
        self._initialized = False
        # -S: no site-packages, not even the interpreter's own. -B: /var/task is read-only on AWS, so a bundle without
        # valid bytecode is as slow here as there. -u: what a crashing function wrote last is in its log.
        self._process = subprocess.Popen(
            [around.python, "-S", "-B", "-u", "-m", "awslambdaric", function.handler],
            env=variables(function, task_root, runtime, self.stream, self._api.address, around),
            cwd=task_root,  # which is how the function finds its code first
            stdin=subprocess.DEVNULL,
            stdout=self._log.writer,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        self.alive = True

    def invoke(self, invocation: Invocation) -> Outcome:
        """Run the handler once, the initialization before it if this is the first time."""
        init: float | None = None
        began = time.monotonic()
        try:
            if not self._initialized:
                self._initialize(invocation)
                init = (time.monotonic() - self._started) * 1000
            began = time.monotonic()
            message = self._ask(invocation)
        except _EndedError as ended:
            self.stop()
            return self._outcome(invocation, ended.error, time.monotonic() - began, init, failed=True)
        seconds = time.monotonic() - began
        if message.kind == INIT_ERROR:
            self.stop()
            return self._outcome(invocation, json.loads(message.body), 0.0, init, failed=True)
        return self._outcome(invocation, json.loads(message.body), seconds, init, failed=message.kind == ERROR)

    def stop(self) -> None:
        """End the process and whatever it started."""
        if not self.alive:
            return
        self.alive = False
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._api.close()
        self._log.close()

    def _initialize(self, invocation: Invocation) -> None:
        late = _EndedError("Sandbox.Timedout", f"RequestId: {invocation.request_id} Error: Init took over 30 s")
        message = self._receive(INIT_SECONDS, late)
        if message.kind == INIT_ERROR:
            self._api.messages.put(message)  # the answer to the event that the process was started for
        self._initialized = True

    def _ask(self, invocation: Invocation) -> Message:
        """Hand over the event and wait for the answer.

        Raises:
            _EndedError: the process has ended, took too long, or needed more memory than it has.
        """
        timeout = self._function.timeout
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            **({} if invocation.trace is None else {"Lambda-Runtime-Trace-Id": invocation.trace}),
        }
        self._api.send(headers, json.dumps(invocation.event).encode())
        request = f"RequestId: {invocation.request_id} Error:"
        late = _EndedError("Sandbox.Timedout", f"{request} Task timed out after {timeout:.2f} seconds")
        message = self._receive(timeout, late)
        if message.kind == RESPONSE and self._peak_memory() > self._function.memory:
            # Lambda kills it in the middle; here it is found out at the end, which no caller can tell apart.
            raise _EndedError("Runtime.ExitError", f"{request} {OUT_OF_MEMORY}")
        return message

    def _receive(self, seconds: float, late: _EndedError) -> Message:
        """The next thing that the process says, other than that it is ready again.

        Raises:
            _EndedError: it has ended, or `late` if nothing came in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            ended = self._process.poll()
            try:
                message = self._api.messages.get(timeout=0 if ended is not None else POLL_SECONDS)
            except queue.Empty:
                if ended is not None:
                    how = f"signal: {signal.Signals(-ended).name}" if ended < 0 else f"exit status {ended}"
                    raise _EndedError("Runtime.ExitError", f"Error: Runtime exited with error: {how}") from None
                if time.monotonic() >= deadline:
                    raise late from None
                continue
            if message.kind != READY or not self._initialized:
                return message

    def _outcome(
        self, invocation: Invocation, payload: Json, seconds: float, init: float | None, *, failed: bool
    ) -> Outcome:
        lines = self._log.take(invocation.request_id)
        if failed and not self.alive and isinstance(payload, dict):
            lines = (*lines, LogLine(at=int(time.time() * 1000), text=str(payload["errorMessage"])))
        return Outcome(
            payload=payload,
            failed=failed,
            milliseconds=seconds * 1000,
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
