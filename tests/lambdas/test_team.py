"""An owner invites people, gives them roles and lets them go; nobody else does, and nothing of another team is seen."""

import threading
import time
import uuid

import pytest

from .support.api_client import Response, choose_by_link, claims, get, items, send, sign_in, signed, token_of
from .support.platform import Platform
from .support.restaurants import PASSWORD, Restaurant, open_restaurant

CHOSEN = "soup of the day is minestrone"


def an_address() -> str:
    return f"chef-{uuid.uuid4().hex}@restaurant.example"


def invite(restaurant: Restaurant, email: str, role: str = "chef") -> Response:
    return send("POST", "team", token_of(restaurant), {"email": email, "role": role})


def invited(restaurant: Restaurant, role: str = "chef") -> dict[str, str]:
    """A new member: id, email and the link's token."""
    body = invite(restaurant, an_address(), role).body
    member, link = body["member"], body["link"]
    assert isinstance(member, dict)
    assert isinstance(link, dict)
    return {"id": member["id"], "email": member["email"], "token": link["token"]}


def token_as(restaurant: Restaurant, member: dict[str, str], role: str) -> str:
    return signed(claims(restaurant, sub=member["id"], role=role))


def test_whom_the_owner_invites_chooses_a_password_and_signs_in(restaurant: Restaurant) -> None:
    email = an_address()
    answer = invite(restaurant, email.upper(), "manager")
    assert answer.status == 201
    assert sign_in(email, "").status == 422
    assert sign_in(email, PASSWORD).status == 401
    link = answer.body["link"]
    assert isinstance(link, dict)
    assert choose_by_link(link["token"], CHOSEN).status == 204
    token = str(sign_in(email, CHOSEN).body["access_token"])
    assert [(one["email"], one["role"], one["active"]) for one in items(get("team", token))] == [
        (restaurant.email, "owner", True),
        (email, "manager", True),
    ]


@pytest.mark.parametrize("role", ["manager", "chef"])
def test_who_is_no_owner_reads_the_team_and_changes_nothing(restaurant: Restaurant, role: str) -> None:
    member = invited(restaurant, role)
    # A token that says more than the table does not help.
    for claimed in (role, "owner"):
        token = token_as(restaurant, member, claimed)
        assert get("team", token).status == 200
        assert send("POST", "team", token, {"email": an_address(), "role": "owner"}).status == 409
        assert send("PATCH", f"team/{member['id']}", token, {"role": "owner"}).status == 409
        assert send("POST", f"team/{restaurant.user_id}/password-link", token).status == 409
    assert len(items(get("team", token_of(restaurant)))) == 2


def test_who_is_let_go_signs_in_no_more_and_can_come_back(restaurant: Restaurant) -> None:
    member = invited(restaurant)
    assert choose_by_link(member["token"], CHOSEN).status == 204
    assert send("PATCH", f"team/{member['id']}", token_of(restaurant), {"active": False}).status == 200
    assert sign_in(member["email"], CHOSEN).status == 401
    assert send("POST", f"team/{member['id']}/password-link", token_of(restaurant)).status == 409
    assert send("PATCH", f"team/{member['id']}", token_of(restaurant), {"active": True}).status == 200
    assert sign_in(member["email"], CHOSEN).status == 200


def test_a_link_of_who_was_let_go_chooses_nothing(restaurant: Restaurant) -> None:
    member = invited(restaurant)
    assert send("PATCH", f"team/{member['id']}", token_of(restaurant), {"active": False}).status == 200
    assert choose_by_link(member["token"], CHOSEN).status == 410


def test_an_owner_makes_a_link_for_who_forgot_the_password(restaurant: Restaurant) -> None:
    member = invited(restaurant)
    assert choose_by_link(member["token"], CHOSEN).status == 204
    made = send("POST", f"team/{member['id']}/password-link", token_of(restaurant))
    assert made.status == 201
    assert choose_by_link(made.body["token"], "another one of some length").status == 204
    assert sign_in(member["email"], CHOSEN).status == 401


@pytest.mark.parametrize("change", [{"role": "chef"}, {"active": False}])
def test_the_only_owner_stays_an_owner(restaurant: Restaurant, change: dict[str, object]) -> None:
    path = f"team/{restaurant.user_id}"
    refused = send("PATCH", path, token_of(restaurant), change)
    assert refused.status == 409
    assert "only owner" in str(refused.body["detail"])
    second = invited(restaurant, "owner")
    assert send("PATCH", path, token_as(restaurant, second, "owner"), change).status == 200
    assert send("PATCH", path, token_of(restaurant), {"role": "owner"}).status == 409


def test_two_owners_who_dismiss_each_other_at_once_leave_one(platform: Platform, restaurant: Restaurant) -> None:
    second = invited(restaurant, "owner")
    dismissing = threading.Event()

    def dismiss_the_first() -> None:
        with platform.tenant(restaurant.id) as cursor:
            cursor.execute("SELECT FROM users WHERE role = 'owner' AND active ORDER BY id FOR UPDATE")
            cursor.execute("UPDATE users SET role = 'chef' WHERE id = %s", [restaurant.user_id])
            dismissing.set()
            time.sleep(0.5)  # the other waits for this transaction meanwhile

    first = threading.Thread(target=dismiss_the_first)
    first.start()
    dismissing.wait()
    assert send("PATCH", f"team/{second['id']}", token_of(restaurant), {"role": "chef"}).status == 409
    first.join()


def test_an_address_signs_in_for_one_restaurant_only(platform: Platform, restaurant: Restaurant) -> None:
    other = open_restaurant(platform)
    for email in (other.email, restaurant.email):
        assert invite(restaurant, email).status == 409
    assert sign_in(other.email).status == 200


def test_nobody_reaches_another_restaurants_team(platform: Platform, restaurant: Restaurant) -> None:
    other = open_restaurant(platform)
    token, path = token_of(restaurant), f"team/{other.user_id}"
    assert send("PATCH", path, token, {"active": False}).status == 404
    assert send("POST", f"{path}/password-link", token).status == 404
    assert str(other.user_id) not in str(get("team", token).body)
    assert sign_in(other.email).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "team", {"email": "nobody", "role": "chef"}),
        ("POST", "team", {"email": "a@b.example", "role": "admin"}),
        ("POST", "team", {"email": "a\0@b.example", "role": "chef"}),
        ("POST", "team", {"email": "a@\ud800.example", "role": "chef"}),
        ("POST", "team", {"email": "a@b.example", "role": "chef", "active": True}),
        ("POST", "team", None),
        ("PATCH", "team/me", {"role": "chef"}),
        ("PATCH", f"team/{uuid.uuid4()}", {"role": "admin"}),
        ("PATCH", f"team/{uuid.uuid4()}", {"active": "yes"}),
        ("PATCH", f"team/{uuid.uuid4()}", {"email": "a@b.example"}),
    ],
)
def test_what_makes_no_sense_is_refused(restaurant: Restaurant, method: str, path: str, body: object) -> None:
    assert send(method, path, token_of(restaurant), body).status == 422


def test_a_change_of_nothing_changes_nothing(restaurant: Restaurant) -> None:
    member = invited(restaurant, "manager")
    answer = send("PATCH", f"team/{member['id']}", token_of(restaurant), {})
    assert (answer.status, answer.body["role"], answer.body["active"]) == (200, "manager", True)
