"""Square on this machine answers as its API reference says."""

from datetime import UTC, date, datetime
from http import HTTPStatus

import pytest

from local.square import Json, Refused, Square
from local.till import AURORA, LOTUS, signature

TOKENS = {"access_token": "first-access-token", "refresh_token": "refresh-token"}


@pytest.fixture
def square() -> Square:
    square = Square()
    square.put_merchant(AURORA.merchant_id, dict(TOKENS))
    square.put_orders(AURORA.merchant_id, {"orders": list(AURORA.past(days=3, until=date(2026, 3, 4)))})
    return square


def test_an_order_is_shown_to_its_own_merchant_only(square: Square) -> None:
    order_id = str(AURORA.day(date(2026, 3, 3))[0]["id"])
    assert square.retrieve_order("first-access-token", order_id)["order"] == AURORA.day(date(2026, 3, 3))[0]
    square.put_merchant(LOTUS.merchant_id, {"access_token": "other-token", "refresh_token": "other-refresh"})
    with pytest.raises(Refused) as refused:
        square.retrieve_order("other-token", order_id)
    assert refused.value.status == HTTPStatus.NOT_FOUND


def test_a_search_pages_through_every_order_once_in_the_order_of_change(square: Square) -> None:
    found: list[Json] = []
    query: Json = {"sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"}}
    cursor: Json = None
    while True:
        page = square.search_orders("first-access-token", {"query": query, "limit": 5, "cursor": cursor})
        assert isinstance(page["orders"], list)
        found += page["orders"]
        cursor = page.get("cursor")
        if cursor is None:
            break
    changed = [str(order["updated_at"]) for order in found if isinstance(order, dict)]
    assert len(changed) == 3 * 2 * len(AURORA.menu)
    assert changed == sorted(changed)


def test_an_expired_token_is_refused_and_a_refreshed_one_is_not(square: Square) -> None:
    answer = square.obtain_token({"refresh_token": "refresh-token"})
    with pytest.raises(Refused) as refused:
        square.search_orders("first-access-token", {})
    assert refused.value.status == HTTPStatus.UNAUTHORIZED
    assert square.search_orders(str(answer["access_token"]), {})["orders"]


def test_a_demo_day_is_the_same_whenever_it_is_asked_for_and_busier_on_weekends() -> None:
    saturday, tuesday = date(2026, 3, 7), date(2026, 3, 3)
    assert AURORA.day(saturday) == AURORA.day(saturday)
    assert len(AURORA.day(saturday)) == len(AURORA.day(tuesday))

    def revenue(day: date) -> int:
        return sum(
            int(str(order["total_money"]["amount"]))
            for order in AURORA.day(day)
            if isinstance(order["total_money"], dict)
        )

    assert revenue(saturday) > revenue(tuesday)


def test_an_order_adds_up() -> None:
    dish = AURORA.menu[0]
    order = AURORA.order("order", at=datetime(2026, 3, 3, tzinfo=UTC), sold={dish: 3})
    assert order["total_money"] == {"amount": 3 * dish.price, "currency": "USD"}


def test_the_signature_is_the_one_in_squares_documentation() -> None:
    """The worked example of Square's "Validate webhook event notifications", recomputed with openssl."""
    body = b'{"hello":"world"}'
    assert (
        signature(body, key="asdf1234", notification_url="https://example.com/webhook")
        == "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="
    )


def test_the_key_of_a_subscription_is_replaced_at_once_and_once_per_request(square: Square) -> None:
    square.subscriptions.put(
        "wbhk_1", {"access_token": "own-token", "notification_url": "https://flux.example", "signature_key": "first"}
    )
    new = square.subscriptions.replace_key("own-token", "wbhk_1", {"idempotency_key": "1"})["signature_key"]
    assert new != "first"
    assert square.subscriptions.replace_key("own-token", "wbhk_1", {"idempotency_key": "1"})["signature_key"] == new
    assert square.subscriptions.retrieve("own-token", "wbhk_1")["subscription"] == {
        "id": "wbhk_1",
        "notification_url": "https://flux.example",
        "signature_key": new,
    }
    assert square.subscriptions.replace_key("own-token", "wbhk_1", {"idempotency_key": "2"})["signature_key"] != new


def test_a_sellers_token_manages_no_subscription(square: Square) -> None:
    square.subscriptions.put(
        "wbhk_1", {"access_token": "own-token", "notification_url": "https://flux.example", "signature_key": "first"}
    )
    with pytest.raises(Refused) as refused:
        square.subscriptions.replace_key("first-access-token", "wbhk_1", {})
    assert refused.value.status == HTTPStatus.UNAUTHORIZED
