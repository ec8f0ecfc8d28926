import copy
import json
import os
import uuid
from decimal import Decimal

import pytest

from flux_core.database import Database
from flux_core.secrets import Secrets
from flux_core.tenancy import RestaurantId
from local.square import Record
from sync import handler as sync
from sync.connections import Connections
from sync.settings import SyncSettings
from sync.square_client import SquareClient
from sync.tokens import TokenCipher

from .support.lambda_events import Context, failed, sqs_event
from .support.platform import Platform
from .support.restaurants import Restaurant
from .support.sales_at_square import event, last_synced, lines, order, ring_up, sales, take


def test_an_event_becomes_one_sale_with_its_lines(platform: Platform, restaurant: Restaurant) -> None:
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    assert take(event(restaurant, record)) == []
    assert sales(platform, restaurant) == [(record["id"], 2, "completed", 2_150, "USD")]
    assert lines(platform, restaurant) == [
        (1, "SOUP", "Soup (Large)", Decimal(2), 1_600),
        (2, None, "Custom amount", Decimal("0.275"), 550),
    ]


def test_an_event_that_comes_twice_is_one_sale(platform: Platform, restaurant: Restaurant) -> None:
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    assert take(event(restaurant, record), event(restaurant, record)) == []
    assert take(event(restaurant, record)) == []
    assert len(sales(platform, restaurant)) == 1
    assert len(lines(platform, restaurant)) == 2


def test_a_later_version_replaces_the_sale_and_an_earlier_one_does_not(
    platform: Platform, restaurant: Restaurant
) -> None:
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    take(event(restaurant, record))
    later = copy.deepcopy(record) | {"version": 3, "line_items": [], "total_money": {"amount": 0, "currency": "USD"}}
    ring_up(platform, restaurant, later)
    take(event(restaurant, later))
    assert sales(platform, restaurant) == [(record["id"], 3, "completed", 0, "USD")]
    assert lines(platform, restaurant) == []

    ring_up(platform, restaurant, record)
    assert take(event(restaurant, record)) == []
    assert sales(platform, restaurant) == [(record["id"], 3, "completed", 0, "USD")]
    assert lines(platform, restaurant) == []


def test_a_canceled_order_is_kept_as_no_sale_and_does_not_come_back(platform: Platform, restaurant: Restaurant) -> None:
    record = order(restaurant)
    canceled = record | {"state": "CANCELED", "version": 9}
    ring_up(platform, restaurant, canceled)
    take(event(restaurant, canceled))
    ring_up(platform, restaurant, record)
    take(event(restaurant, record))
    assert sales(platform, restaurant) == [(record["id"], 9, "canceled", 2_150, "USD")]


@pytest.mark.parametrize("state", ["OPEN", "DRAFT"])
def test_an_order_that_is_not_finished_is_not_stored(platform: Platform, restaurant: Restaurant, state: str) -> None:
    record = order(restaurant) | {"state": state}
    del record["closed_at"]
    ring_up(platform, restaurant, record)
    assert take(event(restaurant, record)) == []
    assert sales(platform, restaurant) == []


def test_a_sale_at_another_place_of_the_merchant_is_not_the_restaurants(
    platform: Platform, restaurant: Restaurant
) -> None:
    record = order(restaurant) | {"location_id": "ELSEWHERE"}
    ring_up(platform, restaurant, record)
    assert take(event(restaurant, record)) == []
    assert sales(platform, restaurant) == []


def test_an_event_about_something_else_is_ignored(restaurant: Restaurant) -> None:
    other = event(restaurant, {"id": "x"})
    assert isinstance(other["event"], dict)
    other["event"]["type"] = "customer.updated"
    assert take(other) == []


# What Square cannot send: members of other types than its schema's.
BROKEN: list[tuple[str, Record]] = [
    ("money as text", {"total_money": {"amount": "2150", "currency": "USD"}}),
    ("money as a fraction", {"total_money": {"amount": 21.5, "currency": "USD"}}),
    ("more money than bigint holds", {"total_money": {"amount": 2**63, "currency": "USD"}}),
    ("a version as text", {"version": "2"}),
    ("a state as a number", {"state": 1}),
    ("lines that are no list", {"line_items": {}}),
]


@pytest.mark.parametrize("change", [change for _, change in BROKEN], ids=[name for name, _ in BROKEN])
def test_an_order_that_is_not_squares_fails_alone(platform: Platform, restaurant: Restaurant, change: Record) -> None:
    good, bad, other = order(restaurant), order(restaurant) | change, order(restaurant)
    ring_up(platform, restaurant, good, bad, other)
    assert take(*(event(restaurant, record) for record in (good, bad, other))) == ["1"]
    assert {row[0] for row in sales(platform, restaurant)} == {good["id"], other["id"]}


@pytest.mark.parametrize(
    "poison",
    ["", "not JSON", "[]", '{"type":"pos.unknown"}', '{"type":"square.event"}', '{"type":"sync.connection"}', "\x00"],
)
def test_a_malformed_message_fails_alone(platform: Platform, restaurant: Restaurant, poison: str) -> None:
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    assert take(poison, event(restaurant, record)) == ["0"]
    assert len(sales(platform, restaurant)) == 1


@pytest.mark.parametrize("hopeless", [False, True], ids=["may yet succeed", "non_retryable"])
def test_only_a_non_retryable_message_is_delivered_again_at_once(
    platform: Platform, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch, *, hopeless: bool
) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("a fault of our own, which another release may have mended")

    monkeypatch.setattr(SquareClient, "order", fault)
    queue = os.environ["POS_SYNC_QUEUE_URL"]
    body = json.dumps({"type": "pos.unknown"} if hopeless else event(restaurant, {"id": "any"}))
    platform.sqs.send_message(QueueUrl=queue, MessageBody=body)
    (message,) = platform.sqs.receive_message(QueueUrl=queue)["Messages"]
    batch = sqs_event(body)
    batch["Records"][0]["receiptHandle"] = message["ReceiptHandle"]
    assert failed(sync.handler(batch, Context())) == ["0"]
    assert ("Messages" in platform.sqs.receive_message(QueueUrl=queue)) is hopeless
    platform.sqs.purge_queue(QueueUrl=queue)


def test_an_empty_batch_has_no_failures() -> None:
    assert sync.handler({"Records": []}, Context()) == {"batchItemFailures": []}


def test_an_expired_access_token_is_refreshed_once_and_kept_encrypted(
    platform: Platform, restaurant: Restaurant
) -> None:
    platform.square.put_merchant(
        restaurant.merchant_id, {"access_token": "another", "refresh_token": restaurant.refresh_token}
    )
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    assert take(event(restaurant, record)) == []
    assert len(sales(platform, restaurant)) == 1
    with platform.tenant(restaurant.id) as cursor:
        row = cursor.execute("SELECT access_token FROM pos_connections").fetchone()
    assert row is not None
    token = TokenCipher(platform.kms, key=os.environ["POS_TOKEN_KEY"]).decrypt(RestaurantId(restaurant.id), row[0])
    assert platform.square.retrieve_order(token, str(record["id"]))["order"] == record
    assert token.encode() not in row[0]


def test_a_token_copied_to_another_restaurant_does_not_decrypt(platform: Platform, restaurant: Restaurant) -> None:
    cipher = TokenCipher(platform.kms, key=os.environ["POS_TOKEN_KEY"])
    ciphertext = cipher.encrypt(RestaurantId(restaurant.id), "token")
    assert cipher.decrypt(RestaurantId(restaurant.id), ciphertext) == "token"
    with pytest.raises(platform.kms.exceptions.ClientError):
        cipher.decrypt(RestaurantId(uuid.uuid4()), ciphertext)


def test_a_webhook_event_does_not_move_the_time_of_the_last_sync(platform: Platform, restaurant: Restaurant) -> None:
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    take(event(restaurant, record))
    assert last_synced(platform, restaurant) is None


def test_connections_know_their_own_tokens_only(platform: Platform, restaurant: Restaurant) -> None:
    database = Database(SyncSettings.load(), Secrets(platform.secrets), statement_seconds=10)
    (connection,) = Connections(database).of_merchant(restaurant.merchant_id)
    assert connection.restaurant_id == restaurant.id
    assert "access_token" not in repr(connection)
