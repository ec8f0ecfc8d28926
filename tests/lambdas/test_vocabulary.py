"""What functions print for CloudWatch is the vocabulary: these metrics and no others, in its format and limits."""

import datetime as dt
import json
import os
import re
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from flux_core import vocabulary
from flux_core.metrics import count, metered, record
from flux_core.vocabulary import (
    EVENTS_REFUSED,
    SALE_FRESHNESS,
    SALES_FETCHED,
    SALES_SET_ASIDE,
    SIGN_INS_REFUSED,
    VOCABULARY,
)
from forecast import handler as forecast
from local.square import Record
from local.till import order_event, signature
from sync import handler as sync
from sync.square_orders import OrderReason
from webhook import handler as webhook
from webhook.receiver import MAX_BODY_BYTES

from .support.api_client import get, sign_in, token_of
from .support.endpoints import sagemaker
from .support.lambda_events import Context, failed, http_event, sqs_event
from .support.platform import SUBSCRIPTION, Platform
from .support.restaurants import Restaurant
from .support.sales import record_sale
from .support.sales_at_square import event, order, ring_up

LAMBDAS = Path(vocabulary.__file__).parents[1]
SERVICES = ("api", "forecast", "probe", "sync", "webhook")
SATURDAY = dt.datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("America/New_York"))

type Line = dict[str, object]


def lines(printed: str) -> list[Line]:
    """The lines of the vocabulary; not those by executed version or queue."""
    found = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    return [line for line in found if "service" in line]


def directive(line: Line) -> dict[str, object]:
    match line["_aws"]:
        case {"CloudWatchMetrics": [dict(found)], "Timestamp": int()}:
            return found
        case other:
            raise AssertionError(other)


def members(line: Line) -> list[dict[str, str]]:
    found = directive(line)["Metrics"]
    assert isinstance(found, list)
    return found


def values(printed: str) -> dict[tuple[str, str | None], list[float]]:
    """Every value printed, by metric and reason, after a look at its line's form."""
    found: dict[tuple[str, str | None], list[float]] = {}
    known = {metric.name: metric for metric in VOCABULARY}
    for line in lines(printed):
        require_form(line)
        for told in members(line):
            name, reason = told["Name"], line.get("Reason")
            assert told == {"Name": name, "Unit": known[name].unit}
            assert line["service"] == known[name].service
            assert reason in known[name].reasons if known[name].reasons else reason is None
            numbers = line[name]
            assert isinstance(numbers, list)
            assert reason is None or isinstance(reason, str)
            found.setdefault((name, reason), []).extend(numbers)
    return found


def require_form(line: Line) -> None:
    """CloudWatch User Guide, "Specification: Embedded metric format": members, and at most 100 of each."""
    told = directive(line)
    plain = ["Environment", "service"]
    assert told["Namespace"] == "Flux"
    assert told["Dimensions"] == ([plain, [*plain, "Reason"]] if "Reason" in line else [plain])
    assert {str(line[name]) for name in plain} <= {"test", *SERVICES}
    assert 1 <= len(members(line)) <= 100
    for member in members(line):
        numbers = line[member["Name"]]
        assert isinstance(numbers, list)
        assert 1 <= len(numbers) <= 100
        assert all(isinstance(number, float) for number in numbers)


def deliver(body: bytes, *, signed: str | None = None, path: str = "square", request: str = "cf-request-1") -> int:
    good = signature(body, key=SUBSCRIPTION["signature_key"], notification_url=SUBSCRIPTION["notification_url"])
    headers = {"x-square-hmacsha256-signature": good if signed is None else signed, "x-amz-cf-id": request}
    asked = http_event("POST", f"/api/v1/webhooks/{path}", headers=headers, body=body.decode())
    return webhook.handler(asked, Context())["statusCode"]


def now(minutes_ago: float = 0) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes_ago)).isoformat()


def rung_up(restaurant: Restaurant, *, minutes_ago: float = 0) -> Record:
    at = now(minutes_ago)
    return order(restaurant) | {"created_at": at, "updated_at": at, "closed_at": at}


def make_older(platform: Platform, restaurant: Restaurant, **ages: int) -> None:
    with platform.tenant(restaurant.id) as cursor:
        for column, hours in ages.items():
            cursor.execute(f"UPDATE pos_connections SET {column} = now() - make_interval(hours => %s)", [hours])  # noqa: S608


@pytest.fixture
def settled(platform: Platform, restaurant: Restaurant) -> Restaurant:
    """A restaurant that was connected a day ago."""
    make_older(platform, restaurant, created_at=24)
    return restaurant


def test_the_webhook_counts_what_it_accepts_and_refuses_by_reason(
    platform: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del platform
    body = order_event("MERCHANT", "ORDER", event_id="e")
    assert deliver(body) == 202
    assert values(capsys.readouterr().out) == {("EventsAccepted", None): [1.0], ("EventsEnqueued", None): [1.0]}
    deliver(body, path="abacus")
    deliver(body, signed="Zm9yZ2Vk")
    deliver(b"[]")
    deliver(b" " * (MAX_BODY_BYTES + 1))
    monkeypatch.setenv("SQUARE_WEBHOOK_SECRET", "no such secret")
    webhook._receiver.cache_clear()  # noqa: SLF001 - it keeps the environment that it first sees
    deliver(body)
    webhook._receiver.cache_clear()  # noqa: SLF001 - as above
    assert values(capsys.readouterr().out) == {("EventsRefused", reason): [1.0] for reason in EVENTS_REFUSED.reasons}


def test_the_sync_worker_counts_a_batch_in_one_line(
    platform: Platform, settled: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh, late = rung_up(settled, minutes_ago=2), rung_up(settled, minutes_ago=30)
    elsewhere = rung_up(settled) | {"location_id": "ELSEWHERE"}
    draft = rung_up(settled) | {"state": "DRAFT"}
    ring_up(platform, settled, fresh, late, elsewhere, draft)
    batch = [event(settled, each) for each in (fresh, late, elsewhere, draft)]
    assert failed(sync.handler(sqs_event(*batch, *[event(settled, fresh)] * 6), Context())) == []
    printed = capsys.readouterr().out
    found = values(printed)
    ages, latencies = found.pop(("SaleFreshness", None)), found.pop(("SquareLatency", None))
    assert [round(age / 60) for age in ages] == [2, 30]
    assert len(latencies) == 10
    assert found == {
        ("SalesFetched", None): [10.0],
        ("SalesStored", None): [2.0],
        ("SalesOnTime", None): [1.0],
        ("SquareCalls", None): [10.0],
        ("BusiestTenantShare", None): [90.0],
        ("SalesSetAside", "elsewhere"): [1.0],
        ("SalesSetAside", "draft"): [1.0],
    }
    assert len([line for line in lines(printed) if "Reason" not in line]) == 1


def test_a_new_connections_history_is_late_for_nobody(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    old = rung_up(restaurant, minutes_ago=60 * 24 * 30)
    ring_up(platform, restaurant, old)
    sync.handler(sqs_event(event(restaurant, old)), Context())
    assert {name for name, _ in values(capsys.readouterr().out)} == {"SalesFetched", "SquareCalls", "SquareLatency"}


def test_square_that_fails_and_an_owner_who_withdraws_are_counted(
    platform: Platform, settled: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.square.failures.turn_on("html", {})
    try:
        sync.handler(sqs_event(event(settled, order(settled))), Context())
    finally:
        platform.square.failures.turn_off()
    found = values(capsys.readouterr().out)
    assert (found["SquareCalls", None], found["SquareErrors", None]) == ([1.0], [1.0])
    revoked = {"merchant_id": settled.merchant_id, "type": "oauth.authorization.revoked", "created_at": now()}
    sync.handler(sqs_event({"type": "square.event", "event": revoked}), Context())
    assert values(capsys.readouterr().out) == {("ConnectionsRevoked", None): [1.0]}


def test_a_tick_counts_connections_and_those_that_have_had_no_sync_for_an_hour(
    platform: Platform, settled: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent() -> float:
        sync.handler(sqs_event({"type": "sync.tick"}), Context())
        found = values(capsys.readouterr().out)
        assert found["ConnectionsActive", None] == [len(platform.drain(os.environ["POS_SYNC_QUEUE_URL"]))]
        return found["ConnectionsSilent", None][0]

    before = silent()
    make_older(platform, settled, last_synced_at=0)
    assert silent() == before - 1
    make_older(platform, settled, last_synced_at=2)
    assert silent() == before


def test_the_api_counts_sign_ins_refused_and_what_the_cache_answers(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    del platform
    for _ in range(11):
        sign_in(restaurant.email, "wrong")
    found = values(capsys.readouterr().out)
    assert {reason for _, reason in found} == set(SIGN_INS_REFUSED.reasons)
    for _ in range(2):
        get("forecasts", token_of(restaurant))
    assert values(capsys.readouterr().out) == {("CacheMisses", None): [2.0, 1.0], ("CacheHits", None): [1.0]}


def test_reasons_are_those_that_orders_are_set_aside_for() -> None:
    assert set(SALES_SET_ASIDE.reasons) == {*get_args(OrderReason.__value__), "elsewhere"}


def test_a_reason_that_nobody_knows_is_refused() -> None:
    for metric, reason in ((SALES_SET_ASIDE, "whim"), (SALES_SET_ASIDE, None), (SALES_FETCHED, "open")):
        with pytest.raises(ValueError, match="is not one of"):
            count(metric, reason=reason)


def test_more_values_than_a_line_may_hold_go_into_several(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLUX_ENVIRONMENT", "test")
    with metered():
        for number in range(250):
            record(SALE_FRESHNESS, number)
    assert values(capsys.readouterr().out) == {("SaleFreshness", None): [float(number) for number in range(250)]}


def test_a_rehearsal_and_an_invocation_that_counts_nothing_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with metered(rehearsal=True):
        count(SALES_FETCHED)
    with metered():
        pass
    assert capsys.readouterr().out == ""


def test_the_forecast_worker_counts_what_it_makes_and_judges_it_by_what_was_sold(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the tick of Monday the 23rd, 02:00 UTC, Saturday the 21st is the last whole day in New York."""
    for weeks in range(1, 5):
        dish = record_sale(platform, restaurant, SATURDAY + dt.timedelta(days=2 - 7 * weeks), quantity=10)
    record_sale(platform, restaurant, SATURDAY, quantity=8)
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute(
            "INSERT INTO forecast_runs (restaurant_id, business_date, model_version) VALUES (%s, '2026-11-20', 'v')",
            [restaurant.id],
        )
        cursor.execute(
            "INSERT INTO forecasts VALUES (%s, '2026-11-21', %s, '2026-11-20', 10, 0, 20, '{}')", [restaurant.id, dish]
        )
    message = {"type": "forecast.restaurant", "restaurant_id": str(restaurant.id), "date": "2026-11-23"}
    forecast._live.cache_clear()  # noqa: SLF001 - it keeps the endpoint that it first sees
    with sagemaker():
        assert failed(forecast.handler(sqs_event(message), Context())) == []
    forecast._live.cache_clear()  # noqa: SLF001 - as above
    assert values(capsys.readouterr().out) == {
        ("ForecastsMade", None): [1.0],
        ("ForecastsLate", None): [1.0],  # the 23rd, 05:00 UTC, is long ago
        ("ForecastsUnusual", None): [1.0],  # 9.6 on a Monday, when it was always 10
        ("ForecastError", None): [25.0],  # 10 forecast, 8 sold
    }


def test_a_forecast_within_what_is_usual_and_in_time_is_neither_late_nor_unusual(
    platform: Platform, restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    date = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    for weeks in range(1, 6):
        record_sale(platform, restaurant, at_noon(date - dt.timedelta(days=7 * weeks)), quantity=10)
    message = {"type": "forecast.restaurant", "restaurant_id": str(restaurant.id), "date": str(date)}
    forecast._live.cache_clear()  # noqa: SLF001 - as above
    with sagemaker():
        forecast.handler(sqs_event(message), Context())
    forecast._live.cache_clear()  # noqa: SLF001 - as above
    assert values(capsys.readouterr().out) == {
        ("ForecastsMade", None): [1.0],
        ("ForecastsLate", None): [0.0],
        ("ForecastsUnusual", None): [0.0],
    }


def at_noon(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(12), tzinfo=ZoneInfo("America/New_York"))


def test_every_metric_is_printed_by_the_function_that_the_vocabulary_names() -> None:
    source = {service: "".join(path.read_text() for path in (LAMBDAS / service).rglob("*.py")) for service in SERVICES}
    printed = {
        metric.name
        for name, metric in vars(vocabulary).items()
        if isinstance(metric, vocabulary.Metric)
        and re.search(rf"\b(count|record)\([^)]*\b{name}\b", source[metric.service])
    }
    assert {metric.name for metric in VOCABULARY} == printed
