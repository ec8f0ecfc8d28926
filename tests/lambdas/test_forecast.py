import datetime as dt
import json
import os
import uuid
from zoneinfo import ZoneInfo

import boto3
import pytest
from pydantic import JsonValue

from flux_core.batch import SqsEvent, take
from flux_core.database import Database
from flux_core.metrics import metered
from flux_core.queue import Queue
from flux_core.secrets import Secrets
from flux_core.tenancy import RestaurantId
from forecast.history import read_history
from forecast.model import Model
from forecast.settings import ForecastSettings
from forecast.worker import ForecastWorker

from .support.endpoints import Answer, mean_of_history, sagemaker
from .support.http import Reply, Request, serving
from .support.lambda_events import Context, failed, sqs_event
from .support.platform import Platform
from .support.restaurants import Restaurant, open_restaurant
from .support.sales import record_sale
from .test_vocabulary import values

NEW_YORK = ZoneInfo("America/New_York")
DATE = dt.date(2026, 11, 23)
# At the tick of DATE, 02:00 UTC, it is still the evening of the 22nd in New York.
YESTERDAY = dt.datetime(2026, 11, 21, 19, 0, tzinfo=NEW_YORK)


def message(restaurant: Restaurant, date: dt.date = DATE) -> dict[str, object]:
    return {"type": "forecast.restaurant", "restaurant_id": str(restaurant.id), "date": date.isoformat()}


def worker(platform: Platform) -> ForecastWorker:
    settings = ForecastSettings.load()
    return ForecastWorker(
        database=Database(settings, Secrets(platform.secrets), statement_seconds=10),
        model=Model(boto3.client("sagemaker-runtime"), endpoint=settings.forecast_endpoint),
        queue=Queue(platform.sqs, url=settings.forecast_queue_url),
        due_hour=settings.forecasts_due_hour,
    )


def run(platform: Platform, *bodies: object, sent_at: dt.datetime | None = None) -> list[str]:
    at = dt.datetime.now(dt.UTC) if sent_at is None else sent_at
    working = worker(platform)
    event: SqsEvent = sqs_event(*bodies)
    return failed(take(event, lambda record: working.take(record.body, sent_at=at)))


def forecasts(platform: Platform, restaurant: Restaurant) -> list[tuple[object, ...]]:
    with platform.tenant(restaurant.id) as cursor:
        return cursor.execute(
            "SELECT item.name, date, business_date, quantity::int, lower::int, upper::int, drivers FROM forecasts"
            " JOIN menu_items item ON item.id = menu_item_id ORDER BY 1, 2, 3"
        ).fetchall()


def runs(platform: Platform, restaurant: Restaurant) -> list[tuple[object, ...]]:
    with platform.tenant(restaurant.id) as cursor:
        return cursor.execute("SELECT business_date, model_version FROM forecast_runs ORDER BY 1").fetchall()


def test_a_restaurants_history_becomes_seven_days_of_forecasts(platform: Platform, restaurant: Restaurant) -> None:
    record_sale(platform, restaurant, YESTERDAY, quantity=4)
    with sagemaker() as requests:
        assert run(platform, message(restaurant)) == []
    assert [request.path for request in requests] == ["/endpoints/flux-test/invocations"]
    (instance,) = json.loads(requests[0].body)["instances"]
    assert instance["history"] == [{"date": "2026-11-21", "quantity": 4.0}]
    assert (instance["start"], instance["days"]) == ("2026-11-23", 7)
    assert forecasts(platform, restaurant) == [
        ("Soup", DATE + dt.timedelta(days=number), DATE, 4, 0, 8, {"mean": 4.0}) for number in range(7)
    ]
    assert runs(platform, restaurant) == [(DATE, "mean-1")]


def test_a_run_that_is_repeated_replaces_itself(platform: Platform, restaurant: Restaurant) -> None:
    record_sale(platform, restaurant, YESTERDAY, quantity=4)
    with sagemaker():
        assert run(platform, message(restaurant), message(restaurant)) == []
        record_sale(platform, restaurant, YESTERDAY, quantity=2)
        assert run(platform, message(restaurant)) == []
    assert [row[3] for row in forecasts(platform, restaurant)] == [6] * 7
    assert runs(platform, restaurant) == [(DATE, "mean-1")]


def test_a_restaurant_without_history_gets_a_run_without_forecasts(platform: Platform, restaurant: Restaurant) -> None:
    with sagemaker() as requests:
        assert run(platform, message(restaurant)) == []
    assert requests == []
    assert runs(platform, restaurant) == [(DATE, "none")]
    assert forecasts(platform, restaurant) == []


@pytest.mark.parametrize(
    ("timezone", "last_day"), [("America/New_York", "2026-11-21"), ("Asia/Tokyo", "2026-11-22"), ("UTC", "2026-11-22")]
)
def test_history_is_ninety_whole_days_of_the_restaurants_own_calendar(
    platform: Platform, timezone: str, last_day: str
) -> None:
    restaurant = open_restaurant(platform, timezone=timezone)
    zone = ZoneInfo(timezone)
    last = dt.date.fromisoformat(last_day)
    today, oldest = last + dt.timedelta(days=1), last - dt.timedelta(days=89)
    moments = [
        dt.datetime.combine(today, dt.time(0, 0), zone),  # not over yet
        dt.datetime.combine(last, dt.time(23, 59, 59), zone),
        dt.datetime.combine(last, dt.time(0, 0), zone),
        dt.datetime.combine(oldest, dt.time(0, 0), zone),
        dt.datetime.combine(oldest, dt.time(0, 0), zone) - dt.timedelta(seconds=1),  # too long ago
    ]
    for moment in moments:
        record_sale(platform, restaurant, moment)
    database = Database(ForecastSettings.load(), Secrets(platform.secrets), statement_seconds=10)
    history = read_history(database, RestaurantId(restaurant.id), DATE)
    assert [(day.date, int(day.quantity)) for day in history] == [(oldest, 1), (last, 2)]


def test_history_leaves_out_canceled_sales_and_other_restaurants(platform: Platform, restaurant: Restaurant) -> None:
    other = open_restaurant(platform)
    record_sale(platform, other, YESTERDAY)
    record_sale(platform, restaurant, YESTERDAY)
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE transactions SET state = 'canceled'")
    with sagemaker() as requests:
        assert run(platform, message(restaurant)) == []
    assert requests == []


def _days(answer: Answer) -> list[dict[str, JsonValue]]:
    predictions = answer["predictions"]
    assert isinstance(predictions, list)
    assert isinstance(predictions[0], dict)
    days = predictions[0]["forecasts"]
    assert isinstance(days, list)
    return [day for day in days if isinstance(day, dict)]


SPOILED: dict[str, Answer] = {
    "NaN": {"quantity": float("nan")},
    "infinite": {"upper": float("inf")},
    "negative": {"lower": -1.0},
    "outside its interval": {"quantity": 99.0},
    "text": {"quantity": "4"},
    "another day": {"date": "2026-12-24"},
    "absurdly large": {"upper": 1e12},
    "drivers that are no numbers": {"drivers": {"mean": float("nan")}},
}


@pytest.mark.parametrize("members", SPOILED.values(), ids=SPOILED)
def test_a_forecast_that_cannot_be_is_refused_with_its_whole_run(
    platform: Platform, restaurant: Restaurant, members: Answer
) -> None:
    record_sale(platform, restaurant, YESTERDAY)

    def model(request: Request) -> Answer:
        answer = mean_of_history(request)
        _days(answer)[3].update(members)
        return answer

    with sagemaker(model):
        assert run(platform, message(restaurant)) == ["0"]
    assert runs(platform, restaurant) == []
    assert forecasts(platform, restaurant) == []


def without_an_item(answer: Answer) -> Answer:
    return answer | {"predictions": []}


def with_a_stranger(answer: Answer) -> Answer:
    stranger: Answer = {"menu_item_id": str(uuid.uuid4()), "forecasts": list(_days(answer))}
    return answer | {"predictions": [stranger]}


def with_an_item_twice(answer: Answer) -> Answer:
    predictions = answer["predictions"]
    assert isinstance(predictions, list)
    return answer | {"predictions": [*predictions, *predictions]}


def without_a_version(answer: Answer) -> Answer:
    return answer | {"model_version": ""}


@pytest.mark.parametrize("spoil", [without_an_item, with_a_stranger, with_an_item_twice, without_a_version])
def test_an_incomplete_answer_is_refused(platform: Platform, restaurant: Restaurant, spoil: object) -> None:
    record_sale(platform, restaurant, YESTERDAY)
    assert callable(spoil)
    with sagemaker(lambda request: spoil(mean_of_history(request))):
        assert run(platform, message(restaurant)) == ["0"]
    assert runs(platform, restaurant) == []


def test_a_failing_endpoint_fails_one_restaurant_and_leaves_its_last_forecasts(
    platform: Platform, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_sale(platform, restaurant, YESTERDAY)
    with sagemaker():
        run(platform, message(restaurant))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with serving(lambda _: Reply(status=500)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)
        quiet = open_restaurant(platform)
        assert run(platform, message(restaurant), message(quiet)) == ["0"]
    assert len(forecasts(platform, restaurant)) == 7
    assert runs(platform, quiet) == [(DATE, "none")]


def test_a_tick_sends_one_message_for_each_active_restaurant(platform: Platform, restaurant: Restaurant) -> None:
    closed = open_restaurant(platform, active=False)
    # It was sent before midnight and is delivered after it: the date stays.
    sent_at = dt.datetime(2026, 11, 22, 23, 59, tzinfo=dt.UTC)
    assert run(platform, {"type": "forecast.tick"}, sent_at=sent_at) == []
    sent = platform.drain(os.environ["FORECAST_QUEUE_URL"])
    assert sent.count(message(restaurant, dt.date(2026, 11, 22))) == 1
    assert str(closed.id) not in {body["restaurant_id"] for body in sent}


def test_the_functions_tick_takes_its_date_from_the_messages_time(platform: Platform, restaurant: Restaurant) -> None:
    from forecast import handler  # noqa: PLC0415 - it keeps the environment that it first sees

    with sagemaker():
        event = sqs_event({"type": "forecast.tick"}, sent_at=dt.datetime(2026, 3, 1, 2, tzinfo=dt.UTC).timestamp())
        assert handler.handler(event, Context()) == {"batchItemFailures": []}
    assert message(restaurant, dt.date(2026, 3, 1)) in platform.drain(os.environ["FORECAST_QUEUE_URL"])


@pytest.mark.parametrize("poison", ["", "{}", '{"type":"forecast.restaurant","restaurant_id":"x","date":"2026-11-23"}'])
def test_a_malformed_message_fails_alone(platform: Platform, restaurant: Restaurant, poison: str) -> None:
    with sagemaker():
        assert run(platform, poison, message(restaurant)) == ["0"]
    assert runs(platform, restaurant) == [(DATE, "none")]


def test_the_census_counts_who_has_the_days_forecasts_when_it_is_sent(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    # A day of its own, so that no other test's restaurant has a run of it.
    date = dt.date(2026, 3, 9)
    due = dt.datetime(2026, 3, 9, 5, tzinfo=dt.UTC)

    def census() -> tuple[float, float]:
        capsys.readouterr()
        with metered():
            assert run(platform, {"type": "forecast.census"}, sent_at=due) == []
        counted = values(capsys.readouterr().out)
        return counted["RestaurantsActive", None][0], counted["RestaurantsForecast", None][0]

    before = census()
    for opened, finished in (
        ("2026-03-08 12:00", "2026-03-09 04:59"),  # in time
        ("2026-03-08 12:00", "2026-03-09 05:01"),  # late
        ("2026-03-08 12:00", None),  # forgotten
        ("2026-03-09 03:00", None),  # opened after the tick: had no night
        ("2026-03-09 03:00", "2026-03-09 04:00"),  # the same, but forecast by hand
    ):
        restaurant = open_restaurant(platform)
        with platform.tenant(restaurant.id) as cursor:
            cursor.execute("UPDATE restaurants SET created_at = %s::timestamp AT TIME ZONE 'UTC'", [opened])
            if finished is not None:
                cursor.execute(
                    "INSERT INTO forecast_runs (restaurant_id, business_date, model_version, finished_at)"
                    " VALUES (%s, %s, 'v', %s::timestamp AT TIME ZONE 'UTC')",
                    [restaurant.id, date, finished],
                )
    deactivated = open_restaurant(platform, active=False)
    with platform.tenant(deactivated.id) as cursor:
        cursor.execute("UPDATE restaurants SET created_at = '2026-03-08'")

    active, forecast = census()

    assert (active - before[0], forecast - before[1]) == (4, 2)
