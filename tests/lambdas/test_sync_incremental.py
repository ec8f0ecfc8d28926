import datetime as dt
import json
import os
import uuid

from flux_core.database import Database
from flux_core.queue import Queue
from flux_core.secrets import Secrets
from local.square import Record
from sync.freshness import Freshness
from sync.incremental import IncrementalSync
from sync.journal import Journal
from sync.settings import SyncSettings
from sync.square_client import SquareClient
from sync.tokens import TokenCipher

from .support.platform import Platform
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


def test_a_sync_that_runs_out_of_time_goes_on_in_another_run(platform: Platform, restaurant: Restaurant) -> None:
    ring_up(
        platform,
        restaurant,
        *(recent(restaurant, minutes_ago=2_000 - number, number=number) for number in range(700)),
    )
    settings = SyncSettings.load()
    secrets = Secrets(platform.secrets)
    incremental = IncrementalSync(
        database=Database(settings, secrets, statement_seconds=10),
        cipher=TokenCipher(platform.kms, key=settings.pos_token_key),
        square=SquareClient(
            url=settings.square_api_url, secrets=secrets, application_secret=settings.square_application_secret
        ),
        queue=Queue(platform.sqs, url=settings.pos_sync_queue_url),
        freshness=Freshness(promised_seconds=settings.sales_visible_seconds),
        journal=Journal(),
    )
    incremental.run(restaurant.connection_id, has_time=lambda: False)
    assert len(sales(platform, restaurant)) == 500
    (message,) = platform.drain(settings.pos_sync_queue_url)
    assert message == connection_message(restaurant)
    assert take(message) == []
    assert len(sales(platform, restaurant)) == 700


def test_a_connection_that_is_active_no_more_is_left_alone() -> None:
    assert take({"type": "sync.connection", "connection_id": str(uuid.uuid4())}) == []
