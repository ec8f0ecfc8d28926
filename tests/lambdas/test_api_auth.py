import json
from uuid import uuid4

import jwt
import pytest
from argon2 import PasswordHasher

from api.passwords import DECOY

from .support.api_client import claims, get, sign_in, signed
from .support.platform import TOKEN_KEY, Platform
from .support.restaurants import Restaurant


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


def test_a_token_of_a_restaurant_that_is_gone_is_refused_like_any_bad_token(restaurant: Restaurant) -> None:
    response = get("forecasts", signed(claims(restaurant, restaurant_id=str(uuid4()))))
    assert response.status == 401
    assert response.headers["www-authenticate"] == get("forecasts", "rubbish").headers["www-authenticate"]


def test_a_token_signed_by_others_is_refused(restaurant: Restaurant) -> None:
    content = claims(restaurant)
    assert get("forecasts", signed(content, key="x" * 40)).status == 401
    assert get("forecasts", signed(content, kid="2")).status == 401
    assert get("forecasts", signed(content, key="", algorithm="none")).status == 401
    assert get("forecasts", "rubbish").status == 401


@pytest.mark.parametrize("path", ["connections", "forecasts", "transactions"])
def test_without_a_token_nothing_is_shown(platform: Platform, path: str) -> None:
    del platform
    response = get(path)
    assert response.status == 401
    assert response.headers["content-type"] == "application/problem+json"
