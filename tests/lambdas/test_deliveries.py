"""What costs a message one of its five deliveries, and what does not: whole batches, on a real queue."""

import datetime as dt
import os
import time

import pytest
from botocore.stub import Stubber

from flux_core.batch import Postponing, SqsEvent, take
from flux_core.queue import Queue
from forecast import handler as forecast
from sync import handler as sync
from sync.worker import TICK_SECONDS

from .support.endpoints import Answer, mean_of_history, sagemaker
from .support.http import Reply, Request, serving
from .support.lambda_events import Context, failed, sqs_event, taken
from .support.platform import Platform
from .support.queue_feed import TimedContext, feeding
from .support.restaurants import Restaurant, open_restaurant
from .support.sales import record_sale
from .support.sales_at_square import event, order, ring_up, sales
from .support.stopping import stopped_database

DATE = dt.date(2026, 11, 23)
TIMEOUT = 60  # of both workers, seconds


@pytest.fixture(autouse=True)
def _fresh_instances() -> None:
    forecast._live.cache_clear()  # noqa: SLF001 - each test leads it to a model of its own


def forecast_message(restaurant: Restaurant) -> dict[str, object]:
    return {"type": "forecast.restaurant", "restaurant_id": str(restaurant.id), "date": DATE.isoformat()}


def has_run(platform: Platform, restaurant: Restaurant) -> bool:
    with platform.tenant(restaurant.id) as cursor:
        return cursor.execute("SELECT 1 FROM forecast_runs").fetchone() is not None


@pytest.mark.parametrize("seconds", [8, 16])
def test_a_slow_model_delays_and_loses_nothing(
    platform: Platform, seconds: int, capsys: pytest.CaptureFixture[str]
) -> None:
    restaurants = [open_restaurant(platform) for _ in range(100)]
    for restaurant in restaurants:
        record_sale(platform, restaurant, dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC))
    context = TimedContext(TIMEOUT)

    def slow(request: Request) -> Answer:
        context.seconds -= seconds
        assert context.seconds > 0, "Lambda would have ended the function"
        return mean_of_history(request)

    def work(batch: SqsEvent) -> object:
        context.seconds = TIMEOUT
        return forecast.handler(batch, context)

    with feeding(platform, os.environ["FORECAST_QUEUE_URL"]) as feed, sagemaker(slow) as requests:
        feed.send([forecast_message(restaurant) for restaurant in restaurants])
        feed.run(work, batches=200)
        assert feed.dead() == 0
    assert len(requests) == 100
    assert all(has_run(platform, restaurant) for restaurant in restaurants)
    assert '"reason": "NotStarted"' in capsys.readouterr().out


@pytest.mark.parametrize("status", [424, 500, 503])
def test_a_model_that_is_away_costs_no_delivery(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    restaurant, quiet = open_restaurant(platform), open_restaurant(platform)
    record_sale(platform, restaurant, dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC))
    tries: list[int] = []

    def ill(_: Request) -> Reply:
        tries.append(1)
        return Reply(status=status, headers={"x-amzn-errortype": "ModelError"} if status == 424 else {})

    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with feeding(platform, os.environ["FORECAST_QUEUE_URL"]) as feed:
        feed.send([forecast_message(restaurant), forecast_message(quiet)])
        with serving(ill) as url:
            monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)
            with pytest.raises(AssertionError, match="not empty"):
                feed.run(lambda batch: forecast.handler(batch, Context()), batches=12)
        forecast._live.cache_clear()  # noqa: SLF001 - as above
        with sagemaker():
            feed.run(lambda batch: forecast.handler(batch, Context()), batches=3)
        assert feed.dead() == 0
    assert len(tries) >= 12
    assert has_run(platform, restaurant)
    assert has_run(platform, quiet)


def test_sixty_messages_outlive_a_square_that_answers_html(platform: Platform) -> None:
    restaurants = [open_restaurant(platform) for _ in range(60)]
    records = [order(restaurant) for restaurant in restaurants]
    for restaurant, record in zip(restaurants, records, strict=True):
        ring_up(platform, restaurant, record)
    platform.square.failures.turn_on("html", {})
    with feeding(platform, os.environ["POS_SYNC_QUEUE_URL"]) as feed:
        feed.send([event(restaurant, record) for restaurant, record in zip(restaurants, records, strict=True)])
        with pytest.raises(AssertionError, match="not empty"):
            feed.run(lambda batch: sync.handler(batch, Context()), batches=60)  # every message ten times
        platform.square.failures.turn_off()
        for restaurant in restaurants:
            with platform.tenant(restaurant.id) as cursor:
                cursor.execute("UPDATE pos_connections SET paused_until = NULL")
        feed.run(lambda batch: sync.handler(batch, Context()), batches=60)
        assert feed.dead() == 0
    assert all(len(sales(platform, restaurant)) == 1 for restaurant in restaurants)


def test_an_order_that_square_does_not_know_yet_costs_no_delivery_and_is_counted_when_the_tick_has_passed(
    platform: Platform, restaurant: Restaurant, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = event(restaurant, order(restaurant))
    with feeding(platform, os.environ["POS_SYNC_QUEUE_URL"]) as feed:
        feed.send([unknown])
        assert feed.run_one(lambda batch: sync.handler(batch, Context())) == []
        assert feed.dead() == 0
    assert taken(caplog, "became") == []
    old = sqs_event(unknown, sent_at=time.time() - TICK_SECONDS)
    assert failed(sync.handler(old, Context())) == []
    assert taken(caplog, "became") == ["an order that Square does not know"]


def test_a_poison_message_still_ends_as_a_dead_letter(platform: Platform) -> None:
    with feeding(platform, os.environ["POS_SYNC_QUEUE_URL"]) as feed:
        feed.send([{"type": "nonsense"}])
        feed.run(lambda batch: sync.handler(batch, Context()), batches=20)
        assert feed.dead() == 1


def test_a_stopped_database_costs_no_delivery(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "STATEMENT_SECONDS", 1)
    sync._live.cache_clear()  # noqa: SLF001 - so that the test need not wait for 20 s
    restaurant = open_restaurant(platform)
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    with feeding(platform, os.environ["POS_SYNC_QUEUE_URL"]) as feed:
        feed.send([event(restaurant, record)])
        with stopped_database(platform), pytest.raises(AssertionError, match="not empty"):
            feed.run(lambda batch: sync.handler(batch, Context()), batches=2)
        feed.run(lambda batch: sync.handler(batch, Context()), batches=2)
        assert feed.dead() == 0
    assert len(sales(platform, restaurant)) == 1
    sync._live.cache_clear()  # noqa: SLF001 - others wait as long as Flux does


def test_what_the_queue_does_not_take_back_is_reported(platform: Platform) -> None:
    queue = Queue(platform.sqs, url=os.environ["POS_SYNC_QUEUE_URL"])
    with Stubber(platform.sqs) as stub:
        stub.add_client_error("send_message_batch", "ServiceUnavailable")
        answer = take(
            sqs_event("first", "second"),
            lambda record: pytest.fail(record.body),
            has_time=lambda: False,
            postponing=Postponing(queue=queue, name="pos-sync", is_away=lambda _: False),
        )
    assert failed(answer) == ["0", "1"]


def test_a_tick_that_is_postponed_keeps_its_date(platform: Platform) -> None:
    restaurant = open_restaurant(platform)
    queue = os.environ["FORECAST_QUEUE_URL"]
    sent_at = dt.datetime(2026, 3, 1, 23, 59, tzinfo=dt.UTC)
    busy = TimedContext(10)
    batch = sqs_event({"type": "forecast.tick"}, sent_at=sent_at.timestamp())
    with feeding(platform, queue) as feed:
        assert failed(forecast.handler(batch, busy)) == []
        with pytest.raises(AssertionError, match="not empty"):  # the restaurants' own messages are
            feed.run(lambda batch: forecast.handler(batch, Context()), batches=1)
        bodies = platform.drain(queue)
    assert {"type": "forecast.restaurant", "restaurant_id": str(restaurant.id), "date": "2026-03-01"} in bodies
