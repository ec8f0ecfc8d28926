"""The doctor's table as a person reads it."""

import textwrap
from collections.abc import Sequence

from .check import Row, State

_WIDTH = 120


def as_text(rows: Sequence[Row]) -> str:
    """A row for each check; under it what to do, if anything; then how many stop a deployment."""
    columns = (max(len(state.value) for state in State), max(len(row.what) for row in rows))
    return "\n".join([*(_row(row, columns) for row in rows), "", _summary(rows)])


def stops(rows: Sequence[Row]) -> bool:
    """Whether something is missing that stops a deployment."""
    return any(row.answer.state is State.MISSING for row in rows)


def _row(row: Row, columns: tuple[int, int]) -> str:
    state, what = columns
    indent = " " * (state + 2)
    word = row.answer.state.value
    if row.answer.state is State.MISSING:
        word = word.upper()
    lines = [f"{word:<{state}}  {row.what:<{what}}  needed: {row.needed}; present: {row.answer.present}"]
    if row.answer.remedy:
        # Not broken at hyphens, so that commands can be copied.
        lines += textwrap.wrap(
            f"what to do: {row.answer.remedy}",
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _summary(rows: Sequence[Row]) -> str:
    counts = {state: sum(row.answer.state is state for row in rows) for state in State}
    verdict = "A deployment would fail." if stops(rows) else "Nothing is known to stop a deployment."
    return (
        f"{verdict} {counts[State.OK]} ok, {counts[State.MISSING]} missing, {counts[State.TO_DO]} to do, "
        f"{counts[State.UNKNOWN]} not known here."
    )
