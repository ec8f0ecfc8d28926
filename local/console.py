"""What a person sees while the platform comes up: one line a step, how long it took, and plain words on failure."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class StepFailed(Exception):  # noqa: N818 - reads as what happened
    """A step did not succeed; says why and what to do about it."""

    def __init__(self, why: str, *, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


class Explained(Exception):  # noqa: N818 - reads as what happened
    """Something went wrong and has been told to the person in front of the screen."""


UNFORESEEN = "this was not foreseen; the logs in .build/local-logs may say more, and 'make down' cleans up"


def say(line: str = "", *, end: str = "\n") -> None:
    """Print at once, also through a pipe."""
    sys.stdout.write(line + end)
    sys.stdout.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, then say on the same line how long it took; a failure is explained before it goes on its way."""
    say(f"  {title} ... ", end="")
    started = time.monotonic()
    try:
        yield
    except StepFailed as failure:
        say(f"failed\n\nFAILED while: {title}\n  why:  {failure.why}\n  what to do: {failure.remedy}")
        raise Explained from failure
    except Exception as error:
        say(f"failed\n\nFAILED while: {title}\n  why:  {type(error).__name__}: {error}\n  what to do: {UNFORESEEN}")
        raise Explained from error
    say(f"{time.monotonic() - started:.1f} s")
