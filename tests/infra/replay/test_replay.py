"""The alarms of production with a domain of its own, over a normal week, and over everything that goes wrong."""

import os
from collections.abc import Callable, Mapping
from functools import cache

import pytest

from docs.generate.alarms import FOUND, Found, Message, Replayed, told_first, written
from flux_infra.config import Severity
from tests.infra.templates import Templates

from .alarms import Deployed, deployed
from .incidents import INCIDENTS, Incident
from .replay import DELAY_MINUTES, Replay, missing
from .week import Recording, normal

# For so long after an incident nobody may be told of it anew.
AFTERMATH_MINUTES = 90

type Happens = Callable[[Incident], Mapping[str, Message]]
"""The first message of each alarm that tells of an incident."""


@pytest.fixture(scope="module")
def alarms(owner: Templates) -> Mapping[str, Deployed]:
    return deployed(owner)


@pytest.fixture(scope="module")
def replay(alarms: Mapping[str, Deployed]) -> Replay:
    unknown = missing(alarms, Recording(normal()))
    assert unknown == set(), "alarms watch metrics that the week in tests/infra/replay/week.py lacks; add them to it"
    return Replay(alarms, Recording(normal()))


@pytest.fixture(scope="module")
def happens(replay: Replay) -> Happens:
    @cache
    def happen(index: int) -> Mapping[str, Message]:
        incident = INCIDENTS[index]
        week = Recording(incident.happening_in(normal()))
        told = replay.differing(week, incident.begins, incident.begins + incident.lasts + AFTERMATH_MINUTES)
        return told_first(
            Message(alarm=one.alarm, severity=one.severity.value, after=one.minute - incident.begins) for one in told
        )

    return lambda incident: happen(INCIDENTS.index(incident))


@pytest.mark.slow
def test_no_alarm_tells_of_anything_in_a_normal_week(replay: Replay) -> None:
    assert replay.told == []


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.cause)
def test_an_incidents_alarm_fires_within_its_promised_time(incident: Incident, happens: Happens) -> None:
    told = happens(incident)
    assert incident.alarm in told, f"{incident.alarm} said nothing; these did: {sorted(told)}"
    message = told[incident.alarm]
    assert message["severity"] == incident.severity.value
    assert message["after"] <= incident.within
    pages = sorted(one["alarm"] for one in told.values() if one["severity"] == Severity.PAGE.value)
    assert len(pages) == incident.pages, pages


def test_every_alarm_that_pages_has_an_incident(alarms: Mapping[str, Deployed]) -> None:
    paging = {name for name, alarm in alarms.items() if alarm.severity is Severity.PAGE}
    assert paging - {incident.alarm for incident in INCIDENTS} == set()


def test_the_page_of_alarms_is_made_of_what_was_replayed(alarms: Mapping[str, Deployed], happens: Happens) -> None:
    found = written(
        Replayed(
            delay=DELAY_MINUTES,
            alarms=sum(alarm.severity is not None for alarm in alarms.values()),
            incidents=[_found(incident, happens(incident)) for incident in INCIDENTS],
        )
    )
    if os.environ.get("RECORD_INCIDENTS"):
        FOUND.write_text(found)
    assert FOUND.read_text() == found, "stale: RECORD_INCIDENTS=1 pytest tests/infra/replay, then make docs"


def _found(incident: Incident, told: Mapping[str, Message]) -> Found:
    others = [message for name, message in told.items() if name != incident.alarm]
    return Found(cause=incident.cause, promised=incident.within, told=told[incident.alarm], others=others)
