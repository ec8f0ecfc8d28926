"""The one comment on a pull request that says what it would do to each environment."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .difference import Change

# Finds the comment again, so that a second push rewrites it instead of adding another.
MARKER = "<!-- flux: what this pull request would change -->"
APPROVAL = "destructive-change-approved"

# GitHub refuses a comment of more than 65,536 characters; some are left for the words around the reports.
_LONGEST_REPORTS = 55_000


@dataclass(frozen=True, kw_only=True)
class Report:
    """What `cdk diff` printed for one environment, and what was read from it."""

    text: str
    changes: tuple[Change, ...]

    @property
    def destructive(self) -> tuple[Change, ...]:
        """The changes that lose something."""
        return tuple(change for change in self.changes if change.destructive)


def render(reports: Mapping[str, Report], *, approved: bool) -> str:
    """Return the comment in Markdown.

    Args:
        reports: by environment, in the order in which they are deployed.
        approved: whether the pull request has the label APPROVAL.
    """
    room = _LONGEST_REPORTS // max(len(reports), 1)
    sections = [_section(name, report, room=room) for name, report in reports.items()]
    return "\n\n".join([MARKER, "## What this would change", _verdict(reports, approved=approved), *sections]) + "\n"


def _verdict(reports: Mapping[str, Report], *, approved: bool) -> str:
    rows = [
        f"| {name} | {change.stack} | `{change.path}` | {change.resource_type} | **{change.impact}** |"
        for name, report in reports.items()
        for change in report.destructive
    ]
    if not rows:
        return "Nothing that holds data, keys, messages or addresses is deleted or replaced."
    ruling = (
        f"Approved by the label `{APPROVAL}`."
        if approved
        else f"**Merging is blocked until somebody who has checked each line adds the label `{APPROVAL}`.**"
    )
    head = "| environment | stack | resource | type | what becomes of it |\n|---|---|---|---|---|"
    return "\n".join(["> [!CAUTION]", "> This deletes or replaces what holds state.", "", ruling, "", head, *rows])


def _section(name: str, report: Report, *, room: int) -> str:
    if not report.changes:
        return f"### {name}\n\nNo resource changes."
    kinds = Counter(change.kind for change in report.changes)
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in ("added", "changed", "removed") if kinds[kind])
    # A code fence longer than any in the report, so that the report cannot close it.
    text = report.text.strip()
    cut = "\n… cut; the whole report is in the job's log" if len(text) > room else ""
    fence = "`" * (_longest_run(text, "`") + 3)
    return (
        f"### {name}\n\n<details><summary>{counts}</summary>\n\n{fence}text\n{text[:room]}{cut}\n{fence}\n\n</details>"
    )


def _longest_run(text: str, character: str) -> int:
    longest = run = 0
    for each in text:
        run = run + 1 if each == character else 0
        longest = max(longest, run)
    return longest
