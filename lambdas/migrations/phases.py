"""Expand, then contract: what a revision may do to the release before it, and which revisions can be undone.

Two releases use the database during a canary, and the older one again after a rollback. So a revision *expands*: it
adds what the older release does not mind, and its `downgrade` takes exactly that away again. What takes away or
tightens (drop, rename, NOT NULL) is a revision of its own, the last of its release, made when no release that may come
back uses it any more: it *contracts*, says so by `contracts = Contract(...)`, and cannot be undone.
"""

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

Phase = Literal["base", "expand", "contract"]

# These made the first tables. Nothing ran on the database before them, so nothing could wait for their locks or miss
# what they changed; undoing them would delete everything. No revision is ever added to this list.
BASE = frozenset({"0001", "0002", "0003", "0004"})

_COLUMN = re.compile(r"[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*")
_RELEASE = re.compile(r"[0-9a-f]{7,40}|release/\S+")


class IrreversibleError(Exception):
    """A revision cannot be undone; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Marks a revision that takes something away.

    stopped_using: the release that was the first to do without it: its tag `release/...`, or its commit. It must be
        live everywhere, and no older release may come back, before this revision is deployed.
    columns: what is taken away or tightened, as `table.column`.
    """

    stopped_using: str
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if _RELEASE.fullmatch(self.stopped_using) is None:
            raise ValueError(
                f"Contract.stopped_using={self.stopped_using!r}: must name the release that stopped using the columns, "
                "by its tag 'release/...' or its commit"
            )
        wrong = [column for column in self.columns if _COLUMN.fullmatch(column) is None]
        if wrong or not self.columns:
            raise ValueError(
                f"Contract.columns={self.columns!r}: must name at least one column, each as 'table.column'"
            )


def refuse(reason: str) -> NoReturn:
    """The `downgrade` of a revision that cannot be undone.

    Raises:
        IrreversibleError: always, with the reason.
    """
    raise IrreversibleError(reason)
