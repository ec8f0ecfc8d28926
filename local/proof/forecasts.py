"""Proofs 3 and 4: the nightly tick forecasts for every restaurant, once; an owner reads their own, and only theirs."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ..demo import sign_in
from ..platform import Platform, wait_until
from ..till import AURORA, LOTUS, RESTAURANTS, Restaurant

NIGHT_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class OwnerReads:
    """What the owner of the first restaurant gets through CloudFront.

    site_status, site_is_html: the page at `/`.
    forecasts: the owner's, of the week from the date in UTC, which is the tick's.
    others_dishes: those among them that another restaurant serves.
    without_token: status of the same request without a token.
    """

    site_status: int
    site_is_html: bool
    forecasts: int
    others_dishes: int
    without_token: int


def the_night_forecasts_once(platform: Platform) -> tuple[dict[str, int], dict[str, int]]:
    """Send what the nightly schedule sends, twice; the business date's forecasts after each, by restaurant's name."""
    return _tick(platform), _tick(platform)


def an_owner_reads_their_own(platform: Platform) -> OwnerReads:
    """Open the site and read forecasts as the owner of one restaurant, and without a token."""
    with platform.visitor() as visitor:
        page = visitor.get("/")
        token = sign_in(visitor, AURORA)
        # Without a first day the API begins with the restaurant's own, which in New York's night is the day before.
        answer = visitor.get(
            "/api/v1/forecasts",
            params={"from": datetime.now(UTC).date().isoformat()},
            headers={"authorization": f"Bearer {token}"},
        )
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


def _tick(platform: Platform) -> dict[str, int]:
    """Send the schedule's own message to its own target, and wait for a run that is newer than the tick."""
    started = datetime.now(UTC)
    platform.send_tick("Compute.NightlyRuleName", "Compute.ForecastQueueUrl")
    return {restaurant.name: _await_forecasts(platform, restaurant, started) for restaurant in RESTAURANTS}


def _await_forecasts(platform: Platform, restaurant: Restaurant, started: datetime) -> int:
    return wait_until(
        f"tonight's forecasts of {restaurant.name}",
        lambda: _forecasts_since(platform, restaurant, started),
        seconds=NIGHT_SECONDS,
    )


def _forecasts_since(platform: Platform, restaurant: Restaurant, started: datetime) -> int | None:
    with platform.tenant(restaurant.restaurant_id) as connection:
        run = connection.execute(
            "SELECT 1 FROM forecast_runs WHERE business_date = %s AND finished_at >= %s", [started.date(), started]
        ).fetchone()
        if run is None:
            return None
        row = connection.execute("SELECT count(*) FROM forecasts WHERE business_date = %s", [started.date()]).fetchone()
    return int(row[0]) if row else 0
