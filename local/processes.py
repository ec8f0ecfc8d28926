"""Background processes that are started once, found again by pid, and stopped for certain."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from .console import StepFailed


@dataclass(frozen=True, kw_only=True)
class Daemon:
    """A process that outlives the command that starts it.

    name: ends in the pid file's and the log's name.
    title: what a person calls it.
    folder: where both files lie; they stay when the process has ended.
    """

    name: str
    title: str
    folder: Path

    @property
    def log(self) -> Path:
        """What the process printed."""
        return self.folder / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def process(self) -> psutil.Process | None:
        """The running process, or None."""
        try:
            return found(self._pid_file.read_text())
        except FileNotFoundError:
            return None

    def start(self, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        """Start the process in a session of its own, its output in `log`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            started = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._pid_file.write_text(identity(psutil.Process(started.pid)))

    def stop(self, *, patience: float) -> None:
        """Ask the process to end and to end its children; after `patience` seconds, make them all.

        Raises:
            StepFailed: something of it still runs.
        """
        process = self.process()
        if process is not None:
            process.terminate()
            wait_for_end([process], seconds=patience)
        if left := end(self.session()):
            pids = ", ".join(str(survivor.pid) for survivor in left)
            raise StepFailed(f"{self.title} does not end (pid {pids})", remedy=f"look at it with 'ps -fp {pids}'")
        self._pid_file.unlink(missing_ok=True)

    def session(self) -> list[psutil.Process]:
        """Whatever the process started and is still there, also after the process itself was killed.

        It leads a session of its own, and the kernel gives its number to nobody else while a member lives.
        """
        try:
            leader = int(self._pid_file.read_text().split()[0])
        except FileNotFoundError:
            return []
        return [process for process in psutil.process_iter() if session_of(process) == leader and _runs(process)]

    def tail(self, lines: int = 15) -> str:
        """The end of the log, for an error message."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(it printed nothing)"


def identity(process: psutil.Process) -> str:
    """What `found` finds it by: its pid, and when it began, because the system gives a pid again."""
    return f"{process.pid} {process.create_time()}"


def found(identity: str) -> psutil.Process | None:
    """The process, or None when it has ended."""
    pid, created = identity.split()
    try:
        process = psutil.Process(int(pid))
    except psutil.NoSuchProcess:
        return None
    return process if process.create_time() == float(created) and _runs(process) else None


def end(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Make them end; those that do not."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it ended by itself
            process.kill()
    return wait_for_end(processes, seconds=5)


def wait_for_end(processes: Sequence[psutil.Process], *, seconds: float) -> list[psutil.Process]:
    """Wait until they have ended; those that have not after `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def session_of(process: psutil.Process) -> int | None:
    """The session that it belongs to; None when it is gone."""
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


def _runs(process: psutil.Process) -> bool:
    """Not gone, and no zombie: that has ended, and only who started it has not yet heard of it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
