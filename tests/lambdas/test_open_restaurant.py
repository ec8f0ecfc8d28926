"""A restaurant is opened through the migrate function, on real PostgreSQL, and its owner signs in through the api."""

import io
import json
import threading
import uuid

import pytest
from argon2 import PasswordHasher
from pydantic import ValidationError

from flux_core.logs import logger
from migrate import handler as migrate
from migrate.errors import RefusedError

from .support.api_client import get, items, sign_in
from .support.lambda_events import Context
from .support.platform import Platform
from .support.restaurants import PASSWORD, open_restaurant

pytestmark = pytest.mark.usefixtures("migrate_as_owner")

HASH = PasswordHasher().hash(PASSWORD)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Everything that is logged, whatever its level."""
    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return stream


def request(email: str, **changes: object) -> dict[str, object]:
    return {
        "action": "open-restaurant",
        "name": "Trattoria Aurora",
        "time_zone": "Europe/Rome",
        "owner_email": email,
        "owner_password_hash": HASH,
        "operator": "arn:aws:iam::000000000000:user/operator",
        **changes,
    }


def opened(email: str, **changes: object) -> dict[str, object]:
    return migrate.handler(request(email, **changes), Context())


def an_address() -> str:
    return f"owner-{uuid.uuid4().hex}@restaurant.example"


def restaurants_named(platform: Platform, name: str) -> int:
    """How many there are of all tenants'; only a superuser-like role may count them."""
    with platform.connect_as_owner() as connection:
        connection.execute("ALTER TABLE restaurants NO FORCE ROW LEVEL SECURITY")
        row = connection.execute("SELECT count(*) FROM restaurants WHERE name = %s", [name]).fetchone()
        connection.rollback()
    assert row is not None
    return int(row[0])


def test_the_owner_of_a_new_restaurant_signs_in_and_sees_an_empty_list(platform: Platform) -> None:
    email = an_address()
    answer = opened(email.upper())
    assert answer["opened"] is True
    response = sign_in(email)
    assert response.status == 200
    token = str(response.body["access_token"])
    assert items(get("forecasts", token)) == []
    assert items(get("transactions", token)) == []
    with platform.tenant(uuid.UUID(str(answer["restaurant_id"]))) as cursor:
        row = cursor.execute(
            "SELECT name, timezone, email, role FROM restaurants JOIN users ON restaurant_id = restaurants.id"
        ).fetchone()
    assert row == ("Trattoria Aurora", "Europe/Rome", email, "owner")


def test_asking_again_changes_nothing_the_password_neither(platform: Platform) -> None:
    email, name = an_address(), f"Kitchen {uuid.uuid4().hex}"
    first = opened(email, name=name)
    again = opened(email, name=name, owner_password_hash=PasswordHasher().hash("another password"))
    assert again == {"restaurant_id": first["restaurant_id"], "opened": False}
    assert sign_in(email).status == 200
    assert sign_in(email, "another password").status == 401
    assert restaurants_named(platform, name) == 1


def test_two_requests_at_once_open_one_restaurant(platform: Platform) -> None:
    email, name = an_address(), f"Kitchen {uuid.uuid4().hex}"
    answers: list[dict[str, object]] = []

    def ask() -> None:
        answers.append(opened(email, name=name))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(bool(answer["opened"]) for answer in answers) == [False, False, False, True]
    assert restaurants_named(platform, name) == 1


def test_an_address_that_signs_in_elsewhere_opens_nothing(platform: Platform) -> None:
    other, name = open_restaurant(platform), f"Kitchen {uuid.uuid4().hex}"
    with pytest.raises(RefusedError, match="owner_email: it is known already") as refused:
        opened(other.email, name=name)
    assert other.email not in str(refused.value)
    assert restaurants_named(platform, name) == 0


def test_an_unknown_time_zone_opens_nothing(platform: Platform) -> None:
    email, name = an_address(), f"Kitchen {uuid.uuid4().hex}"
    with pytest.raises(RefusedError, match="time_zone"):
        opened(email, name=name, time_zone="Europe/Atlantis")
    assert restaurants_named(platform, name) == 0
    assert sign_in(email).status == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a\0b"},
        {"owner_email": "no address"},
        {"owner_password_hash": "a password in the clear"},
        {"operator": ""},
        {"role": "manager"},
    ],
)
def test_what_breaks_a_rule_is_refused_without_repeating_it(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        opened(an_address(), **changes)
    assert "a password in the clear" not in str(refused.value)
    assert HASH not in str(refused.value)


def test_the_log_says_who_opened_which_restaurant_and_nothing_that_is_secret(log: io.StringIO) -> None:
    email = an_address()
    answer = opened(email)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["message"], line["restaurant_id"], line["operator"]) for line in lines] == [
        ("restaurant opened", answer["restaurant_id"], "arn:aws:iam::000000000000:user/operator")
    ]
    assert HASH not in log.getvalue()
    assert email not in log.getvalue()
