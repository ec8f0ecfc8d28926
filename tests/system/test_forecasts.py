"""Forecasts, from the nightly schedule to the owner's browser, on the deployed local AWS."""

from pathlib import Path
from typing import cast

from local.demo import password_of
from local.proof.forecasts import an_owner_reads_their_own, the_night_forecasts_once
from local.till import AURORA
from tests.system.browser import seen_by
from tests.system.conftest import Flux


def test_the_nightly_tick_forecasts_every_dish_for_a_week_and_a_second_tick_changes_no_count(flux: Flux) -> None:
    first, second = the_night_forecasts_once(flux.platform)
    assert first == second == {"Trattoria Aurora": 3 * 7, "Golden Lotus": 3 * 7}


def test_an_owner_reads_their_own_forecasts_and_nobody_elses(flux: Flux) -> None:
    the_night_forecasts_once(flux.platform)
    proof = an_owner_reads_their_own(flux.platform)
    assert proof.site_status == 200
    assert proof.site_is_html
    assert proof.forecasts == 3 * 7
    assert proof.others_dishes == 0
    assert proof.without_token == 401


def test_an_owner_signs_in_with_a_browser_and_sees_the_coming_days(flux: Flux, tmp_path: Path) -> None:
    the_night_forecasts_once(flux.platform)
    screenshot = tmp_path / "forecasts.png"
    seen = seen_by(
        "browser.mjs", f"{flux.platform.site_url}/", AURORA.owner_email, password_of(AURORA), str(screenshot)
    )
    assert seen["days"] == 7
    assert {dish.name for dish in AURORA.menu} == set(cast("list[str]", seen["items"]))
    assert seen["consoleErrors"] == []
    assert "script-src 'self';" in str(seen["contentPolicy"])
    assert seen["obeyed"] == []  # what is written into the page by somebody else
    assert screenshot.stat().st_size > 0
