"""The table of bad releases in docs/canary.md, from those that tests/system tries."""

from pathlib import Path

from local.proof.bad_changes import BAD_RELEASES
from local.proof.changes import BadChange

PAGE = Path(__file__).parents[1] / "canary.md"
MARK, END = "<!-- bad-releases -->\n", "<!-- end -->"

_CATCHES = {
    "build": "the build, which imports the bundle whole",
    "gate": "the release gate, before it takes traffic",
    "canary": "an alarm on the executed version",
}
_HURT = {"build": "none", "gate": "none", "canary": "some of the canary's share, until the alarm"}


def table() -> str:
    """One line for each."""
    rows = "".join(map(_row, BAD_RELEASES))
    return (
        f"| kind of bad release | function | what catches it | users hurt | shown by |\n|---|---|---|---|---|\n{rows}"
    )


def written(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(MARK)
    return f"{before}{MARK}\n{table()}\n{END}{rest.partition(END)[2]}"


def _row(change: BadChange) -> str:
    by = f"{_CATCHES[change.caught]}: `{change.reasons[0]}`"
    return f"| {change.kind} | {change.function} | {by} | {_HURT[change.caught]} | `{change.name}` |\n"
