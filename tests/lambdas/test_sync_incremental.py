import datetime as dt
import json
import os
import uuid
from collections.abc import Iterator

import pytest

from flux_core.batch import SqsEvent
from flux_core.database import Database
from flux_core.queue import Queue
from flux_core.secrets import Secrets
from local.square import Record
from sync import handler as sync
from sync import square_client
from sync.freshness import Freshness
from sync.incremental import IncrementalSync
from sync.journal import Journal
from sync.settings import SyncSettings
from sync.square_client import Page, SquareClient
from sync.tokens import TokenCipher

from .support.platform import Platform
from .support.queue_feed import TimedContext, feeding
from .support.restaurants import Restaurant, open_restaurant
from .support.sales_at_square import last_synced, order, ring_up, sales, take


def test_a_tick_sends_one_message_for_each_active_connection(platform: Platform, restaurant: Restaurant) -> None:
    closed = open_restaurant(platform, active=False)
    assert take({"type": "sync.tick"}) == []
    sent = platform.drain(os.environ["POS_SYNC_QUEUE_URL"])
    assert sent.count({"type": "sync.connection", "connection_id": str(restaurant.connection_id)}) == 1
    assert {"type": "sync.connection", "connection_id": str(closed.connection_id)} not in sent


def connection_message(restaurant: Restaurant) -> dict[str, object]:
    return {"type": "sync.connection", "connection_id": str(restaurant.connection_id)}


def recent(restaurant: Restaurant, *, minutes_ago: int, number: int) -> Record:
    moment = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return order(restaurant, f"order-{number:05}") | {"created_at": moment, "updated_at": moment, "closed_at": moment}


def test_an_incremental_sync_stores_every_page_and_moves_on(platform: Platform, restaurant: Restaurant) -> None:
    records = [recent(restaurant, minutes_ago=2_000 - number, number=number) for number in range(1_100)]
    records[7]["state"] = "OPEN"
    ring_up(platform, restaurant, *records)
    began = dt.datetime.now(dt.UTC)
    assert take(connection_message(restaurant)) == []
    assert len(sales(platform, restaurant)) == 1_099
    moment = last_synced(platform, restaurant)
    assert moment is not None
    assert began <= moment <= dt.datetime.now(dt.UTC)


def test_the_next_sync_stores_what_came_since(platform: Platform, restaurant: Restaurant) -> None:
    ring_up(platform, restaurant, recent(restaurant, minutes_ago=60, number=1))
    take(connection_message(restaurant))
    ring_up(
        platform,
        restaurant,
        recent(restaurant, minutes_ago=30, number=2),  # before the last sync: a webhook's affair
        recent(restaurant, minutes_ago=1, number=3),
    )
    take(connection_message(restaurant))
    assert [row[0] for row in sales(platform, restaurant)] == ["order-00001", "order-00003"]


def test_an_order_that_is_not_valid_goes_on_the_queue_alone_and_the_sync_goes_on(
    platform: Platform, restaurant: Restaurant
) -> None:
    bad = recent(restaurant, minutes_ago=20, number=1) | {"total_money": {"amount": "2150"}}
    ring_up(platform, restaurant, bad, recent(restaurant, minutes_ago=10, number=2))
    assert take(connection_message(restaurant)) == []
    assert [row[0] for row in sales(platform, restaurant)] == ["order-00002"]
    (poison,) = platform.drain(os.environ["POS_SYNC_QUEUE_URL"])
    assert poison["type"] == "square.event"
    assert take(json.dumps(poison)) == ["0"]


def burst(restaurant: Restaurant, number: int) -> list[Record]:
    """Orders updated within a few minutes, as an import makes them; pages are small, so that few are many pages."""
    began = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    moments = [(began + dt.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.250Z") for second in range(number)]
    return [
        order(restaurant, f"order-{second:05}") | {"created_at": moment, "updated_at": moment, "closed_at": moment}
        for second, moment in enumerate(moments)
    ]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(square_client, "PAGE", 20)


@pytest.fixture
def incremental(platform: Platform) -> Iterator[IncrementalSync]:
    settings = SyncSettings.load()
    secrets = Secrets(platform.secrets)
    database = Database(settings, secrets, statement_seconds=10)
    yield IncrementalSync(
        database=database,
        cipher=TokenCipher(platform.kms, key=settings.pos_token_key),
        square=SquareClient(
            url=settings.square_api_url, secrets=secrets, application_secret=settings.square_application_secret
        ),
        queue=Queue(platform.sqs, url=settings.pos_sync_queue_url),
        freshness=Freshness(promised_seconds=settings.sales_visible_seconds),
        journal=Journal(),
    )
    database.close()
    platform.drain(settings.pos_sync_queue_url)


@pytest.mark.usefixtures("small_pages")
def test_orders_updated_within_the_overlap_are_stored_by_runs_that_each_go_on_where_the_last_one_ended(
    platform: Platform, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring_up(platform, restaurant, *burst(restaurant, 130))
    search = SquareClient.search
    context = TimedContext(60)

    def slow(self: SquareClient, token: str, *, locations: list[str], since: dt.datetime, cursor: str | None) -> Page:
        context.seconds -= 10
        return search(self, token, locations=locations, since=since, cursor=cursor)

    def run(event: SqsEvent) -> object:
        context.seconds = 60
        return sync.handler(event, context)

    monkeypatch.setattr(SquareClient, "search", slow)
    with feeding(platform, os.environ["POS_SYNC_QUEUE_URL"]) as feed:
        feed.send([connection_message(restaurant)])
        # Three pages of 20 a run, and a run that goes on reads the last order again.
        assert feed.run(run, batches=5) == 3
    assert len(sales(platform, restaurant)) == 130


@pytest.mark.usefixtures("small_pages")
def test_a_tick_beside_an_unfinished_sync_asks_nothing_and_adds_no_message(
    platform: Platform, restaurant: Restaurant, incremental: IncrementalSync
) -> None:
    ring_up(platform, restaurant, *burst(restaurant, 60))
    incremental.run(restaurant.connection_id, has_time=lambda: False)
    assert take(connection_message(restaurant)) == []
    assert platform.drain(os.environ["POS_SYNC_QUEUE_URL"]) == [connection_message(restaurant)]
    assert len(sales(platform, restaurant)) == 20


@pytest.mark.usefixtures("small_pages")
def test_of_two_runs_at_once_one_sends_the_message_to_go_on(
    platform: Platform, restaurant: Restaurant, incremental: IncrementalSync
) -> None:
    ring_up(platform, restaurant, *burst(restaurant, 60))

    def runs_out_of_time_while_another_does() -> bool:
        incremental.run(restaurant.connection_id, has_time=lambda: False)
        return False

    incremental.run(restaurant.connection_id, has_time=runs_out_of_time_while_another_does)
    assert len(platform.drain(os.environ["POS_SYNC_QUEUE_URL"])) == 1


@pytest.mark.usefixtures("small_pages")
def test_a_later_tick_goes_on_when_the_message_to_go_on_is_lost(
    platform: Platform, restaurant: Restaurant, incremental: IncrementalSync
) -> None:
    ring_up(platform, restaurant, *burst(restaurant, 60))
    incremental.run(restaurant.connection_id, has_time=lambda: False)
    platform.drain(os.environ["POS_SYNC_QUEUE_URL"])
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE pos_connections SET sync_waits_until = now()")
    assert take(connection_message(restaurant)) == []
    assert len(sales(platform, restaurant)) == 60


@pytest.mark.usefixtures("small_pages")
def test_a_run_goes_past_more_orders_of_one_moment_than_a_page_holds(
    platform: Platform, restaurant: Restaurant, incremental: IncrementalSync
) -> None:
    first, *others = burst(restaurant, 50)
    same = {"updated_at": first["updated_at"]}
    ring_up(platform, restaurant, first, *(each | same for each in others))
    incremental.run(restaurant.connection_id, has_time=lambda: False)
    platform.drain(os.environ["POS_SYNC_QUEUE_URL"])
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE pos_connections SET sync_waits_until = now()")
    incremental.run(restaurant.connection_id, has_time=lambda: False)
    assert len(sales(platform, restaurant)) == 50


def test_a_connection_that_is_active_no_more_is_left_alone() -> None:
    assert take({"type": "sync.connection", "connection_id": str(uuid.uuid4())}) == []
