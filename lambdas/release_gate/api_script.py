"""What the api is asked: every route, as everybody who may ask it, for two restaurants, page after page."""

import datetime as dt
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from pydantic import BaseModel, JsonValue

from flux_core.rehearsal import MARK

from .checks import Answer, Check
from .payloads import http_request
from .shapes import AnyForecasts, AnyTransactions, Connections, Forecasts, Health, Problem, SignedIn, Team, Transactions
from .signing import Signatures
from .tenants import FIRST, TENANTS, Sale, Tenant

JSON, PROBLEM = "application/json", "application/problem+json"
ROLES = ("owner", "manager", "chef")

# What is asked here, as the application names it; a test holds it to the application's own list.
ROUTES = frozenset(
    {
        ("GET", "/api/v1/health"),
        ("GET", "/api/v1/ready"),
        ("POST", "/api/v1/auth/token"),
        ("PUT", "/api/v1/auth/password"),
        ("POST", "/api/v1/auth/password-link"),
        ("GET", "/api/v1/team"),
        ("POST", "/api/v1/team"),
        ("PATCH", "/api/v1/team/{member_id}"),
        ("POST", "/api/v1/team/{member_id}/password-link"),
        ("GET", "/api/v1/connections"),
        ("GET", "/api/v1/forecasts"),
        ("GET", "/api/v1/transactions"),
    }
)

PAGE = 5
# A token that somebody steals must be of no use an hour later.
LONGEST_TOKEN_SECONDS = 3600
# Known to a rehearsal alone (api/rehearsal.py).
SIGN_IN = {"email": "owner@rehearsal.invalid", "password": "nobody-signs-in-with-this-7c1fa2"}

UNKNOWN_MEMBER = "0f1a0000-0000-4000-8000-00000000ffff"
_NEW_PASSWORD = {"current_password": "rehearsal", "new_password": "nobody ever chooses this one"}

_OK: Mapping[str, JsonValue] = {"statusCode": HTTPStatus.OK}


def api_script(signatures: Signatures) -> Sequence[Check]:
    """Everything once."""
    return (
        Check(name="health", payload=_get("health"), expected=_OK, body=Health, content_type=JSON),
        Check(name="ready", payload=_get("ready"), expected=_OK, body=Health, content_type=JSON),
        *_forecasts(signatures),
        *_transactions(signatures),
        *_connections(signatures),
        *_refusals(signatures),
        _sign_in(signatures),
    )


def _get(route: str, token: str | None = None, **query: str) -> Mapping[str, JsonValue]:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return http_request("GET", f"/api/v1/{route}", headers=headers, query=query)


def _read(
    name: str,
    payload: Mapping[str, JsonValue],
    body: type[BaseModel],
    content: Mapping[str, JsonValue],
    *,
    paced: bool = False,
) -> Check:
    return Check(
        name=name,
        payload=payload,
        expected=_OK,
        body=body,
        content_type=JSON,
        content=dict(content),
        paced=paced,
    )


def _forecasts(signatures: Signatures) -> Sequence[Check]:
    # Days that no earlier rehearsal asked for: an answer from the cache would be another version's. The restaurants
    # take turns, so that an answer that was kept for one is not given to the other; and so do spans.
    before, after = random.randrange(15), random.randrange(12)  # noqa: S311 - no secret
    wide = dt.date(2020, 1, 2) - dt.timedelta(days=before), dt.date(2020, 1, 5) + dt.timedelta(days=after)
    narrow = wide[0], dt.date(2020, 1, 3)
    checks = [
        _read(
            f"forecasts{' of a part' if span == narrow else ''} as {role} of {tenant.merchant.lower()}",
            _get(
                "forecasts",
                signatures.token(tenant.restaurant_id, role=role),
                **{"from": str(span[0]), "to": str(span[1])},
            ),
            Forecasts,
            {"items": tenant.forecasts(*span)},
            paced=role == "owner" and tenant is FIRST and span == wide,
        )
        for role in ROLES
        for span in (wide, narrow)
        for tenant in TENANTS
    ]
    coming = [
        _read(
            f"coming forecasts of {tenant.merchant.lower()}",
            _get("forecasts", signatures.token(tenant.restaurant_id)),
            AnyForecasts,
            {"items": []},
        )
        for tenant in TENANTS
    ]
    return *checks, *coming


def _transactions(signatures: Signatures) -> Sequence[Check]:
    whole = [
        _read(
            f"transactions as {role} of {tenant.merchant.lower()}",
            _get("transactions", signatures.token(tenant.restaurant_id, role=role)),
            Transactions,
            {"items": tenant.transactions(tenant.sales), "next_cursor": None},
            paced=role == "owner" and tenant is FIRST,
        )
        for role in ROLES
        for tenant in TENANTS
    ]
    return *whole, *(_page(signatures, tenant, 1, tenant.sales, None) for tenant in TENANTS)


def _connections(signatures: Signatures) -> Sequence[Check]:
    return [
        replace(
            _read(
                f"connections as {role} of {tenant.merchant.lower()}",
                _get("connections", signatures.token(tenant.restaurant_id, role=role)),
                Connections,
                {"items": [{"provider": "square", "state": "active", "last_synced_at": tenant.synced.isoformat()}]},
            ),
            since_effects=True,
        )
        for role in ROLES
        for tenant in TENANTS
    ]


def _page(signatures: Signatures, tenant: Tenant, number: int, left: Sequence[Sale], cursor: str | None) -> Check:
    """One page, and then the next, to the end."""
    last = len(left) <= PAGE

    def turn(answer: Answer) -> Sequence[Check]:
        following = str(json.loads(str(answer["body"]))["next_cursor"])
        others = [] if number > 1 else [_foreign_page(signatures, tenant, left[PAGE - 1], following)]
        return _page(signatures, tenant, number + 1, left[PAGE:], following), *others

    query = {"limit": str(PAGE), **({} if cursor is None else {"cursor": cursor})}
    return Check(
        name=f"page {number} of {tenant.merchant.lower()}",
        payload=_get("transactions", signatures.token(tenant.restaurant_id, role="owner"), **query),
        expected=_OK,
        body=Transactions,
        content_type=JSON,
        content={"items": tenant.transactions(left[:PAGE]), **({"next_cursor": None} if last else {})},
        then=(lambda _: ()) if last else turn,
    )


def _foreign_page(signatures: Signatures, tenant: Tenant, end: Sale, cursor: str) -> Check:
    """With another restaurant's cursor everybody still reads their own."""
    (other,) = (each for each in TENANTS if each is not tenant)
    sales = [sale for sale in other.sales if sale.sold_at < end.sold_at]
    return _read(
        f"{other.merchant.lower()} with a cursor of {tenant.merchant.lower()}",
        _get("transactions", signatures.token(other.restaurant_id), cursor=cursor),
        AnyTransactions,
        {"items": other.transactions(sales), "next_cursor": None},
    )


def _refusals(signatures: Signatures) -> Sequence[Check]:
    unknown = json.dumps({"email": "rehearsal@flux.invalid", "password": "rehearsal"})
    refused = {
        "no token": _get("transactions"),
        "no token for forecasts": _get("forecasts"),
        "an expired token": _get("transactions", signatures.token(age=300)),
        "a forged token": _get("transactions", signatures.token(role="owner", forged=True)),
        # Marked: an account that is tried this often has to wait.
        "unknown user": {**http_request("POST", "/api/v1/auth/token", body=unknown), MARK: True},
        "a new password without a token": http_request("PUT", "/api/v1/auth/password", body=json.dumps(_NEW_PASSWORD)),
    }
    return (
        *(_refused(name, payload, HTTPStatus.UNAUTHORIZED) for name, payload in refused.items()),
        _refused("no such route", _get("no-such-route"), HTTPStatus.NOT_FOUND),
        *_passwords(signatures),
        *_team(signatures),
    )


def _passwords(signatures: Signatures) -> Sequence[Check]:
    """No password changes for whoever knows neither the one before nor a link."""
    unknown = {"token": "nobody-has-such-a-link", "new_password": _NEW_PASSWORD["new_password"]}
    own = http_request(
        "PUT",
        "/api/v1/auth/password",
        headers={"authorization": f"Bearer {signatures.token(role='owner')}"},
        body=json.dumps(_NEW_PASSWORD),
    )
    link = http_request("POST", "/api/v1/auth/password-link", body=json.dumps(unknown))
    return (
        _refused("a new password with a wrong one before", {**own, MARK: True}, HTTPStatus.UNPROCESSABLE_ENTITY),
        _refused("a link that nobody made", {**link, MARK: True}, HTTPStatus.GONE),
    )


def _team(signatures: Signatures) -> Sequence[Check]:
    """Nobody who is no owner by the database changes a team; the rehearsal's restaurant has nobody."""
    token = signatures.token(role="owner")
    member, headers = f"team/{UNKNOWN_MEMBER}", {"authorization": f"Bearer {token}"}
    invitation = json.dumps({"email": "rehearsal@flux.invalid", "role": "chef"})
    changes = {
        "an invitation": http_request("POST", "/api/v1/team", headers=headers, body=invitation),
        "a change of the team": http_request("PATCH", f"/api/v1/{member}", headers=headers, body="{}"),
        "a link for a member": http_request("POST", f"/api/v1/{member}/password-link", headers=headers),
    }
    return (
        _read("team", _get("team", token), Team, {"items": []}),
        *(
            _refused(f"{name} by nobody of the team", {**payload, MARK: True}, HTTPStatus.CONFLICT)
            for name, payload in changes.items()
        ),
    )


def _refused(name: str, payload: Mapping[str, JsonValue], status: HTTPStatus) -> Check:
    return Check(
        name=name,
        payload=payload,
        expected={"statusCode": status},
        body=Problem,
        content_type=PROBLEM,
        content={"status": status},
    )


def _sign_in(signatures: Signatures) -> Check:
    """Sign in, look at the token, and read with it."""

    def use(answer: Answer) -> Sequence[Check]:
        token = str(json.loads(str(answer["body"]))["access_token"])
        return (
            _read(
                "transactions with a token that it issued",
                _get("transactions", token),
                Transactions,
                {"items": FIRST.transactions(FIRST.sales)},
            ),
        )

    def fault(answer: Answer) -> str | None:
        signed_in = json.loads(str(answer["body"]))
        claims = signatures.claims(str(signed_in["access_token"]))
        if claims is None:
            return "the token is not signed with the key in use"
        if (claims.get("restaurant_id"), claims.get("role")) != (str(FIRST.restaurant_id), "owner"):
            return "the token is for somebody else"
        made, ends = claims.get("iat"), claims.get("exp")
        if not isinstance(made, int) or not isinstance(ends, int):
            return "the token does not say when it was made and when it ends"
        if not 0 < ends - made <= LONGEST_TOKEN_SECONDS:
            return f"the token is good for {ends - made} s, must end within {LONGEST_TOKEN_SECONDS} s"
        if signed_in["expires_in"] != ends - made:
            return f"expires_in is {signed_in['expires_in']}, and the token says {ends - made}"
        return None

    return Check(
        name="sign-in",
        payload={**http_request("POST", "/api/v1/auth/token", body=json.dumps(SIGN_IN)), MARK: True},
        expected=_OK,
        body=SignedIn,
        content_type=JSON,
        fault=fault,
        then=use,
        since_effects=True,
    )
