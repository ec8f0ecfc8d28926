import base64
import datetime as dt
import json
from dataclasses import dataclass

import jwt
import pytest
from argon2 import PasswordHasher
from psycopg.types.json import Jsonb

from api import handler as api
from api.passwords import DECOY

from .support.lambda_events import Context, http_event
from .support.platform import TOKEN_KEY, Platform
from .support.restaurants import PASSWORD, Restaurant, open_restaurant
from .support.sales import record_sale

NOW = dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Response:
    status: int
    headers: dict[str, str]
    body: dict[str, object]


def call(event: dict[str, object], context: Context | None = None) -> Response:
    answer = api.handler(event, context or Context())
    status, headers, body = answer["statusCode"], answer["headers"], answer["body"]
    assert isinstance(status, int)
    assert isinstance(headers, dict)
    assert isinstance(body, str)
    return Response(status=status, headers=headers, body=json.loads(body))


def get(path: str, token: str | None = None, **query: str | int) -> Response:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return call(http_event("GET", f"/api/v1/{path}", headers=headers, query=query))


def sign_in(email: object, password: object = PASSWORD) -> Response:
    body = json.dumps({"email": email, "password": password})
    return call(http_event("POST", "/api/v1/auth/token", headers={"content-type": "application/json"}, body=body))


def token_of(restaurant: Restaurant) -> str:
    return signed(claims(restaurant))


@pytest.fixture
def restaurant(platform: Platform) -> Restaurant:
    return open_restaurant(platform)


def items(response: Response) -> list[dict[str, object]]:
    found = response.body["items"]
    assert isinstance(found, list)
    return found


def test_the_process_is_healthy(platform: Platform) -> None:
    del platform
    assert get("health").body == {"status": "ok"}


def test_the_api_is_ready_when_database_and_cache_answer(platform: Platform) -> None:
    del platform
    response = get("ready")
    assert (response.status, response.body) == (200, {"status": "ok"})


def test_a_user_signs_in_for_thirty_minutes(restaurant: Restaurant) -> None:
    response = sign_in(restaurant.email)
    assert response.status == 200
    assert (response.body["token_type"], response.body["expires_in"]) == ("bearer", 1800)
    token = str(response.body["access_token"])
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": "1", "typ": "JWT"}
    claims = jwt.decode(token, TOKEN_KEY["key"], algorithms=["HS256"], audience="flux-api", issuer="flux-platform")
    assert claims["exp"] - claims["iat"] == 1800
    assert (claims["sub"], claims["restaurant_id"], claims["role"]) == (
        str(restaurant.user_id),
        str(restaurant.id),
        "owner",
    )


def test_an_address_is_the_same_in_capitals(restaurant: Restaurant) -> None:
    assert sign_in(restaurant.email.upper()).status == 200


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_password_and_an_unknown_address_look_alike(restaurant: Restaurant, *, known: bool) -> None:
    response = sign_in(restaurant.email if known else "nobody@restaurant.example", "wrong")
    assert response.status == 401
    assert response.body == {"title": "Unauthorized", "status": 401, "detail": "E-mail address or password is wrong."}


def test_the_decoy_hash_costs_as_much_as_a_real_one() -> None:
    assert not PasswordHasher().check_needs_rehash(DECOY)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("no address", "x"),
        ("a\0@b.example", "x"),
        ("a@\ud800.example", "x"),
        (None, "x"),
        (7, "x"),
        ("a@b.example", ""),
        ("a@b.example", None),
        ("a@b.example", "x" * 1025),
        ("a" * 300 + "@b.example", "x"),
    ],
)
def test_a_sign_in_that_is_not_valid_says_where_without_repeating_it(
    platform: Platform, email: object, password: object
) -> None:
    del platform
    response = sign_in(email, password)
    assert response.status == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert "x" * 1025 not in json.dumps(response.body)


def claims(restaurant: Restaurant, **changes: object) -> dict[str, object]:
    now = int(dt.datetime.now(dt.UTC).timestamp())
    return {
        "sub": str(restaurant.user_id),
        "restaurant_id": str(restaurant.id),
        "role": "owner",
        "iss": "flux-platform",
        "aud": "flux-api",
        "iat": now,
        "exp": now + 60,
        **changes,
    }


def signed(content: dict[str, object], *, key: str = TOKEN_KEY["key"], kid: str = "1", algorithm: str = "HS256") -> str:
    return jwt.encode(content, key, algorithm=algorithm, headers={"kid": kid})


def test_a_token_with_the_right_claims_is_accepted(restaurant: Restaurant) -> None:
    assert get("forecasts", signed(claims(restaurant))).status == 200


@pytest.mark.parametrize(
    "changes",
    [{"exp": 1}, {"iss": "other"}, {"aud": "other"}, {"role": "admin"}, {"restaurant_id": "x"}, {"sub": None}],
)
def test_a_token_with_other_claims_is_refused(restaurant: Restaurant, changes: dict[str, object]) -> None:
    response = get("forecasts", signed(claims(restaurant, **changes)))
    assert response.status == 401
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("claim", ["exp", "iat", "iss", "aud", "sub", "restaurant_id", "role"])
def test_a_token_that_lacks_a_claim_is_refused(restaurant: Restaurant, claim: str) -> None:
    content = claims(restaurant)
    del content[claim]
    assert get("forecasts", signed(content)).status == 401


def test_a_token_signed_by_others_is_refused(restaurant: Restaurant) -> None:
    content = claims(restaurant)
    assert get("forecasts", signed(content, key="x" * 40)).status == 401
    assert get("forecasts", signed(content, kid="2")).status == 401
    assert get("forecasts", signed(content, key="", algorithm="none")).status == 401
    assert get("forecasts", "rubbish").status == 401


@pytest.mark.parametrize("path", ["forecasts", "transactions"])
def test_without_a_token_nothing_is_shown(platform: Platform, path: str) -> None:
    del platform
    response = get(path)
    assert response.status == 401
    assert response.headers["content-type"] == "application/problem+json"


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
    today = dt.datetime.now(dt.UTC).date()
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
    assert get("transactions", token_of(restaurant), cursor=cursor).status == 422


@pytest.mark.parametrize("limit", [0, -1, 201, 10**30, "x"])
def test_a_limit_out_of_range_is_refused(restaurant: Restaurant, limit: int | str) -> None:
    assert get("transactions", token_of(restaurant), limit=limit).status == 422


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "nothing", 404), ("DELETE", "health", 405)])
def test_what_the_api_does_not_know_is_a_problem(platform: Platform, method: str, path: str, status: int) -> None:
    del platform
    response = call(http_event(method, f"/api/v1/{path}"))
    assert response.status == status
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/api/v1/docs"])
def test_the_api_does_not_describe_itself(platform: Platform, path: str) -> None:
    del platform
    assert call(http_event("GET", path)).status == 404


@pytest.mark.parametrize("path", ["health", "ready", "forecasts", "nothing"])
def test_no_response_may_be_cached_and_every_one_names_its_request(platform: Platform, path: str) -> None:
    del platform
    context = Context()
    response = call(http_event("GET", f"/api/v1/{path}"), context)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"] == context.aws_request_id
