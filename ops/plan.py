"""What a rollback is made of: what it will change, how it acts, and what is to be done after it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .origins import UNKNOWN, Origin


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that a rollback changes.

    what: the thing, as an operator calls it.
    current, target: before and after.
    note: what else to know before saying yes.
    current_origin, target_origin: where both come from.
    """

    what: str
    current: str
    target: str
    note: str = ""
    current_origin: Origin = UNKNOWN
    target_origin: Origin = UNKNOWN

    def lines(self) -> list[str]:
        """What an operator reads before saying yes."""
        return [
            f"  {self.what}",
            f"    {self.current} -> {self.target}",
            f"    {self.current}: {self.current_origin}",
            f"    {self.target}: {self.target_origin}",
            *([f"    {self.note}"] if self.note else []),
        ]


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

    @property
    def planned(self) -> str:
        """The plan in one line, by which it is known again after somebody has approved it."""
        return "; ".join(f"{change.what}: {change.current} -> {change.target}" for change in self.changes)
