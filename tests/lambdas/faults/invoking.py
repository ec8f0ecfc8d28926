"""Invoking a function as Lambda does: with a clock that runs, and an end when its time is up."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from aws_lambda_powertools.utilities.typing import LambdaContext

from ..support.lambda_events import Context


class _EndedError(BaseException):
    """Lambda ends the function; nothing in it hears of that."""


class RunningContext(Context):
    """Lambda's context of an invocation that began when this was made."""

    def __init__(self, timeout: int) -> None:
        super().__init__()
        self._ends = time.monotonic() + timeout

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # Powertools makes it static
        return int(1000 * (self._ends - time.monotonic()))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one invocation.

    text: for the page.
    served: it did what it does when nothing fails.
    seconds: that it took.
    """

    text: str
    served: bool
    seconds: float


ENDED = "ended by Lambda, without an answer"


def invoke[Result](
    function: Callable[[LambdaContext], Result], *, timeout: int, read: Callable[[Result], tuple[str, bool]]
) -> Answer:
    """Invoke a function that has `timeout` seconds. read: the text of its answer, and whether it served."""

    def end(_: int, __: FrameType | None) -> None:
        raise _EndedError

    context = RunningContext(timeout)
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    began = time.monotonic()
    try:
        text, served = read(function(context))
    except _EndedError:
        text, served = ENDED, False
    except Exception as error:  # noqa: BLE001 - as Lambda does: whatever it is, the invocation has failed
        text, served = f"raises {type(error).__name__}", False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return Answer(text=text, served=served, seconds=round(time.monotonic() - began, 1))
