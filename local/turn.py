"""Whose turn it is: of the commands that start, change or stop this checkout's platform, one at a time."""

import fcntl
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from . import machine
from .console import StepFailed, say
from .processes import end, found, identity, session_of, wait_for_end

# Who is ended stops first what it has started, and PostgreSQL takes its time.
END_PATIENCE_SECONDS = 60.0


class NotYourTurn(StepFailed):
    """Another command has the turn."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who has the turn: a command as a person knows it, and its process."""

    command: str
    process: psutil.Process

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.process.create_time()).astimezone()
        return f"{self.command} (pid {self.process.pid}, since {since:%Y-%m-%d %H:%M:%S})"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The kernel locks `file` for one process, and frees it when that ends, however it ends."""

    file: Path

    @contextmanager
    def take(self, command: str) -> Iterator[None]:
        """Have the turn until the block ends. command: what others are told of it.

        Raises:
            NotYourTurn: with who has it, since when, and what to do.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as locked:
            try:
                fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._refusal() from None
            locked.truncate(0)  # who was killed could not do it
            locked.write(f"{identity(psutil.Process())} {command}")
            locked.flush()
            try:
                yield
            finally:
                locked.truncate(0)

    def holder(self) -> Holder | None:
        """Who has the turn, without asking for it."""
        try:
            pid, created, command = self.file.read_text().split(maxsplit=2)
        except (FileNotFoundError, ValueError):  # nobody has had it, or has it any more
            return None
        process = found(f"{pid} {created}")
        return Holder(command=command, process=process) if process else None

    def end_holder(self, commands: Collection[str]) -> None:
        """Have one of `commands`, if it has the turn, clean up and end.

        Raises:
            StepFailed: it does not end.
        """
        holder = self.holder()
        if holder is None or holder.command not in commands:
            return
        say(f"{holder} is ended first.")
        process = holder.process
        its_own = [each for each in process.children(recursive=True) if session_of(each) == session_of(process)]
        process.terminate()
        if wait_for_end([process], seconds=END_PATIENCE_SECONDS):
            raise StepFailed(f"{holder} does not end", remedy=f"'kill -9 {process.pid}', then 'make down'")
        end(its_own)  # what it ran does not hear of it, and would write on into what the next command builds

    def _refusal(self) -> NotYourTurn:
        time.sleep(0.1)  # who has only just taken the turn writes first who it is
        holder = self.holder()
        if holder is None:
            return NotYourTurn(
                f"a command that cannot be seen from here works on this checkout (it holds {self.file})",
                remedy="wait for its end; it may run in a container",
            )
        return NotYourTurn(
            f"{holder} works on this checkout",
            remedy=f"wait for its end, or end it: Ctrl-C where it runs, or 'kill -INT {holder.process.pid}'",
        )


TURN = Turn(file=machine.BUILD / "local.turn")
