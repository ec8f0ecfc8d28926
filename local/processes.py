"""Background processes that are started once, found again by pid, and stopped for certain."""

import os
import subprocess
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
    folder: where both files lie; they stay when the process has ended.
    """

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        """What the process printed."""
        return self.folder / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def process(self) -> psutil.Process | None:
        """The running process, or None; a pid that the system has since given to another process is not ours."""
        try:
            pid, created = self._pid_file.read_text().split()
            process = psutil.Process(int(pid))
            ours = process.create_time() == float(created) and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, psutil.NoSuchProcess):
            return None
        return process if ours else None

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
        self._pid_file.write_text(f"{started.pid} {psutil.Process(started.pid).create_time()}")

    def stop(self, *, patience: float) -> None:
        """Ask the process to end and to end its children; after `patience` seconds, make them all.

        Raises:
            StepFailed: something of it still runs.
        """
        process = self.process()
        if process is not None:
            process.terminate()
            psutil.wait_procs([process], timeout=patience)
        _, left = psutil.wait_procs(_end(self.session()), timeout=5)
        if left:
            pids = ", ".join(str(survivor.pid) for survivor in left)
            raise StepFailed(f"{self.name} does not end (pid {pids})", remedy=f"look at it with 'ps -fp {pids}'")
        self._pid_file.unlink(missing_ok=True)

    def session(self) -> list[psutil.Process]:
        """Whatever the process started and is still there, also after the process itself was killed.

        It leads a session of its own, and the kernel gives its number to nobody else while a member lives.
        """
        try:
            leader = int(self._pid_file.read_text().split()[0])
        except FileNotFoundError:
            return []
        return [process for process in psutil.process_iter() if _session_of(process) == leader]

    def tail(self, lines: int = 15) -> str:
        """The end of the log, for an error message."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(it printed nothing)"


def _end(processes: list[psutil.Process]) -> list[psutil.Process]:
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it ended by itself
            process.kill()
    return processes


def _session_of(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None
