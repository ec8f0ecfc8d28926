"""The doctor's table as a person reads it: first what stops a deployment, last what nobody could say."""

import textwrap
from collections.abc import Sequence
from itertools import groupby

from .check import Row, State

_WIDTH = 120
_ORDER = (State.MISSING, State.TO_DO, State.OK, State.UNKNOWN)


def as_text(rows: Sequence[Row]) -> str:
    """A row for each check; under it what to do, if anything; then how many stop a deployment.

    Those that are not known for one and the same reason share a row.
    """
    columns = (max(len(state.value) for state in State), max(len(row.what) for row in rows))
    ordered = sorted(rows, key=lambda row: _ORDER.index(row.answer.state))
    known = [row for row in ordered if row.answer.state is not State.UNKNOWN]
    unknown = sorted(ordered[len(known) :], key=_reason)
    return "\n".join(
        [
            *(_row(row, columns) for row in known),
            *(_unknown(list(group), columns) for _, group in groupby(unknown, key=_reason)),
            "",
            _summary(rows),
        ]
    )


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
        lines.append(_wrapped(f"what to do: {row.answer.remedy}", indent=indent))
    return "\n".join(lines)


def _reason(row: Row) -> tuple[str, str]:
    return row.answer.present, row.answer.remedy


def _unknown(rows: Sequence[Row], columns: tuple[int, int]) -> str:
    first, *others = rows
    if not others:
        return _row(first, columns)
    indent = " " * (columns[0] + 2)
    word = f"{first.answer.state.value:<{columns[0]}}  "
    lines = [_wrapped(f"{len(rows)} checks: {first.answer.present}", indent=indent, begins=word)]
    if first.answer.remedy:
        lines.append(_wrapped(f"what to do: {first.answer.remedy}", indent=indent))
    lines.append(_wrapped(f"which: {', '.join(row.what for row in rows)}", indent=indent))
    return "\n".join(lines)


def _wrapped(text: str, *, indent: str, begins: str | None = None) -> str:
    """The text in lines, not broken at hyphens, so that commands can be copied. begins: for the first indent."""
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=indent if begins is None else begins,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(rows: Sequence[Row]) -> str:
    counts = {state: sum(row.answer.state is state for row in rows) for state in State}
    verdict = "A deployment would fail." if stops(rows) else "Nothing is known to stop a deployment."
    return (
        f"{verdict} {counts[State.OK]} ok, {counts[State.MISSING]} missing, {counts[State.TO_DO]} to do, "
        f"{counts[State.UNKNOWN]} not known here."
    )
