"""The status page of the deployed platform, as a real browser shows it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flux_infra.constructs.names import LAYERS
from flux_infra.monitoring.objectives import OBJECTIVES
from local import machine
from local.platform import Platform, wait_until
from local.proof.sales import sales_arrive_once
from ops.reads import Json
from tests.system.browser import seen_by
from tests.system.conftest import Flux

# RECORD_PAGE=1 rewrites the picture in docs.
PICTURE = machine.ROOT / "docs" / "images" / "status-page.png"


def look(screenshot: Path, *options: str) -> dict[str, Json]:
    return seen_by("page.mjs", f"{machine.PAGE_URL}/", str(screenshot), *options)


def heard(platform: Platform) -> list[str]:
    """The alarms that fire and tell somebody, as CloudWatch lists them."""
    found = platform.alarms.describe_alarms(StateValue="ALARM", AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    alarms = [*found["CompositeAlarms"], *found["MetricAlarms"]]
    return sorted(alarm["AlarmName"] for alarm in alarms if alarm.get("AlarmActions"))


def test_the_page_shows_all_layers_and_objectives_and_the_sale_that_came_just_now(flux: Flux, tmp_path: Path) -> None:
    pushed = datetime.now(UTC).replace(second=0, microsecond=0)
    sales_arrive_once(flux.platform, events=2)
    with flux.platform.visitor() as visitor:
        visitor.get("/api/v1/health").raise_for_status()
    seen = look(PICTURE if "RECORD_PAGE" in os.environ else tmp_path / "page.png", "--width=1100")
    assert seen["layers"] == list(LAYERS)
    assert seen["unread"] == []
    assert pushed <= datetime.fromisoformat(str(seen["saleAt"])) <= datetime.now(UTC)
    objectives = seen["objectives"]
    assert isinstance(objectives, dict)
    assert list(objectives) == [objective.name for objective in OBJECTIVES]
    for measured in ("people-availability", "webhook-availability", "sales-freshness"):
        assert "bad of" in str(objectives[measured])


def test_the_page_shows_the_alarms_that_fire_and_no_other(flux: Flux, tmp_path: Path) -> None:
    def agreed() -> dict[str, Json] | None:
        """What is seen, once it is what CloudWatch says; an alarm may begin or end between the two."""
        alarms, seen = heard(flux.platform), look(tmp_path / "page.png")
        shown = seen["alarms"]
        assert isinstance(shown, list)
        return seen if sorted(map(str, shown)) == alarms else None

    seen = wait_until("a page with CloudWatch's alarms", agreed, seconds=90)
    assert ("No alarm is firing." in str(seen["verdict"])) == (seen["alarms"] == [])


@pytest.mark.usefixtures("flux")
def test_the_page_fits_a_phone_and_asks_for_nothing_else(tmp_path: Path) -> None:
    seen = look(tmp_path / "page.png", "--width=390", "--dark")
    assert seen["overflow"] == 0
    assert seen["consoleErrors"] == []
    assert seen["requests"] == [f"{machine.PAGE_URL}/"]
