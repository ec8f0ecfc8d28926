import json
from typing import cast

import boto3
import pytest

from flux_core.batch import SqsEvent
from flux_core.rehearsal import RESTAURANT_ID, RESTAURANTS, SECOND_RESTAURANT_ID
from flux_core.secrets import Secrets
from flux_core.tenancy import RestaurantId
from forecast import handler as forecast
from release_gate.requests import SCRIPTS
from release_gate.signing import Signatures
from sync import handler as sync
from webhook import handler as webhook

from .support.endpoints import sagemaker
from .support.lambda_events import Context, failed, http_event, sqs_event, taken
from .support.platform import Platform

TABLES = (
    *("restaurants", "users", "menu_items", "transactions", "transaction_items", "forecast_runs", "forecasts"),
    "pos_connections",
)


def signatures() -> Signatures:
    secrets = Secrets(boto3.client("secretsmanager"))
    return Signatures(secrets, token_keys="token-keys", subscription="square/webhook", origin="origin")  # noqa: S106 - a name


def payload(function: str, name: str) -> dict[str, object]:
    check = next(check for check in SCRIPTS[function](signatures()) if check.name == name)
    return dict(check.payload)


def rows(platform: Platform, restaurant_id: RestaurantId = RESTAURANT_ID) -> dict[str, list[tuple[object, ...]]]:
    with platform.tenant(restaurant_id) as cursor:
        return {table: sorted(cursor.execute(f"SELECT t::text FROM {table} t").fetchall()) for table in TABLES}  # noqa: S608 - names of this file


def test_the_schema_holds_the_two_restaurants_that_releases_are_rehearsed_with(platform: Platform) -> None:
    for restaurant_id, sales, lines, runs, forecasts in (
        (RESTAURANT_ID, 15, 29, 3, 9),
        (SECOND_RESTAURANT_ID, 14, 28, 2, 8),
    ):
        kept = {table: len(found) for table, found in rows(platform, restaurant_id).items()}
        assert kept == {
            "restaurants": 1,
            "users": 0,
            "menu_items": 2,
            "transactions": sales,
            "transaction_items": lines,
            "forecast_runs": runs,
            "forecasts": forecasts,
            "pos_connections": 1,
        }


def test_no_look_up_ever_finds_the_rehearsals_restaurants(platform: Platform) -> None:
    with platform.connect_as_functions() as connection:
        active = connection.execute("SELECT id FROM list_active_restaurants()").fetchall()
        merchant = connection.execute("SELECT * FROM find_connection_by_merchant('square', 'REHEARSAL')").fetchall()
        visible = connection.execute("SELECT id FROM restaurants").fetchall()
    assert not {(restaurant_id,) for restaurant_id in RESTAURANTS} & set(active)
    assert (merchant, visible) == ([], [])


def test_a_rehearsal_of_the_sync_worker_leaves_nothing(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(platform)
    monkeypatch.setenv("SQUARE_API_URL", "http://127.0.0.1:9")  # nobody: a rehearsal must not need Square
    event = cast("SqsEvent", payload("sync", "batch of three"))
    assert failed(sync.handler(event, Context())) == []
    assert rows(platform) == before


def test_a_rehearsal_of_the_forecast_worker_asks_the_model_and_leaves_nothing(platform: Platform) -> None:
    before = rows(platform)
    event = cast("SqsEvent", payload("forecast", "a restaurant's night"))
    with sagemaker() as asked:
        assert failed(forecast.handler(event, Context())) == []
    assert len(asked) == 1
    assert rows(platform) == before


@pytest.mark.parametrize("tick", ["sync.tick", "forecast.tick", "forecast.census"])
def test_a_rehearsed_tick_sends_no_message(platform: Platform, tick: str) -> None:
    handler, queue = (sync.handler, "pos-sync") if tick == "sync.tick" else (forecast.handler, "forecast")
    url = platform.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    platform.drain(url)
    assert failed(handler({**sqs_event({"type": tick}), "rehearsal": True}, Context())) == []
    assert platform.drain(url) == []


def test_a_rehearsal_does_not_touch_a_real_merchant(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    del platform
    event = {"merchant_id": "MREAL", "type": "order.updated", "event_id": "e", "data": {"type": "order", "id": "o"}}
    batch: SqsEvent = {**sqs_event({"type": "square.event", "event": event}), "rehearsal": True}
    with caplog.at_level("INFO"):
        assert failed(sync.handler(batch, Context())) == []
    assert taken(caplog, "became") == ["no restaurant of this merchant"]


def test_a_rehearsed_webhook_is_checked_in_full_and_not_stored(platform: Platform) -> None:
    url = platform.sqs.get_queue_url(QueueName="pos-sync")["QueueUrl"]
    platform.drain(url)
    marked = payload("webhook", "signed event")
    assert webhook.handler(marked, Context())["statusCode"] == 202
    assert platform.drain(url) == []

    headers = {**cast("dict[str, str]", marked["headers"]), "x-square-hmacsha256-signature": "Zm9yZ2Vk"}
    assert webhook.handler({**marked, "headers": headers}, Context())["statusCode"] == 401


def test_nobody_outside_can_mark_an_event_as_a_rehearsal(platform: Platform) -> None:
    url = platform.sqs.get_queue_url(QueueName="pos-sync")["QueueUrl"]
    platform.drain(url)
    body = json.dumps(
        {"merchant_id": "M", "type": "order.updated", "event_id": "e", "data": {"id": "o"}, "rehearsal": True}
    )
    # Everything that a client of API Gateway decides: headers, query and body, never the event around them.
    event = http_event(
        "POST",
        "/api/v1/webhooks/square",
        headers={"x-square-hmacsha256-signature": signatures().square(body.encode()), "rehearsal": "true"},
        query={"rehearsal": "true"},
        body=body,
    )
    assert webhook.handler(event, Context())["statusCode"] == 202
    assert len(platform.drain(url)) == 1
