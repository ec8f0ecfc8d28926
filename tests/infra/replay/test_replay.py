"""Production's alarms over a normal week."""

from collections.abc import Mapping

import pytest

from tests.infra.templates import Templates

from .alarms import Deployed, deployed
from .replay import Replay, missing
from .week import Recording, normal


@pytest.fixture(scope="module")
def alarms(prod: Templates) -> Mapping[str, Deployed]:
    return deployed(prod)


@pytest.fixture(scope="module")
def replay(alarms: Mapping[str, Deployed]) -> Replay:
    unknown = missing(alarms, Recording(normal()))
    assert unknown == set(), "alarms watch metrics that the week in tests/infra/replay/week.py lacks; add them to it"
    return Replay(alarms, Recording(normal()))


def test_no_alarm_tells_of_anything_in_a_normal_week(replay: Replay) -> None:
    assert replay.told == []
