import base64
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb

from .support.api_client import get, items, token_of
from .support.platform import Platform
from .support.restaurants import Restaurant, open_restaurant
from .support.sales import record_sale

NOW = dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)


def forecast(platform: Platform, restaurant: Restaurant, business_date: dt.date, date: dt.date, quantity: int) -> None:
    item = record_sale(platform, restaurant, NOW)
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute(
            "INSERT INTO forecast_runs (restaurant_id, business_date, model_version) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [restaurant.id, business_date, f"model of {business_date}"],
        )
        cursor.execute(
            "INSERT INTO forecasts VALUES (%s, %s, %s, %s, %s, 1, 99, %s)",
            [restaurant.id, date, item, business_date, quantity, Jsonb({"weekday": 1.5})],
        )


def test_forecasts_are_the_coming_seven_days_from_the_newest_run(platform: Platform, restaurant: Restaurant) -> None:
    today = dt.datetime.now(ZoneInfo("America/New_York")).date()
    yesterday = today - dt.timedelta(days=1)
    forecast(platform, restaurant, yesterday, yesterday, 1)
    forecast(platform, restaurant, yesterday, today, 2)
    forecast(platform, restaurant, today, today, 3)
    forecast(platform, restaurant, today, today + dt.timedelta(days=6), 4)
    forecast(platform, restaurant, today, today + dt.timedelta(days=7), 5)
    found = items(get("forecasts", token_of(restaurant)))
    assert [(item["date"], item["quantity"]) for item in found] == [
        (today.isoformat(), 3.0),
        ((today + dt.timedelta(days=6)).isoformat(), 4.0),
    ]
    assert found[0] == {
        "date": today.isoformat(),
        "menu_item_id": found[0]["menu_item_id"],
        "menu_item": "Soup",
        "quantity": 3.0,
        "lower": 1.0,
        "upper": 99.0,
        "model_version": f"model of {today}",
        "drivers": {"weekday": 1.5},
    }


def test_forecasts_of_one_restaurant_are_never_anothers_even_from_the_cache(
    platform: Platform, restaurant: Restaurant
) -> None:
    other = open_restaurant(platform)
    forecast(platform, restaurant, NOW.date(), NOW.date(), 3)
    day = NOW.date().isoformat()
    for _ in range(2):
        assert len(items(get("forecasts", token_of(restaurant), **{"from": day, "to": day}))) == 1
        assert items(get("forecasts", token_of(other), **{"from": day, "to": day})) == []


def test_a_restaurants_first_forecasts_are_shown_at_once_and_later_ones_within_a_minute(
    platform: Platform, restaurant: Restaurant
) -> None:
    day = {"from": NOW.date().isoformat(), "to": NOW.date().isoformat()}
    assert items(get("forecasts", token_of(restaurant), **day)) == []
    forecast(platform, restaurant, NOW.date(), NOW.date(), 3)
    assert [item["quantity"] for item in items(get("forecasts", token_of(restaurant), **day))] == [3.0]
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE forecasts SET quantity = 4")
    assert [item["quantity"] for item in items(get("forecasts", token_of(restaurant), **day))] == [3.0]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-11-23", "to": "2026-11-22"},
        {"from": "2026-11-23", "to": "2026-12-24"},
        {"from": "yesterday"},
        {"from": "1700000000"},
        {"from": "2026-02-30"},
        {"to": "2026-11-23T00:00:00"},
    ],
)
def test_a_span_of_days_that_is_not_valid_is_refused(restaurant: Restaurant, query: dict[str, str]) -> None:
    response = get("forecasts", token_of(restaurant), **query)
    assert response.status == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_the_last_days_of_the_calendar_are_no_error(restaurant: Restaurant) -> None:
    assert get("forecasts", token_of(restaurant), **{"from": "9999-12-31"}).status == 200


def test_transactions_are_paged_newest_first_without_gaps(platform: Platform, restaurant: Restaurant) -> None:
    for number in range(5):
        # Two at the same moment: the id decides, and the cursor must fall between them.
        record_sale(platform, restaurant, NOW + dt.timedelta(hours=number // 2), quantity=number + 1)
    token = token_of(restaurant)
    seen: list[dict[str, object]] = []
    query: dict[str, str | int] = {"limit": 2}
    while True:
        response = get("transactions", token, **query)
        seen += items(response)
        if response.body["next_cursor"] is None:
            break
        query["cursor"] = str(response.body["next_cursor"])
    assert len(seen) == len({str(item["id"]) for item in seen}) == 5
    assert [item["sold_at"] for item in seen] == sorted((str(item["sold_at"]) for item in seen), reverse=True)
    newest = items(get("transactions", token, limit=1))[0]
    assert (newest["total"], newest["currency"], newest["provider"]) == (4_000, "USD", "square")
    (line,) = newest["items"] if isinstance(newest["items"], list) else []
    assert line | {"menu_item_id": None} == {"menu_item_id": None, "name": "Soup", "quantity": 5.0, "total": 4_000}


def test_transactions_leave_out_canceled_orders_and_other_restaurants(
    platform: Platform, restaurant: Restaurant
) -> None:
    other = open_restaurant(platform)
    record_sale(platform, restaurant, NOW)
    record_sale(platform, other, NOW)
    assert len(items(get("transactions", token_of(restaurant)))) == 1
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE transactions SET state = 'canceled'")
    assert items(get("transactions", token_of(restaurant))) == []


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%00",
        base64.urlsafe_b64encode(b"[1,2]").decode(),
        base64.urlsafe_b64encode(b'["2026-11-20T17:00:00","0198f5a0-0000-7000-8000-000000000000"]').decode(),
        "A" * 201,
    ],
)
def test_a_cursor_that_no_page_ended_with_is_refused(restaurant: Restaurant, cursor: str) -> None:
    assert get("transactions", token_of(restaurant), cursor=cursor).status == 400


@pytest.mark.parametrize("limit", [0, -1, 201, 10**30, "x"])
def test_a_limit_out_of_range_is_refused(restaurant: Restaurant, limit: int | str) -> None:
    assert get("transactions", token_of(restaurant), limit=limit).status == 422


def test_an_owner_is_told_that_square_refuses_flux(platform: Platform, restaurant: Restaurant) -> None:
    connected = {"provider": "square", "state": "active", "last_synced_at": None, "withdrawn_at": None}
    assert items(get("connections", token_of(restaurant))) == [connected]
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE pos_connections SET active = false, revoked_at = '2026-11-20T17:00Z'")
    (shown,) = items(get("connections", token_of(restaurant)))
    assert (shown["state"], shown["withdrawn_at"]) == ("access_withdrawn", "2026-11-20T17:00:00Z")
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE pos_connections SET revoked_at = NULL")
    assert items(get("connections", token_of(restaurant)))[0]["state"] == "inactive"


def test_an_owner_sees_no_other_restaurants_connections(platform: Platform, restaurant: Restaurant) -> None:
    open_restaurant(platform)
    assert len(items(get("connections", token_of(restaurant)))) == 1
