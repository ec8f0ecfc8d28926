"""Nothing that Square's own models allow is refused, raises or stops a page: it is stored right, or counted.

`make test` tries a hundred examples of each property, the same ones each time; `make test-long` tries others, and more.
"""

import base64
import hashlib
import hmac
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from square.utils.webhooks_helper import verify_signature

from flux_core.database import Database
from flux_core.json_text import read_json
from flux_core.queue import Queue
from flux_core.secrets import Secrets
from local.square import Json, Record
from sync.freshness import Freshness
from sync.incremental import IncrementalSync
from sync.journal import Journal
from sync.settings import SyncSettings
from sync.square_client import SquareClient
from sync.square_orders import SquareOrder
from sync.tokens import TokenCipher
from webhook import handler as webhook
from webhook.square import SIGNATURE_HEADER, SquareSignatures

from .support.http import Reply, Request, serving
from .support.lambda_events import Context, http_event
from .support.platform import SUBSCRIPTION, Platform
from .support.restaurants import Restaurant, open_restaurant
from .support.sales_at_square import last_synced, order, ring_up, sales, take
from .support.square_sdk import ANY_TEXT, HUGE_TEXT, event_models, examples, instances, model_of, orders

ORDERS = orders()
ERRORS = instances(model_of("error", "Error"))
PAGES = st.tuples(
    instances(model_of("search_orders_response", "SearchOrdersResponse")), st.lists(ORDERS, min_size=1, max_size=6)
).map(lambda both: both[0] | {"orders": list(both[1])})

_HEALTH = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
]
QUICK = settings(max_examples=100, derandomize=True, deadline=None, database=None, suppress_health_check=_HEALTH)
LONG = settings(QUICK, max_examples=1_500, derandomize=False)
FIXTURES = settings(QUICK, suppress_health_check=[*_HEALTH, HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def restaurant(platform: Platform) -> Restaurant:
    return open_restaurant(platform)


def as_square_sends(value: Json) -> bytes:
    """JSON, with every half of a surrogate pair that is in it."""
    return json.dumps(value).encode()


def expected_quantities(record: Record) -> list[Decimal]:
    """By the documentation: decimal numbers above 0; what the column cannot hold is no quantity."""
    found = []
    line_items = record.get("line_items")
    for item in line_items if isinstance(line_items, list) else []:
        text = item.get("quantity") if isinstance(item, dict) else None
        try:
            quantity = Decimal(text) if isinstance(text, str) and "e" not in text and text == text.strip() else None
        except InvalidOperation:
            quantity = None
        if quantity is not None and 0 < (rounded := round(quantity, 5)) < 10**7:
            found.append(rounded)
    return found


def check_order(record: Record) -> None:
    """What is read of one order is what stands in it."""
    content = read_json(as_square_sends(record))
    assert isinstance(content, dict)
    reading = SquareOrder.model_validate(content).read()
    if reading.sale is None:
        assert reading.set_aside is not None
        return
    sale = reading.sale
    state = {"COMPLETED": {"completed"}, "CANCELED": {"canceled"}, "DRAFT": {"unpaid"}}
    assert sale.state in state.get(str(record["state"]), {"completed", "unpaid"})
    assert (reading.set_aside is not None) == (sale.state == "unpaid")
    assert sale.provider_order_id == record["id"]
    assert 0 <= sale.version < 2**31
    assert -(2**63) <= sale.total_minor < 2**63
    total = record.get("total_money")
    if isinstance(total, dict) and total.get("amount") is not None:
        assert sale.total_minor == total["amount"]
    if "currency" not in reading.dropped:
        assert [line.quantity for line in sale.lines] == expected_quantities(record)
    assert all(1 <= len(line.name) <= 1_000 and "\0" not in line.name for line in sale.lines)
    every = record.get("line_items")
    if not sale.returns:
        assert len(sale.lines) + sum(reading.dropped.values()) >= len(every if isinstance(every, list) else [])


@QUICK
@given(ORDERS)
def test_every_order_that_squares_model_allows_is_a_sale_or_counted(record: Record) -> None:
    check_order(record)


@pytest.mark.long
@LONG
@given(ORDERS)
def test_thousands_of_orders_that_squares_model_allows_are_sales_or_counted(record: Record) -> None:
    check_order(record)


@pytest.mark.parametrize("state", ["COMPLETED", "OPEN", "CANCELED", "DRAFT"])
def test_every_order_in_the_sdks_examples_is_a_sale_or_counted(state: str) -> None:
    found = examples()
    assert len(found) >= 10
    for example in found:
        check_order(example)
        times: Record = {"id": "order", "created_at": "2026-11-24T17:00:00Z", "state": state}
        check_order(example | times)


@dataclass(kw_only=True)
class OnePage:
    """A Square whose search answers with one page, whatever it is."""

    url: str
    content: bytes = b""


@pytest.fixture
def square() -> Iterator[OnePage]:
    def answer(request: Request) -> Reply:
        assert request.path == "/v2/orders/search"
        return Reply(body=page.content, headers={"content-type": "application/json"})

    with serving(answer) as url:
        page = OnePage(url=url)
        yield page


def check_page(platform: Platform, restaurant: Restaurant, square: OnePage, page: Record) -> None:
    """A page among whose orders one is plain: that one is stored, whatever the others are, and nothing is refused."""
    run = uuid.uuid4().hex
    found = page["orders"]
    strange: list[Record] = [
        each | {"location_id": restaurant.location_id} | ({"id": f"{run}-{number}"} if "id" in each else {})
        for number, each in enumerate(found if isinstance(found, list) else [])
        if isinstance(each, dict)
    ]
    witness = order(restaurant, f"{run}-witness")
    square.content = as_square_sends(page | {"orders": [*strange, witness], "cursor": None, "errors": None})
    told = SyncSettings.load()
    secrets = Secrets(platform.secrets)
    database = Database(told, secrets, statement_seconds=10)
    IncrementalSync(
        database=database,
        cipher=TokenCipher(platform.kms, key=told.pos_token_key),
        square=SquareClient(url=square.url, secrets=secrets, application_secret=told.square_application_secret),
        queue=Queue(platform.sqs, url=told.pos_sync_queue_url),
        freshness=Freshness(promised_seconds=told.sales_visible_seconds),
        journal=Journal(),
    ).run(restaurant.connection_id, has_time=lambda: True)
    database.close()
    assert platform.drain(told.pos_sync_queue_url) == []
    stored = {str(row[0]) for row in sales(platform, restaurant) if str(row[0]).startswith(run)}
    readings = [SquareOrder.model_validate(read_json(as_square_sends(each))).read() for each in strange]
    expected = {each.sale.provider_order_id for each in readings if each.sale and each.sale.state != "unpaid"}
    assert stored == expected | {f"{run}-witness"}
    assert last_synced(platform, restaurant) is not None


@settings(FIXTURES, max_examples=50)
@given(page=PAGES)
def test_every_page_that_squares_model_allows_is_stored_to_its_end(
    platform: Platform, restaurant: Restaurant, square: OnePage, page: Record
) -> None:
    check_page(platform, restaurant, square, page)


@pytest.mark.long
@settings(LONG, max_examples=300, suppress_health_check=FIXTURES.suppress_health_check)
@given(page=PAGES)
def test_many_pages_that_squares_model_allows_are_stored_to_their_end(
    platform: Platform, restaurant: Restaurant, square: OnePage, page: Record
) -> None:
    check_page(platform, restaurant, square, page)


@st.composite
def events(draw: st.DrawFn) -> Record:
    return draw(instances(draw(st.sampled_from(event_models()))))


@settings(FIXTURES, max_examples=150)
@given(event=events())
def test_every_event_that_square_has_a_model_of_is_taken_and_acknowledged(
    platform: Platform, restaurant: Restaurant, event: Record
) -> None:
    del restaurant
    body = as_square_sends(event)
    signed = sign(body)
    assert verify_signature(
        request_body=body.decode(),
        signature_header=signed,
        signature_key=SUBSCRIPTION["signature_key"],
        notification_url=SUBSCRIPTION["notification_url"],
    )
    if len(body) > 200_000:
        return
    request = http_event("POST", "/api/v1/webhooks/square", headers={SIGNATURE_HEADER: signed}, body=body)
    assert webhook.handler(request, Context())["statusCode"] == 202
    (message,) = platform.drain(os.environ["POS_SYNC_QUEUE_URL"])
    assert take(message) == []


def test_the_sdk_has_models_of_more_than_a_hundred_events_and_the_orders_among_them() -> None:
    names = {model.__name__ for model in event_models()}
    assert {"OrderCreatedEvent", "OrderUpdatedEvent", "PaymentUpdatedEvent", "OauthAuthorizationRevokedEvent"} <= names
    assert len(names) > 100


@settings(FIXTURES, max_examples=50)
@given(event=instances(model_of("order_updated_event", "OrderUpdatedEvent")))
def test_an_event_of_a_known_order_stores_it_or_says_too_little(
    platform: Platform, restaurant: Restaurant, event: Record
) -> None:
    record = order(restaurant)
    ring_up(platform, restaurant, record)
    known: Record = event | {"merchant_id": restaurant.merchant_id, "type": "order.updated"}
    data = known.get("data")
    named: Record = (data if isinstance(data, dict) else {}) | {"id": record["id"]}
    content = read_json(as_square_sends(known | {"data": named}))
    assert take({"type": "square.event", "event": content}) == []
    assert record["id"] in {row[0] for row in sales(platform, restaurant)}


def sign(body: bytes) -> str:
    """As Square does: base64 of the HMAC-SHA256 over address and body."""
    signed = SUBSCRIPTION["notification_url"].encode() + body
    return base64.b64encode(hmac.new(SUBSCRIPTION["signature_key"].encode(), signed, hashlib.sha256).digest()).decode()


@settings(FIXTURES, max_examples=100)
@given(
    body=st.text(min_size=1, max_size=200),
    signature=st.one_of(st.none(), st.text(max_size=60), st.sampled_from(["", "=", "é"])),
    change=st.sampled_from(["", " ", "\n", "{}"]),
)
def test_signatures_are_accepted_exactly_as_squares_verifier_accepts_them(
    platform: Platform, body: str, signature: str | None, change: str
) -> None:
    sent = body + change
    header = sign(body.encode()) if signature is None else signature
    ours = SquareSignatures(Secrets(platform.secrets), subscription="square/webhook")
    assert ours.accept(sent.encode(), header) == verify_signature(
        request_body=sent,
        signature_header=header,
        signature_key=SUBSCRIPTION["signature_key"],
        notification_url=SUBSCRIPTION["notification_url"],
    )


@QUICK
@given(ERRORS, ANY_TEXT | HUGE_TEXT)
def test_what_square_writes_is_read_with_every_text_repaired(error: Record, text: str) -> None:
    read = read_json(as_square_sends({"errors": [error], "detail": text, text: [text]}))
    json.dumps(read, ensure_ascii=False).encode()


@pytest.mark.parametrize("content", [b"", b"{", b"NaN", b'{"a":Infinity}', b"[" * 100_000, b'{"a":' * 5_000, b"\xff"])
def test_what_is_no_json_is_a_value_error_whatever_it_is(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(content)
