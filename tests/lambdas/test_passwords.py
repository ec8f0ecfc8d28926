"""People choose their own passwords: with the one before, or by a link that works once."""

import hashlib
import io
import secrets
import threading
import time

import pytest

from api.limits import TRIES
from api.passwords import SHORTEST
from flux_core.logs import logger
from migrate import handler as migrate
from migrate.errors import RefusedError

from .support.api_client import change_password, choose_by_link, sign_in, token_of
from .support.lambda_events import Context
from .support.platform import Platform
from .support.restaurants import PASSWORD, Restaurant, open_restaurant

pytestmark = pytest.mark.usefixtures("migrate_as_owner")

NEW = "a longer one that I remember"


def link_for(email: str) -> str:
    """The token of a new link, made as `./flux password-link` does."""
    token = secrets.token_urlsafe(32)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    migrate.handler({"action": "password-link", "email": email, "token_hash": hashed, "operator": "anna"}, Context())
    return token


def test_the_new_password_signs_in_from_now_on_and_the_old_one_does_not(restaurant: Restaurant) -> None:
    assert change_password(token_of(restaurant), PASSWORD, NEW).status == 204
    assert sign_in(restaurant.email, NEW).status == 200
    assert sign_in(restaurant.email, PASSWORD).status == 401


def test_a_wrong_password_before_changes_nothing_and_is_counted_like_a_sign_in(restaurant: Restaurant) -> None:
    token = token_of(restaurant)
    answers = [change_password(token, f"wrong {number}", NEW).status for number in range(TRIES + 1)]
    assert answers == [422] * TRIES + [429]
    assert sign_in(restaurant.email, PASSWORD).status == 429
    assert choose_by_link(link_for(restaurant.email), NEW).status == 204
    assert sign_in(restaurant.email, NEW).status == 200


@pytest.mark.parametrize("new", ["x" * (SHORTEST - 1), "x" * 1025, "half a surrogate \ud800", None, 7, ["a" * 20]])
def test_what_is_no_password_is_refused_without_repeating_it(restaurant: Restaurant, new: object) -> None:
    for answer in (
        change_password(token_of(restaurant), PASSWORD, new),
        choose_by_link(link_for(restaurant.email), new),
    ):
        assert answer.status == 422
        assert "x" * (SHORTEST - 1) not in str(answer.body)
    assert sign_in(restaurant.email).status == 200


def test_the_same_password_again_is_no_new_one(restaurant: Restaurant) -> None:
    assert change_password(token_of(restaurant), PASSWORD, PASSWORD).status == 422


def test_a_link_works_once(restaurant: Restaurant) -> None:
    token = link_for(restaurant.email.upper())
    assert sign_in(restaurant.email).status == 200  # until it is used the old one holds
    assert choose_by_link(token, NEW).status == 204
    assert choose_by_link(token, "another one of some length").status == 410
    assert sign_in(restaurant.email, NEW).status == 200


def test_of_two_who_use_a_link_at_once_the_second_chooses_nothing(platform: Platform, restaurant: Restaurant) -> None:
    token = link_for(restaurant.email)
    using = threading.Event()

    def use_first() -> None:
        with platform.tenant(restaurant.id) as cursor:
            cursor.execute("DELETE FROM password_links")
            using.set()
            time.sleep(0.5)  # the second waits for this transaction meanwhile

    first = threading.Thread(target=use_first)
    first.start()
    using.wait()
    assert choose_by_link(token, NEW).status == 410
    first.join()
    assert sign_in(restaurant.email).status == 200


def test_a_newer_link_or_a_changed_password_ends_the_link_before(restaurant: Restaurant) -> None:
    first, second = link_for(restaurant.email), link_for(restaurant.email)
    assert choose_by_link(first, NEW).status == 410
    assert change_password(token_of(restaurant), PASSWORD, NEW).status == 204
    assert choose_by_link(second, "another one of some length").status == 410
    assert sign_in(restaurant.email, NEW).status == 200


def test_a_link_that_is_too_old_chooses_nothing(platform: Platform, restaurant: Restaurant) -> None:
    token = link_for(restaurant.email)
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute("UPDATE password_links SET expires_at = now()")
    assert choose_by_link(token, NEW).status == 410
    assert sign_in(restaurant.email).status == 200


@pytest.mark.parametrize("token", ["", "x" * 201, "no such link!", "\0", None, 7, "nobody-made-this"])
def test_what_is_no_link_is_refused(platform: Platform, token: object) -> None:
    del platform
    assert choose_by_link(token, NEW).status in (410, 422)


def test_a_link_changes_one_account_alone(platform: Platform, restaurant: Restaurant) -> None:
    other = open_restaurant(platform)
    assert choose_by_link(link_for(restaurant.email), NEW).status == 204
    assert sign_in(other.email).status == 200


def test_nobody_gets_a_link_who_may_not_sign_in(platform: Platform) -> None:
    closed = open_restaurant(platform, active=False)
    for email in (closed.email, "nobody@restaurant.example"):
        with pytest.raises(RefusedError, match="nobody who may sign in") as refused:
            link_for(email)
        assert email not in str(refused.value)


def test_the_log_says_whose_password_changed_and_holds_neither_it_nor_the_link(
    restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    token = link_for(restaurant.email)
    choose_by_link(token, NEW)
    log = stream.getvalue()
    assert '"password link made"' in log
    assert '"password changed"' in log
    assert str(restaurant.user_id) in log
    assert not [text for text in (token, NEW, restaurant.email, "argon2") if text in log]
