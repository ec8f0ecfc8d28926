"""The one comment on a pull request that says what it would change, the worst first."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from policy.changes.consequence import Consequence
from policy.changes.rows import Row

# Finds the comment again, so that a second push rewrites it instead of adding another.
MARKER = "<!-- flux: what this pull request would change -->"
APPROVAL = "destructive-change-approved"

# GitHub refuses a comment of more than 65,536 characters; some are left for what it may count otherwise.
_LONGEST = 60_000
_LONGEST_ROW = 1_000
_FRAME = 200  # the heading and the two fences of a section, without the length of the fences


def destructive(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that need the label APPROVAL."""
    return [row for row in rows if row.consequence is Consequence.LOSES_DATA]


def render(rows: Sequence[Row], *, unaccepted: Sequence[str], approved: bool, costs: str = "") -> str:
    """Return the comment in Markdown, never longer than GitHub takes.

    Args:
        rows: what differs from the accepted surface of the base branch, the worst first.
        unaccepted: the environments that the base branch has no surface of.
        approved: whether the pull request has the label APPROVAL.
        costs: what ci/costs.py says, if anything.
    """
    parts = [MARKER, "## What this would change", _verdict(rows, approved=approved), *([costs] if costs else [])]
    room = _LONGEST - sum(len(part) + 2 for part in parts)
    if unaccepted:
        names = ", ".join(unaccepted)[:_LONGEST_ROW]
        parts.append(f"New, so that only rules judge it: {names}. Read its file in policy/surface whole.")
        room -= len(parts[-1]) + 2
    for consequence, found in groupby(rows, key=lambda row: row.consequence):
        section, room = _section(consequence, list(found), room=room)
        parts.append(section)
    return "\n\n".join(parts) + "\n"


def _verdict(rows: Sequence[Row], *, approved: bool) -> str:
    lost = destructive(rows)
    if not lost:
        return "Nothing that holds data, keys, messages or addresses is deleted or replaced."
    ruling = (
        f"Approved by the label `{APPROVAL}`."
        if approved
        else f"**Merging is blocked until somebody who has checked each line adds the label `{APPROVAL}`.**"
    )
    what = f"> This deletes or replaces what holds state, in {len(lost)} of the rows below."
    return f"> [!CAUTION]\n{what}\n\n{ruling}"


def _section(consequence: Consequence, rows: Sequence[Row], *, room: int) -> tuple[str, int]:
    """Return the rows of one consequence as far as there is room, and the room that is left."""
    written = [_shortened(str(row)) for row in rows]
    # A code fence longer than any in the rows, so that no row can close it.
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall("`+", "\n".join(written))), 3)
    left = room - _FRAME - 2 * len(fence)
    lines: list[str] = []
    for line in written:
        if len(line) + 1 > left:
            break
        lines.append(line)
        left -= len(line) + 1
    if len(lines) < len(rows):
        lines.append(f"… and {len(rows) - len(lines)} more; all rows are in the job's log")
        left = 0
    text = "\n".join(lines)
    opened = "" if consequence is Consequence.HARMLESS else " open"
    summary = f"<details{opened}><summary>{consequence.value}: {len(rows)}</summary>"
    return f"{summary}\n\n{fence}text\n{text}\n{fence}\n\n</details>", left


def _shortened(line: str) -> str:
    """One line of bounded length; a run of backticks would make the fences as long as itself."""
    return re.sub("`{10,}", "``````````", " ".join(line.split()))[:_LONGEST_ROW]
