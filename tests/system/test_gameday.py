"""A game day on the deployed platform: who is told of what, and that the runbook's commands end it."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from flux_infra.config import Severity
from local.gameday.day import GameDay, game_day
from local.gameday.incidents import INCIDENTS, SHIFTS, Incident
from tests.support.kept_rows import keep_rows
from tests.system.conftest import Flux

# With RECORD_GAMEDAY=1 what is found replaces what was found before here, of which `make docs` makes a page.
RECORD = Path(__file__).parents[2] / "docs/generate/gameday.json"
SAMPLE = "poison-message"


@pytest.fixture(scope="module")
def held(flux: Flux) -> Iterator[GameDay]:
    with game_day(flux.platform) as day:
        yield day


@pytest.fixture(scope="module")
def record() -> Iterator[dict[str, object]]:
    """Rows of the page, by incident."""
    rows: dict[str, object] = {}
    yield rows
    if os.environ.get("RECORD_GAMEDAY"):
        keep_rows(RECORD, rows, names=[incident.name for incident in INCIDENTS])


@pytest.mark.parametrize(
    "shift",
    [pytest.param(shift, marks=() if shift[0].name == SAMPLE else pytest.mark.long) for shift in SHIFTS],
    ids=lambda shift: "+".join(incident.name for incident in shift),
)
def test_the_alarm_tells_and_the_runbooks_commands_end_it(
    held: GameDay, record: dict[str, object], shift: Sequence[Incident], show: Callable[[str], None]
) -> None:
    for incident, outcome in zip(shift, held.hold(shift), strict=True):
        record[incident.name] = asdict(outcome)
        show(json.dumps(asdict(outcome)))
        pages = {told.alarm for told in outcome.told if told.severity == Severity.PAGE}
        paged = incident.alarm is not None and incident.alarm.severity is Severity.PAGE
        assert pages == ({incident.alarm.name} if incident.alarm is not None and paged else set())
