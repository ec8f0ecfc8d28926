"""Brute force against one account: slowed down by account and address, without keeping the account's owner out."""

import json

import pytest

from api import handler as api
from api.limits import TRIES, UNFAMILIAR_TRIES, SignInLimits, viewer_address
from api.settings import ApiSettings
from flux_core.cache import Cache
from flux_core.rehearsal import MARK
from flux_core.secrets import Secrets

from .support.api_client import Response
from .support.lambda_events import Context, http_event
from .support.platform import Platform
from .support.ports import free_port
from .support.restaurants import PASSWORD, Restaurant

HERE, ELSEWHERE = "198.51.100.7", "198.51.100.8"


@pytest.fixture
def limits(platform: Platform) -> SignInLimits:
    return SignInLimits(Cache(ApiSettings.load(), Secrets(platform.secrets)))


def sign_in(email: str, password: str, address: str, *, rehearsal: bool = False) -> Response:
    headers = {"content-type": "application/json", "x-forwarded-for": f"{address}, 127.0.0.1"}
    body = json.dumps({"email": email, "password": password})
    event = http_event("POST", "/api/v1/auth/token", headers=headers, body=body)
    answered = api.handler(event | ({MARK: True} if rehearsal else {}), Context())
    status, found, content = answered["statusCode"], answered["headers"], answered["body"]
    assert isinstance(status, int)
    assert isinstance(found, dict)
    assert isinstance(content, str)
    return Response(status=status, headers=found, body=json.loads(content))


def test_after_some_wrong_passwords_even_the_right_one_must_wait(restaurant: Restaurant) -> None:
    for _ in range(TRIES):
        assert sign_in(restaurant.email, "wrong", HERE).status == 401
    refused = sign_in(restaurant.email.upper(), PASSWORD, HERE)
    assert refused.status == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert 0 < int(refused.headers["retry-after"]) <= 300
    assert refused.body["status"] == 429


def test_a_stranger_elsewhere_keeps_nobody_out(restaurant: Restaurant) -> None:
    for _ in range(TRIES + 1):
        sign_in(restaurant.email, "wrong", ELSEWHERE)
    assert sign_in(restaurant.email, "wrong", ELSEWHERE).status == 429
    assert sign_in(restaurant.email, PASSWORD, HERE).status == 200


def test_who_mistypes_and_then_signs_in_begins_anew(restaurant: Restaurant) -> None:
    for _ in range(3):
        for _ in range(TRIES - 1):
            assert sign_in(restaurant.email, "wrong", HERE).status == 401
        assert sign_in(restaurant.email, PASSWORD, HERE).status == 200


def test_an_account_that_nobody_has_is_counted_like_any_other(platform: Platform) -> None:
    del platform
    answers = [sign_in("nobody-at-all@restaurant.example", "wrong", HERE).status for _ in range(TRIES + 1)]
    assert answers == [401] * TRIES + [429]


def test_many_addresses_do_not_help_and_a_familiar_one_stays_open(limits: SignInLimits) -> None:
    email = "owner@many.example"
    assert limits.begin(email, HERE) is None
    limits.succeeded(email, HERE)
    waits = [limits.begin(email, f"203.0.113.{number}") for number in range(UNFAMILIAR_TRIES + 1)]
    assert waits[:-1] == [None] * UNFAMILIAR_TRIES
    assert waits[-1] is not None
    assert 0 < waits[-1] <= 3600
    assert limits.begin(email, HERE) is None
    assert limits.begin("another@many.example", "203.0.113.1") is None


def test_without_the_cache_people_can_sign_in(platform: Platform) -> None:
    away = ApiSettings.load().model_copy(update={"cache_port": free_port()})
    limits = SignInLimits(Cache(away, Secrets(platform.secrets)))
    assert {limits.begin("owner@cacheless.example", HERE) for _ in range(TRIES + 1)} == {None}


def test_a_rehearsal_is_not_counted(platform: Platform) -> None:
    del platform
    for _ in range(TRIES + 2):
        assert sign_in("rehearsal@flux.invalid", "rehearsal", HERE, rehearsal=True).status == 401


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (None, "127.0.0.1"),
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 127.0.0.1", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 127.0.0.1", "203.0.113.9"),  # what the viewer wrote there does not count
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_address_is_the_one_that_cloudfront_saw(forwarded: str | None, address: str) -> None:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert viewer_address(http_event("POST", "/", headers=headers)) == address
