"""What the migrate function tells of a database's rows, on real PostgreSQL with row-level security."""

import datetime as dt
from collections.abc import Iterator

import boto3
import pytest
from pydantic import ValidationError

from migrate import handler as migrate
from migrate.errors import RefusedError

from .support.lambda_events import Context
from .support.platform import Platform
from .support.restaurants import Restaurant, open_restaurant
from .support.sales import record_sale

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _as_owner(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    del platform
    monkeypatch.setenv("DATABASE_SECRET", "database/owner")
    migrate.drill.cache_clear()
    yield
    migrate.drill.cache_clear()


def inspect(as_of: dt.datetime, **members: object) -> dict[str, object]:
    return migrate.handler({"action": "inspect", "as_of": as_of.isoformat(), **members}, Context())


def rows(inspection: dict[str, object], restaurant: Restaurant) -> dict[str, int]:
    sample = inspection["sample"]
    assert isinstance(sample, tuple)
    (found,) = [one for one in sample if one["id"] == str(restaurant.id)]
    counted: dict[str, int] = found["rows"]
    return counted


def test_rows_of_a_restaurant_are_counted_as_they_were_at_a_moment(platform: Platform) -> None:
    restaurant = open_restaurant(platform)
    record_sale(platform, restaurant, NOON)
    then = dt.datetime.now(dt.UTC)
    record_sale(platform, restaurant, NOON)
    before = inspect(then, restaurants=[str(restaurant.id)])
    after = inspect(dt.datetime.now(dt.UTC), restaurants=[str(restaurant.id)])
    expected = {
        "restaurants": 1,
        "users": 1,
        "pos_connections": 1,
        "pos_locations": 1,
        "menu_items": 1,
        "forecast_runs": 0,
        "forecasts": 0,
    }
    assert rows(before, restaurant) == {**expected, "transactions": 1, "transaction_items": 1}
    assert rows(after, restaurant) == {**expected, "transactions": 2, "transaction_items": 2}
    assert before["sample"] != after["sample"]
    assert before["newest_sale"] == after["newest_sale"]  # the newest is the newest, whatever the moment
    assert dt.datetime.fromisoformat(str(after["newest_sale"])) > then


def test_a_sample_reaches_from_the_oldest_restaurant_to_the_newest(platform: Platform) -> None:
    opened = [open_restaurant(platform) for _ in range(4)]
    everyone = inspect(dt.datetime.now(dt.UTC), sample=500)
    found = everyone["sample"]
    assert isinstance(found, tuple)
    assert {str(restaurant.id) for restaurant in opened} <= {one["id"] for one in found}
    assert everyone["restaurants"] == len(found)
    few = inspect(dt.datetime.now(dt.UTC), sample=2)["sample"]
    assert isinstance(few, tuple)
    assert [one["id"] for one in few] == [found[0]["id"], found[-1]["id"]]


def test_an_inspection_cannot_write(platform: Platform) -> None:
    with migrate.drill()._connect(None) as connection:  # noqa: SLF001 - the connection itself
        setting = connection.execute("SHOW default_transaction_read_only").fetchone()
    assert setting == ("on",)
    del platform


def test_a_table_that_nobody_would_check_is_refused(platform: Platform) -> None:
    with platform.connect_as_owner() as connection:
        connection.execute("CREATE TABLE forgotten (id integer)")
    try:
        with pytest.raises(RefusedError, match="tables forgotten: nobody would notice"):
            inspect(NOON)
    finally:
        with platform.connect_as_owner() as connection:
            connection.execute("DROP TABLE forgotten")


@pytest.mark.parametrize("instance", ["flux-prod-drill-1", "flux-test-database", "flux-test-drill-", "evil.example"])
@pytest.mark.parametrize("action", ["adopt", "inspect"])
def test_only_instances_of_this_environments_drills_are_spoken_to(action: str, instance: str) -> None:
    event: dict[str, object] = {"action": action, "instance": instance}
    with pytest.raises(RefusedError, match="only instances called flux-test-drill-"):
        migrate.handler(event if action == "adopt" else {**event, "as_of": NOON.isoformat()}, Context())


def test_an_instance_that_rds_does_not_know_is_refused() -> None:
    for event in ({"action": "adopt"}, {"action": "inspect", "as_of": NOON.isoformat()}):
        with pytest.raises(RefusedError, match="flux-test-drill-gone"):
            migrate.handler({**event, "instance": "flux-test-drill-gone"}, Context())


def test_a_moment_without_its_timezone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        migrate.handler({"action": "inspect", "as_of": "2026-05-01T12:00:00"}, Context())


def test_a_restored_instance_is_given_the_password_in_the_secret(platform: Platform) -> None:
    del platform
    rds = boto3.client("rds")
    name = "flux-test-drill-adopted"
    rds.create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t4g.medium", Engine="postgres", AllocatedStorage=20
    )
    try:
        assert migrate.handler({"action": "adopt", "instance": name}, Context()) == {"instance": name}
    finally:
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
