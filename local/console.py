"""What a person sees while the platform comes up: one line a step, how long it took, and plain words on failure."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StepFailed(Exception):  # noqa: N818 - reads as what happened
    """A step did not succeed; says why and what to do about it."""

    def __init__(self, why: str, *, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


class Explained(Exception):  # noqa: N818 - reads as what happened
    """Something went wrong and has been told to the person in front of the screen."""


class Interrupted(BaseException):
    """Asked to end: Ctrl-C, a closed terminal, a cancelled job, a reader that has seen enough."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def end(self) -> int:
        """The exit status. A `make` that runs us ends by the same signal; an error status would make it complain."""
        if "MAKELEVEL" not in os.environ:
            return 128 + self.number
        os.kill(os.getppid(), self.number)
        return 0


_REST_OF_LINE = "\x1b[K"  # a terminal clears it

UNFORESEEN = "read the logs in .build/local-logs; 'make down' cleans up"

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def catch_signals() -> None:
    """Have the first request to end raise `Interrupted`; later ones are ignored, so that cleaning up is finished."""

    def interrupt(number: int, _: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    for each in _SIGNALS:
        signal.signal(each, interrupt)


def say(line: str = "", *, end: str = "\n") -> None:
    """Print at once, also through a pipe.

    Raises:
        Interrupted: whoever read has gone; what is said from then on is lost.
        Explained: standard output takes nothing, for another reason.
    """
    try:
        sys.stdout.write(line + end)
        sys.stdout.flush()
    except OSError as error:
        # What did not get out is kept, and would fail again when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise Interrupted(signal.SIGPIPE) from error
        sys.stderr.write(f"standard output cannot be written ({error.strerror}): write it to another place\n")
        raise Explained from error


def explain(failure: StepFailed, title: str) -> None:
    """Say what failed, why, and what to do."""
    say(f"\nFAILED: {title}\n  why:  {failure.why}\n  what to do: {failure.remedy}")


class Step:
    """A step's line on the screen. A terminal sees how far it is; what is no terminal gets a line for each part."""

    def __init__(self, title: str) -> None:
        self._head = f"  {title} ... "
        self._in_place = sys.stdout.isatty()
        self._shown = self._parted = False
        say(self._head, end="")

    def show(self, progress: str) -> None:
        """Say how far it is, in the place of what was said before."""
        if self._in_place:
            room = shutil.get_terminal_size().columns - len(self._head) - 1
            say(f"\r{self._head}{progress[: max(room, 0)]}{_REST_OF_LINE}", end="")
            self._shown = True

    def finish_part(self, part: str) -> None:
        """Say that a part of it is done."""
        if not self._in_place:
            say(f"{'' if self._parted else '\n'}    {part}")
            self._parted = True

    def end(self, outcome: str) -> None:
        """Say how it ended."""
        if self._shown:
            self.show("")
        say(f"    {outcome}" if self._parted else outcome)


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Announce a step, then say on the same line how long it took; a failure is explained before it goes on its way."""
    told = Step(title)
    started = time.monotonic()
    try:
        yield told
    except StepFailed as failure:
        told.end("failed")
        explain(failure, title)
        raise Explained from failure
    except Exception as error:
        told.end("failed")
        explain(StepFailed(f"{type(error).__name__}: {error}", remedy=UNFORESEEN), title)
        raise Explained from error
    except Interrupted:
        told.end("interrupted")
        raise
    told.end(f"{time.monotonic() - started:.1f} s")
