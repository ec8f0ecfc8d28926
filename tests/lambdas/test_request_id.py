"""One id leads from CloudFront's log to the row (docs/decisions/0069)."""

import os

import pytest

from api import handler as api
from local.till import order_event, signature
from sync import handler as sync
from webhook import handler as webhook
from webhook.square import SIGNATURE_HEADER

from .support.api_client import token_of
from .support.delays import receive_delayed
from .support.lambda_events import Context, http_event, taken
from .support.platform import SUBSCRIPTION, Platform
from .support.queue_feed import feeding
from .support.restaurants import Restaurant
from .support.sales_at_square import order, ring_up, sales

# As CloudFront makes them: 56 characters.
REQUEST_ID = "Xk3vQ0mR8tPz1yLw5uHs9aBc2dEf4gJi6nOo7qTrVxYzA_-ZbCdEfG=="


def deliver(restaurant: Restaurant, order_id: str) -> int:
    body = order_event(restaurant.merchant_id, order_id, event_id="e")
    signed = signature(body, key=SUBSCRIPTION["signature_key"], notification_url=SUBSCRIPTION["notification_url"])
    headers = {SIGNATURE_HEADER: signed, "x-amz-cf-id": REQUEST_ID}
    asked = http_event("POST", "/api/v1/webhooks/square", headers=headers, body=body.decode())
    return webhook.handler(asked, Context())["statusCode"]


def test_the_id_of_a_webhooks_request_leads_to_the_row(
    platform: Platform,
    restaurant: Restaurant,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    with feeding(platform, os.environ["POS_SYNC_QUEUE_URL"]) as feed:
        assert deliver(restaurant, str(record["id"])) == 202
        assert f'"request_id":"{REQUEST_ID}"' in capsys.readouterr().out
        assert feed.run_one(lambda batch: sync.handler(batch, Context())) == []
    assert taken(caplog, "request_id") == [REQUEST_ID]
    assert taken(caplog, "restaurant_id") == [str(restaurant.id)]
    (order_id,) = taken(caplog, "order_id")
    assert [row[0] for row in sales(platform, restaurant)] == [order_id]


def test_a_postponed_message_keeps_the_id(platform: Platform, restaurant: Restaurant) -> None:
    platform.square.failures.turn_on("html", {})
    try:
        with feeding(platform, os.environ["POS_SYNC_QUEUE_URL"]) as feed:
            deliver(restaurant, "any")
            feed.run_one(lambda batch: sync.handler(batch, Context()))
            (copy,) = receive_delayed(platform.sqs, feed.url)
    finally:
        platform.square.failures.turn_off()
    assert copy.attributes["RequestId"] == REQUEST_ID


@pytest.mark.parametrize(("sent", "kept"), [(REQUEST_ID, True), ("<script>", False), ("short", False), (None, False)])
def test_the_api_answers_cloudfronts_id_and_takes_nothing_else_for_one(
    restaurant: Restaurant, sent: str | None, *, kept: bool
) -> None:
    context = Context()
    headers = {"authorization": f"Bearer {token_of(restaurant)}", **({} if sent is None else {"x-amz-cf-id": sent})}
    answer = api.handler(http_event("GET", "/api/v1/transactions", headers=headers), context)
    assert isinstance(answer["headers"], dict)
    assert answer["headers"]["x-request-id"] == (sent if kept else context.aws_request_id)
