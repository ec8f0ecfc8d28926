"""Proofs 3 and 4: the nightly tick forecasts for every restaurant, once; an owner reads their own, and only theirs."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ..demo import sign_in
from ..platform import Platform, wait_until
from ..till import AURORA, LOTUS, RESTAURANTS, Restaurant

NIGHT_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class OwnerReads:
    """What the owner of the first restaurant gets through CloudFront.

    site_status, site_is_html: the page at `/`.
    forecasts: the owner's forecasts; `others_dishes` are those among them that another restaurant serves.
    without_token: status of the same request without a token.
    """

    site_status: int
    site_is_html: bool
    forecasts: int
    others_dishes: int
    without_token: int


def the_night_forecasts_once(platform: Platform) -> tuple[dict[str, int], dict[str, int]]:
    """Send what the nightly schedule sends, twice; the business date's forecasts after each, by restaurant's name."""
    _forecast_the_night_before(platform)
    return _tick(platform), _tick(platform)


def an_owner_reads_their_own(platform: Platform) -> OwnerReads:
    """Open the site and read forecasts as the owner of one restaurant, and without a token."""
    with platform.visitor() as visitor:
        page = visitor.get("/")
        token = sign_in(visitor, AURORA)
        answer = visitor.get("/api/v1/forecasts", headers={"authorization": f"Bearer {token}"})
        answer.raise_for_status()
        dishes = [item["menu_item"] for item in answer.json()["items"]]
        anonymous = visitor.get("/api/v1/forecasts")
    theirs = {dish.name for dish in LOTUS.menu}
    return OwnerReads(
        site_status=page.status_code,
        site_is_html=page.headers["content-type"].startswith("text/html"),
        forecasts=len(dishes),
        others_dishes=sum(dish in theirs for dish in dishes),
        without_token=anonymous.status_code,
    )


def _forecast_the_night_before(platform: Platform) -> None:
    """As on every day but the first: in New York's night the restaurant's own today is the day before UTC's."""
    started = datetime.now(UTC)
    yesterday = started.date() - timedelta(days=1)
    for restaurant in RESTAURANTS:
        message = {
            "type": "forecast.restaurant",
            "restaurant_id": str(restaurant.restaurant_id),
            "date": yesterday.isoformat(),
        }
        platform.sqs.send_message(
            QueueUrl=platform.outputs["Compute.ForecastQueueUrl"], MessageBody=json.dumps(message)
        )
    for restaurant in RESTAURANTS:
        _await_forecasts(platform, restaurant, yesterday, started)


def _tick(platform: Platform) -> dict[str, int]:
    """Send the schedule's own message to its own target, and wait for a run that is newer than the tick."""
    started = datetime.now(UTC)
    platform.send_tick("Compute.NightlyRuleName", "Compute.ForecastQueueUrl")
    return {
        restaurant.name: _await_forecasts(platform, restaurant, started.date(), started) for restaurant in RESTAURANTS
    }


def _await_forecasts(platform: Platform, restaurant: Restaurant, night: date, started: datetime) -> int:
    return wait_until(
        f"{restaurant.name}'s forecasts of the night of {night}",
        lambda: _forecasts_since(platform, restaurant, night, started),
        seconds=NIGHT_SECONDS,
    )


def _forecasts_since(platform: Platform, restaurant: Restaurant, night: date, started: datetime) -> int | None:
    with platform.tenant(restaurant.restaurant_id) as connection:
        run = connection.execute(
            "SELECT 1 FROM forecast_runs WHERE business_date = %s AND finished_at >= %s", [night, started]
        ).fetchone()
        if run is None:
            return None
        row = connection.execute("SELECT count(*) FROM forecasts WHERE business_date = %s", [night]).fetchone()
    return int(row[0]) if row else 0
