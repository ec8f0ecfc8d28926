"""Ends the servers of a process that was killed and could not end them itself.

PostgreSQL and Valkey go on when the process that started them is gone. So that process runs this file beside them and
tells it on standard input which servers it has; the input closes when that process ends, however it ends.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache


def started(pid: int) -> None:
    """End the server `pid` should this process be killed."""
    _tell(f"+{pid}\n")


def ended(pid: int) -> None:
    """The server `pid` has ended."""
    _tell(f"-{pid}\n")


def _tell(line: str) -> None:
    pipe = _watcher().stdin
    if pipe is None:
        raise AssertionError("Popen was asked for a pipe")
    pipe.write(line)
    pipe.flush()


@cache
def _watcher() -> subprocess.Popen[str]:
    # A process group of its own, so that what is sent to the terminal's does not end it first.
    return subprocess.Popen([sys.executable, "-I", __file__], stdin=subprocess.PIPE, text=True, process_group=0)


def watch(lines: Iterable[str]) -> None:
    """Follow what is told until nobody is left to tell it; then end the servers that still run."""
    servers: set[int] = set()
    for line in lines:
        (servers.add if line[0] == "+" else servers.discard)(int(line[1:]))
    for server in servers:
        with suppress(ProcessLookupError):
            os.kill(server, signal.SIGINT)  # PostgreSQL's fast shutdown, and Valkey's


if __name__ == "__main__":
    watch(sys.stdin)
