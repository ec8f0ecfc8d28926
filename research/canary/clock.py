"""When CloudWatch shows what, and when somebody acts on it.

Time is counted in slots of ten seconds from the moment at which the new version takes traffic. Sources:
- a minute's datapoint is complete when the minute is over: "Lambda sends metric data to CloudWatch in 1-minute
  intervals" (Lambda Developer Guide, "Using CloudWatch metrics with Lambda");
- alarms with periods of a minute or more are evaluated every minute, over a window that slides with each evaluation
  (CloudWatch User Guide, "Alarm evaluation" and "Alarm evaluation window": SlidingWindow is the default).
Nobody promises how long a datapoint takes to appear; 30 to 90 s is our assumption ("Why alarms delay" on AWS re:Post
names ingestion as the first cause of delay, without a number).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Counts = npt.NDArray[np.int64]

SLOT_SECONDS = 10
MINUTE = 60 // SLOT_SECONDS  # slots
HISTORY = 6 * MINUTE  # slots before the release that an alarm of five minutes can still see
PUBLICATION = (3, 9)  # slots from the end of a minute until its datapoint appears
REACTION = 1  # slots until CodeDeploy has polled the alarm and moved the alias


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How the clocks of release and CloudWatch stand to each other, run by run.

    phase: slots of the clock minute that have passed when the release begins.
    decided: slot of the evaluation that first sees minute 0, the minute of the release; every later minute is seen
        one minute later.
    """

    phase: Counts
    decided: Counts

    @classmethod
    def draw(cls, random: np.random.Generator, runs: int, *, extra_delay: int = 0) -> "Clock":
        """Draw phases and delays; `extra_delay` is in slots, for the question what a slower CloudWatch would do."""
        phase = random.integers(0, MINUTE, runs)
        visible = MINUTE - phase + random.integers(PUBLICATION[0], PUBLICATION[1] + 1, runs) + extra_delay
        until_evaluation = random.integers(0, MINUTE, runs)
        return cls(phase=phase, decided=visible + until_evaluation)

    def minutes(self, slots: Counts) -> Counts:
        """Sums over clock minutes, of counts by slot of which the first HISTORY lie before the release.

        Returns:
            By run and minute; minute HISTORY/MINUTE - 1 holds the release's beginning, unless that is on the minute,
            when it is the first one of the release's; the last, incomplete minute is left out.
        """
        runs, length = slots.shape
        total = np.concatenate([np.zeros((runs, 1), dtype=np.int64), np.cumsum(slots, axis=1)], axis=1)
        count = length // MINUTE - 1
        # Minute m of the result begins this many slots after the first one that is known.
        begins = (MINUTE - self.phase)[:, None] + MINUTE * np.arange(count)[None, :]
        return np.asarray(np.take_along_axis(total, begins + MINUTE, 1) - np.take_along_axis(total, begins, 1))

    def decisions(self, count: int) -> Counts:
        """Slot at which each of `count` minutes of `minutes` leads to a decision; negative before the release."""
        # The minute of the release is the last of the history, which `minutes` has shortened by one.
        offset = np.arange(count) - (HISTORY // MINUTE - 1)
        return np.asarray(self.decided[:, None] + MINUTE * offset[None, :])
