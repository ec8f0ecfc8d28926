"""Orders as Square's tills make them: stored as what they are, or set aside with a reason that is counted."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from flux_core.database import Database
from flux_core.secrets import Secrets
from flux_core.tenancy import RestaurantId
from forecast.history import MOST_IN_A_DAY, DaySold, read_history
from forecast.settings import ForecastSettings
from local.square import Json, Record

from .support.api_client import get, items, token_of
from .support.lambda_events import noted, taken
from .support.platform import Platform
from .support.restaurants import Restaurant, open_branch, open_restaurant
from .support.sales_at_square import event, lines, order, ring_up, sales, take

DAY = dt.date(2026, 11, 24)  # noon of it in New York is MOMENT
MOMENT = "2026-11-24T17:00:00Z"


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")


def usd(amount: int) -> Record:
    return {"amount": amount, "currency": "USD"}


def soup(**changes: Json) -> Record:
    line: Record = {
        "uid": "u",
        "name": "Soup",
        "quantity": "1",
        "catalog_object_id": "V1",
        "total_money": usd(800),
    }
    return line | changes


def till_order(restaurant: Restaurant, *soups: Record, **changes: Json) -> Record:
    """As a till makes it: without a version. A change to None takes the member away."""
    record: Record = {
        "id": "order-1",
        "location_id": restaurant.location_id,
        "state": "COMPLETED",
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "closed_at": MOMENT,
        "line_items": list(soups),
        "total_money": usd(800),
    }
    return {name: value for name, value in (record | changes).items() if value is not None}


def returned(restaurant: Restaurant, quantity: str = "1", **changes: Json) -> Record:
    item: Record = soup(uid="a", source_line_item_uid="u", quantity=quantity)
    returns: list[Json] = [{"uid": "r", "source_order_id": "order-0", "return_line_items": [item]}]
    record = till_order(restaurant, total_money=usd(0), returns=returns, line_items=None)
    return record | changes


def bring(platform: Platform, restaurant: Restaurant, *records: Record) -> None:
    """Ring the orders up and deliver an event of each; none may fail."""
    for record in records:
        ring_up(platform, restaurant, record)
        assert take(event(restaurant, record)) == []


def history(platform: Platform, restaurant: Restaurant, date: dt.date | None = None) -> list[DaySold]:
    database = Database(ForecastSettings.load(), Secrets(platform.secrets), statement_seconds=10)
    return read_history(database, RestaurantId(restaurant.id), date or DAY + dt.timedelta(days=7))


def sold(platform: Platform, restaurant: Restaurant) -> dict[dt.date, Decimal]:
    return {day.date: day.quantity for day in history(platform, restaurant)}


def shown(restaurant: Restaurant) -> list[dict[str, object]]:
    return items(get("transactions", token_of(restaurant)))


# --- order among states -------------------------------------------------------------------------------------------


def test_an_order_without_a_version_is_stored_and_the_last_changed_state_wins(
    platform: Platform, restaurant: Restaurant
) -> None:
    older = till_order(restaurant, soup(), soup(uid="v"), total_money=usd(1600), updated_at="2026-11-24T17:00:01Z")
    newer = till_order(restaurant, soup(), updated_at="2026-11-24T17:00:01.5Z")
    bring(platform, restaurant, older, newer)
    assert sales(platform, restaurant) == [("order-1", 0, "completed", 800, "USD")]
    bring(platform, restaurant, older)
    assert sales(platform, restaurant) == [("order-1", 0, "completed", 800, "USD")]
    assert len(lines(platform, restaurant)) == 1


def test_a_greater_version_wins_whatever_the_clocks_say(platform: Platform, restaurant: Restaurant) -> None:
    second = till_order(restaurant, soup(), version=2, updated_at="2026-11-24T10:00:00Z")
    first = till_order(restaurant, version=1, total_money=usd(1), updated_at="2026-11-24T23:00:00Z")
    bring(platform, restaurant, second, first)
    assert sales(platform, restaurant) == [("order-1", 2, "completed", 800, "USD")]


def test_a_page_that_is_read_again_changes_nothing(platform: Platform, restaurant: Restaurant) -> None:
    now = dt.datetime.now(dt.UTC)
    records = [
        till_order(
            restaurant,
            soup(quantity=str(number)),
            id=f"order-{number}",
            updated_at=(now - dt.timedelta(minutes=number)).isoformat(),
        )
        for number in range(1, 4)
    ]
    ring_up(platform, restaurant, *records)
    for _ in range(2):
        assert take({"type": "sync.connection", "connection_id": str(restaurant.connection_id)}) == []
    assert len(sales(platform, restaurant)) == 3


def test_a_sale_that_is_canceled_or_open_again_is_no_sale_any_more(platform: Platform, restaurant: Restaurant) -> None:
    paid = till_order(restaurant, soup())
    bring(platform, restaurant, paid, paid | {"state": "CANCELED", "updated_at": "2026-11-24T18:00:00Z"})
    assert sold(platform, restaurant) == {}
    assert shown(restaurant) == []
    bring(platform, restaurant, paid | {"updated_at": "2026-11-24T19:00:00Z"})
    assert sold(platform, restaurant) == {DAY: Decimal(1)}
    bring(platform, restaurant, paid | {"state": "OPEN", "updated_at": "2026-11-24T20:00:00Z"})
    assert sold(platform, restaurant) == {}
    bring(platform, restaurant, paid | {"updated_at": "2026-11-24T21:00:00Z"})
    assert sold(platform, restaurant) == {DAY: Decimal(1)}


# --- states -------------------------------------------------------------------------------------------------------

NOT_YET: dict[str, Record] = {
    "open, a line of nothing": {"state": "OPEN", "line_items": [soup(quantity="0")], "total_money": usd(0)},
    "open, without version or totals": {"state": "OPEN", "total_money": None},
    "open, partly paid": {"state": "OPEN", "tenders": [{"id": "t", "type": "CASH", "amount_money": usd(300)}]},
    "open, its one payment voided": {
        "state": "OPEN",
        "tenders": [{"type": "CARD", "amount_money": usd(800), "card_details": {"status": "VOIDED"}}],
    },
    "open, nothing on it and nothing due": {
        "state": "OPEN",
        "line_items": [],
        "total_money": usd(0),
        "net_amount_due_money": usd(0),
    },
    "open, something due": {
        "state": "OPEN",
        "net_amount_due_money": usd(1),
        "tenders": [{"type": "CARD", "amount_money": usd(799)}],
    },
    "draft, without totals": {"state": "DRAFT", "total_money": None},
    "a state of tomorrow": {"state": "SIMMERING"},
    "no state": {"state": None},
    "no times": {"created_at": None, "updated_at": None, "closed_at": None},
}


@pytest.mark.parametrize("changes", NOT_YET.values(), ids=NOT_YET)
def test_an_order_that_is_no_sale_yet_is_set_aside_and_counted(
    platform: Platform, restaurant: Restaurant, changes: Record, caplog: pytest.LogCaptureFixture
) -> None:
    bring(platform, restaurant, till_order(restaurant, soup(), **changes))
    assert sales(platform, restaurant) == []
    assert len(taken(caplog, "became")) == 1


PAID: dict[str, Record] = {
    "nothing is due": {"net_amount_due_money": usd(0)},
    "nothing is due, and it was tendered": {
        "net_amount_due_money": usd(0),
        "tenders": [{"id": "t", "amount_money": usd(800), "type": "CARD"}],
        "fulfillments": [{"uid": "f", "type": "PICKUP", "state": "PROPOSED"}],
    },
    "tendered in two parts": {
        "tenders": [{"type": "CASH", "amount_money": usd(300)}, {"type": "WALLET", "amount_money": usd(500)}]
    },
    "given away": {"total_money": usd(0), "tenders": [{"type": "NO_SALE", "amount_money": usd(0)}]},
}


@pytest.mark.parametrize("changes", PAID.values(), ids=PAID)
def test_an_open_order_that_is_paid_is_a_sale(platform: Platform, restaurant: Restaurant, changes: Record) -> None:
    bring(platform, restaurant, till_order(restaurant, soup(), state="OPEN", closed_at=None, **changes))
    assert [row[2] for row in sales(platform, restaurant)] == ["completed"]
    assert sold(platform, restaurant) == {DAY: Decimal(1)}


def test_an_open_order_counts_when_it_is_paid(platform: Platform, restaurant: Restaurant) -> None:
    tender: Record = {"type": "CASH", "amount_money": usd(800), "created_at": "2026-11-26T18:00:00Z"}
    bring(platform, restaurant, till_order(restaurant, soup(), state="OPEN", closed_at=None, tenders=[tender]))
    assert sold(platform, restaurant) == {DAY + dt.timedelta(days=2): Decimal(1)}


# --- what is optional or unusual ------------------------------------------------------------------------------------

UNUSUAL: dict[str, tuple[Record, tuple[str, int, str], list[tuple[str | None, str, Decimal, int]]]] = {
    "no name": ({"line_items": [soup(name="")]}, ("completed", 800, "USD"), [("V1", "Unnamed dish", Decimal(1), 800)]),
    "blank name": (
        {"line_items": [soup(name=None, variation_name="Large")]},
        ("completed", 800, "USD"),
        [("V1", "Unnamed dish (Large)", Decimal(1), 800)],
    ),
    "lines null": ({"line_items": None}, ("completed", 800, "USD"), []),
    "five decimals": (
        {"line_items": [soup(quantity="1.70000")]},
        ("completed", 800, "USD"),
        [("V1", "Soup", Decimal("1.7"), 800)],
    ),
    "seven decimals": (
        {"line_items": [soup(quantity="0.3333333")]},
        ("completed", 800, "USD"),
        [("V1", "Soup", Decimal("0.33333"), 800)],
    ),
    "yen": (
        {"line_items": [soup(total_money={"amount": 1200, "currency": "JPY"})], "total_money": None},
        ("completed", 1200, "JPY"),
        [("V1", "Soup", Decimal(1), 1200)],
    ),
    "dinar": (
        {"line_items": [soup(total_money=None)], "total_money": {"amount": 12345, "currency": "KWD"}},
        ("completed", 12345, "KWD"),
        [("V1", "Soup", Decimal(1), 0)],
    ),
    "unknown currency": (
        {"line_items": [], "total_money": {"amount": 1, "currency": "UNKNOWN_CURRENCY"}},
        ("completed", 1, "XXX"),
        [],
    ),
    "no currency": ({"line_items": [], "total_money": {"amount": 1}}, ("completed", 1, "XXX"), []),
    "an exchange that pays back": (
        {"line_items": [soup()], "total_money": usd(-300), "returns": [{"uid": "r"}]},
        ("completed", -300, "USD"),
        [("V1", "Soup", Decimal(1), 800)],
    ),
    "custom amount": (
        {"line_items": [{"uid": "u", "quantity": "1", "item_type": "CUSTOM_AMOUNT", "total_money": usd(800)}]},
        ("completed", 800, "USD"),
        [(None, "Custom amount", Decimal(1), 800)],
    ),
    "gift card": (
        {"line_items": [soup(name="Gift card", item_type="GIFT_CARD")]},
        ("completed", 800, "USD"),
        [(None, "Gift card", Decimal(1), 800)],
    ),
    "half a surrogate pair": (
        {"line_items": [soup(name="\ud83c soup")]},
        ("completed", 800, "USD"),
        [("V1", "\N{REPLACEMENT CHARACTER} soup", Decimal(1), 800)],
    ),
    "NUL": (
        {"line_items": [soup(name="So\0up")]},
        ("completed", 800, "USD"),
        [("V1", "So\N{REPLACEMENT CHARACTER}up", Decimal(1), 800)],
    ),
    "endless name": (
        {"line_items": [soup(name="x" * 100_000)]},
        ("completed", 800, "USD"),
        [("V1", "x" * 999 + "…", Decimal(1), 800)],
    ),
    "a million and one": (
        {"line_items": [soup(quantity="1000001")]},
        ("completed", 800, "USD"),
        [("V1", "Soup", Decimal(1000001), 800)],
    ),
    "a version beyond int4": ({"line_items": [], "version": 2**40}, ("completed", 800, "USD"), []),
}


@pytest.mark.parametrize(("changes", "sale", "its_lines"), UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_unusual_at_a_till_is_stored_as_it_is(
    platform: Platform,
    restaurant: Restaurant,
    changes: Record,
    sale: tuple[str, int, str],
    its_lines: list[tuple[str | None, str, Decimal, int]],
) -> None:
    bring(platform, restaurant, till_order(restaurant, **changes))
    assert [row[2:] for row in sales(platform, restaurant)] == [sale]
    assert [row[1:] for row in lines(platform, restaurant)] == its_lines


BAD_LINES: dict[str, tuple[Record, str]] = {
    "a quantity as number": ({"quantity": 2}, "malformed"),
    "a quantity of zero": ({"quantity": "0.0"}, "nothing sold"),
    "less than the finest": ({"quantity": "0.000001"}, "nothing sold"),
    "a negative quantity": ({"quantity": "-1"}, "negative quantity"),
    "a quantity that is no number": ({"quantity": "NaN"}, "malformed"),
    "digits of another script": ({"quantity": "\N{ARABIC-INDIC DIGIT TWO}"}, "malformed"),
    "more than the column holds": ({"quantity": "12345678.5"}, "absurd quantity"),
    "rounds to more than the column holds": ({"quantity": "9999999.999999"}, "absurd quantity"),
    "another currency": ({"total_money": {"amount": 1, "currency": "EUR"}}, "currency"),
    "money as text": ({"total_money": {"amount": "1"}}, "malformed"),
}


@pytest.mark.parametrize(("changes", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_dropped_with_a_count_and_never_the_sale(
    platform: Platform, restaurant: Restaurant, changes: Record, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    bring(platform, restaurant, till_order(restaurant, soup(uid="good"), soup() | changes))
    assert sales(platform, restaurant) == [("order-1", 0, "completed", 800, "USD")]
    assert len(lines(platform, restaurant)) == 1
    assert taken(caplog, "lines_dropped") == [{reason: 1}]


MOMENTS = {
    "2026-11-24T17:00:00Z": "2026-11-24T17:00:00Z",
    "2026-11-24T17:00:00.123Z": "2026-11-24T17:00:00.123000Z",
    "2026-11-24T17:00:00.123456789Z": "2026-11-24T17:00:00.123456Z",
    "2026-11-24T12:00:00-05:00": "2026-11-24T17:00:00Z",
    "2026-11-24t17:00:00z": "2026-11-24T17:00:00Z",
    "2026-11-24T17:00:00": "2026-11-24T17:00:00Z",
    "2016-12-31T23:59:60Z": "2016-12-31T23:59:59Z",
    # No times, or centuries off: the next best is taken.
    "yesterday": MOMENT,
    "": MOMENT,
    "0001-01-01T00:00:00+23:59": MOMENT,
    "9999-12-31T23:59:59-23:59": MOMENT,
}


@pytest.mark.parametrize(("closed_at", "sold_at"), MOMENTS.items())
def test_times_are_read_as_rfc_3339_has_them(
    platform: Platform, restaurant: Restaurant, closed_at: str, sold_at: str
) -> None:
    bring(platform, restaurant, till_order(restaurant, soup(), closed_at=closed_at))
    assert [sale["sold_at"] for sale in shown(restaurant)] == [sold_at]


def test_a_dish_without_a_name_keeps_the_name_that_it_had(platform: Platform, restaurant: Restaurant) -> None:
    bring(platform, restaurant, till_order(restaurant, soup()), till_order(restaurant, soup(name=None), id="order-2"))
    with platform.tenant(restaurant.id) as cursor:
        assert cursor.execute("SELECT name FROM menu_items").fetchall() == [("Soup",)]


def test_one_bad_text_or_time_does_not_stop_a_page(
    platform: Platform, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform.square, "ahead", dt.timedelta(days=36_500))
    now = dt.datetime.now(dt.UTC)
    recent = (now - dt.timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    future = "2098-01-01T00:00:00.000Z"
    ring_up(
        platform,
        restaurant,
        till_order(restaurant, soup(name="\udfff\ud83c"), id="order-1", updated_at=recent),
        till_order(restaurant, soup(), id="order-2", updated_at=recent, returns=[None, 7, {"return_line_items": [0]}]),
        till_order(restaurant, soup(), id="order-\ud83c", updated_at=recent),
        till_order(restaurant, soup(), id="order-4", updated_at=future),
    )
    message = {"type": "sync.connection", "connection_id": str(restaurant.connection_id)}
    assert take(message) == []
    assert [row[0] for row in sales(platform, restaurant)] == ["order-1", "order-2", "order-4"]
    with platform.tenant(restaurant.id) as cursor:
        (moved_on,) = cursor.execute("SELECT last_synced_at < now() FROM pos_connections").fetchall()
    assert moved_on == (True,)


# --- returns ------------------------------------------------------------------------------------------------------


def test_what_is_brought_back_is_taken_off_the_day_it_was_sold(platform: Platform, restaurant: Restaurant) -> None:
    sale = till_order(restaurant, soup(quantity="3"), id="order-0", closed_at="2026-11-22T17:00:00Z")
    bring(platform, restaurant, sale, returned(restaurant))
    assert sold(platform, restaurant) == {DAY - dt.timedelta(days=2): Decimal(2)}
    back, first = shown(restaurant)
    assert (first["kind"], first["returns"]) == ("sale", [])
    assert (back["kind"], back["total"], back["items"]) == ("return", 0, [])
    (taken_back,) = back["returns"] if isinstance(back["returns"], list) else []
    assert taken_back["source_order_id"] == "order-0"
    assert [(item["name"], item["quantity"], item["total"]) for item in taken_back["items"]] == [("Soup", 1.0, 800)]
    assert isinstance(first["items"], list)
    assert taken_back["items"][0]["menu_item_id"] == first["items"][0]["menu_item_id"]


def test_a_return_finds_its_dish_by_the_line_that_it_names(platform: Platform, restaurant: Restaurant) -> None:
    # The catalog object may be gone, or another variation's, by the time that the dish is brought back.
    back = returned(restaurant)
    item = soup(uid="a", source_line_item_uid="u", catalog_object_id=None)
    back["returns"] = [{"source_order_id": "order-0", "return_line_items": [item]}]
    bring(platform, restaurant, back, till_order(restaurant, soup(quantity="3"), id="order-0"))
    assert sold(platform, restaurant) == {DAY: Decimal(2)}


def test_a_return_of_an_unknown_sale_is_taken_off_its_own_day_and_never_below_nothing(
    platform: Platform, restaurant: Restaurant
) -> None:
    bring(platform, restaurant, till_order(restaurant, soup(quantity="3"), id="order-9"), returned(restaurant, "2"))
    assert sold(platform, restaurant) == {DAY: Decimal(1)}
    bring(platform, restaurant, returned(restaurant, "2", id="order-2"))
    assert sold(platform, restaurant) == {}


def test_a_return_of_a_canceled_sale_and_a_canceled_return_take_nothing_off(
    platform: Platform, restaurant: Restaurant
) -> None:
    canceled = till_order(restaurant, soup(quantity="3"), id="order-0", state="CANCELED")
    bring(platform, restaurant, till_order(restaurant, soup(), id="order-9"), canceled, returned(restaurant))
    assert sold(platform, restaurant) == {DAY: Decimal(1)}
    gone = returned(restaurant, id="order-3", state="CANCELED")
    gone["returns"] = [{"return_line_items": [soup()]}]
    bring(platform, restaurant, gone)
    assert sold(platform, restaurant) == {DAY: Decimal(1)}


def test_an_exchange_counts_what_goes_out_and_what_comes_back(platform: Platform, restaurant: Restaurant) -> None:
    exchange = returned(restaurant, line_items=[soup(uid="x", quantity="5")], total_money=usd(-300))
    bring(platform, restaurant, till_order(restaurant, soup(quantity="2"), id="order-0"), exchange)
    assert sold(platform, restaurant) == {DAY: Decimal(6)}
    assert {(sale["kind"], sale["total"]) for sale in shown(restaurant)} == {("sale", 800), ("exchange", -300)}


def test_a_later_state_of_a_return_replaces_it(platform: Platform, restaurant: Restaurant) -> None:
    sale = till_order(restaurant, soup(quantity="3"), id="order-0")
    bring(
        platform, restaurant, sale, returned(restaurant, "3"), returned(restaurant, updated_at="2026-11-24T20:00:00Z")
    )
    assert sold(platform, restaurant) == {DAY: Decimal(2)}


# --- absurd quantities ----------------------------------------------------------------------------------------------


def test_an_absurd_line_is_shown_but_costs_no_forecast(
    platform: Platform, restaurant: Restaurant, caplog: pytest.LogCaptureFixture
) -> None:
    bring(platform, restaurant, till_order(restaurant, soup(quantity="1000001"), soup(uid="v", quantity="7")))
    assert sold(platform, restaurant) == {DAY: Decimal(7)}
    assert noted(caplog, "lines_set_aside") == [1]
    (sale,) = shown(restaurant)
    assert isinstance(sale["items"], list)
    assert [line["quantity"] for line in sale["items"]] == [1_000_001.0, 7.0]


def test_a_day_is_never_more_than_the_model_takes(
    platform: Platform, restaurant: Restaurant, caplog: pytest.LogCaptureFixture
) -> None:
    many = [soup(uid=str(number), quantity="100000") for number in range(11)]
    bring(platform, restaurant, till_order(restaurant, *many))
    assert sold(platform, restaurant) == {DAY: Decimal(MOST_IN_A_DAY)}
    assert noted(caplog, "days_capped") == [1]


# --- events -------------------------------------------------------------------------------------------------------


def test_an_event_that_is_nobodys_is_acknowledged_and_counted(
    platform: Platform, restaurant: Restaurant, caplog: pytest.LogCaptureFixture
) -> None:
    closed = open_restaurant(platform, active=False)
    del restaurant
    # The last is what the developer console's "Send test event" sends: a merchant and an order that nobody has.
    sample = {
        "merchant_id": "6SSW7HV8K2ST5",
        "type": "order.created",
        "event_id": "e",
        "data": {"id": "eA3vssLHKJrv9H"},
    }
    events = [event(closed, order(closed)), {"type": "square.event", "event": sample}]
    assert take(*events) == []
    assert taken(caplog, "became") == ["no restaurant of this merchant"] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"merchant_id": None},
        {"data": None},
        {"data": {"type": "order", "id": None}},
        {"type": None},
        {"type": "order.simmering"},
        {"data": {"type": "order", "id": 7}},
        {"merchant_id": "\0"},
    ],
)
def test_an_event_that_says_too_little_is_acknowledged_and_counted(
    restaurant: Restaurant, changes: Record, caplog: pytest.LogCaptureFixture
) -> None:
    message = event(restaurant, {"id": "x"})
    assert isinstance(message["event"], dict)
    message["event"] |= changes
    assert take(message) == []
    assert len(taken(caplog, "became")) == 1


def test_an_order_is_found_by_the_events_object_when_the_data_have_no_id(
    platform: Platform, restaurant: Restaurant
) -> None:
    record = till_order(restaurant, soup())
    ring_up(platform, restaurant, record)
    message = event(restaurant, record)
    assert isinstance(message["event"], dict)
    del message["event"]["data"]["id"]
    assert take(message) == []
    assert len(sales(platform, restaurant)) == 1


def test_two_kitchens_of_one_merchant_get_the_orders_of_their_own_location(platform: Platform) -> None:
    first = open_restaurant(platform)
    second = open_branch(platform, first)
    here, there = till_order(first, soup()), till_order(second, soup(quantity="5"), id="order-2")
    ring_up(platform, first, here, there)
    assert take(event(first, there), event(first, here)) == []
    assert [row[0] for row in sales(platform, first)] == ["order-1"]
    assert [row[0] for row in sales(platform, second)] == ["order-2"]
    assert sold(platform, first) == {DAY: Decimal(1)}
    assert sold(platform, second) == {DAY: Decimal(5)}


def test_a_branch_that_withdrew_its_access_does_not_cost_the_other_its_events(platform: Platform) -> None:
    first = open_restaurant(platform)
    second = open_branch(platform, first, tokens="withdrawn")
    record = till_order(first, soup(), location_id=second.location_id)
    ring_up(platform, first, record)
    assert take(event(first, record)) == []
    assert len(sales(platform, second)) == 1


def test_a_message_about_an_order_is_read_as_it_was_sent(platform: Platform, restaurant: Restaurant) -> None:
    record = till_order(restaurant, soup(name="crème brûlée \N{POT OF FOOD}"))
    bring(platform, restaurant, json.loads(json.dumps(record)))
    assert [row[2] for row in lines(platform, restaurant)] == ["crème brûlée \N{POT OF FOOD}"]
