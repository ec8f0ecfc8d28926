"""The one comment on a pull request that says what it would change, the worst first."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from policy.changes.consequence import Consequence
from policy.changes.rows import Row

# Finds the comment again, so that a second push rewrites it instead of adding another.
MARKER = "<!-- flux: what this pull request would change -->"
APPROVAL = "destructive-change-approved"

# GitHub refuses a comment of more than 65,536 characters; some are left for headings and for what is not one byte.
_LONGEST = 60_000
_LONGEST_ROW = 1_000


def destructive(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that need the label APPROVAL."""
    return [row for row in rows if row.consequence is Consequence.LOSES_DATA]


def render(rows: Sequence[Row], *, unaccepted: Sequence[str], approved: bool) -> str:
    """Return the comment in Markdown, never longer than GitHub takes.

    Args:
        rows: what differs from the accepted surface of the base branch, the worst first.
        unaccepted: the environments that the base branch has no surface of.
        approved: whether the pull request has the label APPROVAL.
    """
    parts = [MARKER, "## What this would change", _verdict(rows, approved=approved)]
    parts += [f"{name} is new: only rules judge it. Read policy/surface/{name} whole." for name in unaccepted]
    room = _LONGEST - sum(len(part) for part in parts)
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
    lines: list[str] = []
    for row in rows:
        line = str(row)[:_LONGEST_ROW]
        if len(line) + 1 > room:
            break
        lines.append(line)
        room -= len(line) + 1
    if len(lines) < len(rows):
        lines.append(f"… and {len(rows) - len(lines)} more; all rows are in the job's log")
        room = 0
    text = "\n".join(lines)
    # A code fence longer than any in the rows, so that no row can close it.
    fence = "`" * (max((len(list(run)) for mark, run in groupby(text) if mark == "`"), default=0) + 3)
    opened = "" if consequence is Consequence.HARMLESS else " open"
    summary = f"<details{opened}><summary>{consequence.value}: {len(rows)}</summary>"
    return f"{summary}\n\n{fence}text\n{text}\n{fence}\n\n</details>", room - 200
