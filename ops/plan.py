"""What a rollback is made of: what it will change, how it acts, and how it knows that it worked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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


class Rollback(Protocol):
    """A rollback that has been looked into and not begun.

    changes: what it will do.
    next_step: what to do afterwards, so that code and state agree again.
    """

    @property
    def changes(self) -> Sequence[Change]:
        """What it will change."""

    @property
    def next_step(self) -> str:
        """What to do next, so that the next deployment neither undoes it nor builds on what was rolled back."""

    def act(self) -> Sequence[str]:
        """Do it, wait for its end, verify it; says what was verified.

        Raises:
            OpsError: it did not work; the message says what state that leaves.
        """
