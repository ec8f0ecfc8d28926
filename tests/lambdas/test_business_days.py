"""The day that a sale counts on: the restaurant's own, which ends at its close of day, whatever the clocks do."""

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import TupleRow

from flux_core.database import Database
from flux_core.secrets import Secrets
from flux_core.tenancy import RestaurantId
from forecast.history import read_history
from forecast.settings import ForecastSettings

from .support.api_client import get, items, token_of
from .support.platform import Platform
from .support.restaurants import open_restaurant
from .support.sales import record_sale

# With changes of an hour, of half an hour and of two; by day, by night and at midnight; and with none.
ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Santiago",
    "America/Asuncion",
    "America/Havana",
    "Europe/London",
    "Europe/Rome",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "UTC",
)
# Where the zones' rules are history, so that PostgreSQL and Python know the same ones.
MOMENTS = st.integers(1_420_000_000, 1_700_000_000).map(lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC))
CLOSES = st.times().map(lambda time: time.replace(second=0, microsecond=0)) | st.sampled_from(
    [dt.time(0), dt.time(2), dt.time(2, 30), dt.time(4), dt.time(23, 59)]
)
QUICK = settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def connection(platform: Platform) -> Iterator[psycopg.Connection[TupleRow]]:
    with platform.connect_as_functions() as connection:
        yield connection


def day_of(connection: psycopg.Connection[TupleRow], moment: dt.datetime, zone: str, close: dt.time) -> dt.date:
    row = connection.execute("SELECT business_day(%s, %s, %s)", [moment, zone, close]).fetchone()
    assert row is not None
    day: dt.date = row[0]
    return day


@QUICK
@given(moment=MOMENTS, zone=st.sampled_from(ZONES), close=CLOSES)
def test_a_day_is_that_of_the_restaurants_clock_less_its_close_of_day(
    connection: psycopg.Connection[TupleRow], moment: dt.datetime, zone: str, close: dt.time
) -> None:
    day = day_of(connection, moment, zone, close)
    local = moment.astimezone(ZoneInfo(zone))
    if local.utcoffset() == (moment - dt.timedelta(hours=30)).astimezone(ZoneInfo(zone)).utcoffset():
        ended = local.replace(tzinfo=None) - dt.timedelta(hours=close.hour, minutes=close.minute)
        assert day == ended.date()
    else:  # the clocks were changed since the day began; it may be two hours longer or shorter
        assert abs(day - local.date()) <= dt.timedelta(days=1)


@QUICK
@given(moment=MOMENTS, hours=st.integers(0, 72), zone=st.sampled_from(ZONES), close=CLOSES)
def test_days_never_go_back_and_none_is_left_out(
    connection: psycopg.Connection[TupleRow], moment: dt.datetime, hours: int, zone: str, close: dt.time
) -> None:
    days = [day_of(connection, moment + dt.timedelta(hours=hour), zone, close) for hour in (0, hours, hours + 20)]
    assert days[0] <= days[1] <= days[2]
    assert days[2] - days[1] <= dt.timedelta(days=1)


CHANGES = {
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Europe/Rome", "2026-03-29"),
    ("Europe/Rome", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Asia/Tokyo", "2026-06-01"),
}


@pytest.mark.parametrize("close", ["00:00", "02:30", "04:00"])
@pytest.mark.parametrize(("zone", "change"), sorted(CHANGES))
def test_history_counts_every_sale_once_when_the_clocks_are_changed(
    platform: Platform, zone: str, change: str, close: str
) -> None:
    restaurant = open_restaurant(platform, timezone=zone, close_of_day=close)
    noon = dt.datetime.fromisoformat(f"{change}T12:00").replace(tzinfo=ZoneInfo(zone))
    first, last = noon - dt.timedelta(days=2), noon + dt.timedelta(days=2)
    with platform.tenant(restaurant.id) as cursor:
        dish, every = uuid.uuid4(), dt.timedelta(minutes=10)
        cursor.execute("INSERT INTO menu_items VALUES (%s, %s, 'square', 'soup', 'Soup')", [dish, restaurant.id])
        cursor.execute(
            "WITH moments AS (SELECT generate_series(%(first)s::timestamptz, %(last)s, %(every)s) AS at), made AS ("
            "INSERT INTO transactions"
            " (restaurant_id, provider, provider_order_id, version, state, sold_at, total_minor, currency)"
            " SELECT %(restaurant)s, 'square', at::text, 0, 'completed', at, 1, 'USD' FROM moments RETURNING id)"
            " INSERT INTO transaction_items SELECT %(restaurant)s, id, 1, %(dish)s, 'Soup', 1, 1 FROM made",
            {"first": first, "last": last, "every": every, "restaurant": restaurant.id, "dish": dish},
        )
        expected = cursor.execute(
            "SELECT business_day(sold_at, timezone, close_of_day), count(*) FROM transactions, restaurants"
            " GROUP BY 1 ORDER BY 1"
        ).fetchall()
    database = Database(ForecastSettings.load(), Secrets(platform.secrets), statement_seconds=10)
    history = read_history(database, RestaurantId(restaurant.id), noon.date() + dt.timedelta(days=6))
    assert [(day.date, day.quantity) for day in history] == [(day, Decimal(number)) for day, number in expected]
    assert sum(day.quantity for day in history) == (last.astimezone(dt.UTC) - first.astimezone(dt.UTC)) / every + 1


def test_what_is_paid_after_midnight_belongs_to_the_evening_before(platform: Platform) -> None:
    late = open_restaurant(platform, close_of_day="04:00")
    paid = dt.datetime(2026, 11, 21, 0, 30, tzinfo=ZoneInfo("America/New_York"))
    record_sale(platform, late, paid)
    record_sale(platform, late, paid.replace(hour=4, minute=0))
    database = Database(ForecastSettings.load(), Secrets(platform.secrets), statement_seconds=10)
    history = read_history(database, RestaurantId(late.id), dt.date(2026, 11, 25))
    assert [day.date.day for day in history] == [20, 21]
    assert [sale["business_date"] for sale in items(get("transactions", token_of(late)))] == [
        "2026-11-21",
        "2026-11-20",
    ]


def test_a_day_that_is_not_over_at_the_night_is_not_in_its_history(platform: Platform) -> None:
    # At 02:00 UTC it is 21:00 in New York: with a close of day at 20:00 that day has just ended, with 22:00 it has not.
    for close, counted in (("20:00", 1), ("22:00", 0)):
        restaurant = open_restaurant(platform, close_of_day=close)
        record_sale(platform, restaurant, dt.datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("America/New_York")))
        database = Database(ForecastSettings.load(), Secrets(platform.secrets), statement_seconds=10)
        history = read_history(database, RestaurantId(restaurant.id), dt.date(2026, 11, 23))
        assert [int(day.quantity) for day in history if day.date == dt.date(2026, 11, 21)] == [1] * counted


# At every moment one of these has another date than UTC.
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "America/Los_Angeles"])
def test_forecasts_without_a_span_begin_with_the_restaurants_own_today(platform: Platform, zone: str) -> None:
    restaurant = open_restaurant(platform, timezone=zone)
    before = dt.datetime.now(ZoneInfo(zone)).date()
    dish = record_sale(platform, restaurant, dt.datetime.now(dt.UTC))
    with platform.tenant(restaurant.id) as cursor:
        run = before - dt.timedelta(days=1)
        cursor.execute("INSERT INTO forecast_runs VALUES (%s, %s, 'v')", [restaurant.id, run])
        for ahead in range(-1, 9):
            date = before + dt.timedelta(days=ahead)
            if date >= run:
                cursor.execute(
                    "INSERT INTO forecasts VALUES (%s, %s, %s, %s, 1, 0, 2, '{}')", [restaurant.id, date, dish, run]
                )
    dates = [item["date"] for item in items(get("forecasts", token_of(restaurant)))]
    assert dates[0] in {before.isoformat(), dt.datetime.now(ZoneInfo(zone)).date().isoformat()}
    assert len(dates) == 7
