"""How much time an invocation has left, so that a function answers for itself when what it needs does not."""

import math
import time
from collections.abc import Callable

from aws_lambda_powertools.utilities.typing import LambdaContext


class Deadline:
    """When a request must have its answer: a little before Lambda ends the function.

    Before the first request there is none.

    answer_seconds: kept for the answer itself.
    """

    def __init__(self, *, answer_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._answer_seconds = answer_seconds
        self._clock = clock
        self._ends = math.inf

    def begin(self, context: LambdaContext) -> None:
        """A request has arrived."""
        self._ends = self._clock() + context.get_remaining_time_in_millis() / 1000 - self._answer_seconds

    def left(self) -> float:
        """Seconds until it; below 0 after it."""
        return self._ends - self._clock()


def no_deadline() -> float:
    """The seconds left to a function for whose answer nobody waits."""
    return math.inf
