"""What a rollback is made of: what it will change, how it acts, and what is to be done after it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that a rollback changes.

    what: the thing, as an operator calls it.
    current, target: before and after.
    note: what else to know before saying yes.
    """

    what: str
    current: str
    target: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Rollback:
    """A rollback that has been looked into and not begun.

    changes: what it will do.
    next_step: what to do afterwards, so that the next deployment neither undoes it nor builds on what was rolled back.
    act: does it, waits for its end, verifies it, and says what was verified; raises OpsError if it did not work, and
        the message says what state that leaves.
    """

    changes: Sequence[Change]
    next_step: str
    act: Callable[[], Sequence[str]]
