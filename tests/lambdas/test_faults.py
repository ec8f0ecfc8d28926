"""Whatever a function needs fails, in every way: it answers in time, loses nothing, and is well again by itself.

Real handlers on real servers, behind proxies. docs/reliability.md shows what a whole run found.
"""

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.support.kept_rows import keep_rows

from .faults.cells import SAMPLE, Cell, cells
from .faults.trial import Found, run_trial
from .support.platform import Platform

# With RECORD_FAULTS=1 what is found replaces what was found before here, of which `make docs` makes a page.
RECORD = Path(__file__).parents[2] / "docs/generate/faults/functions.json"


@pytest.fixture(scope="module")
def record() -> Iterator[dict[str, object]]:
    """Rows of the page, by cell."""
    rows: dict[str, object] = {}
    yield rows
    if os.environ.get("RECORD_FAULTS"):
        keep_rows(RECORD, rows, names=map(str, cells()))


@pytest.mark.parametrize(
    "cell",
    [pytest.param(cell, marks=() if cell in SAMPLE else pytest.mark.long) for cell in cells()],
    ids=str,
)
def test_while_something_fails_a_function_answers_in_time_and_loses_nothing(
    platform: Platform, record: dict[str, object], cell: Cell
) -> None:
    found = run_trial(platform, cell)
    record[str(cell)] = _row(cell, found)
    assert list(found.wrong()) == []


def _row(cell: Cell, found: Found) -> dict[str, object]:
    account = found.account
    return {
        "who": cell.who,
        "dependency": cell.dependency,
        "way": cell.way,
        "timeout": found.function.timeout,
        "connected": asdict(found.connected),
        "new": asdict(found.new),
        "recovery": found.recovery,
        "account": {name: getattr(account, name) for name in ("lost", "doubled", "burned", "dead")},
    }
