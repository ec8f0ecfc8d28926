"""Restaurants for tests: each test makes its own, and row-level security keeps them apart."""

import os
import secrets
import uuid
from dataclasses import dataclass, replace
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher

from flux_core.tenancy import RestaurantId
from sync.tokens import TokenCipher

from .platform import Platform

PASSWORD = "correct horse battery staple"  # noqa: S105 - of users that live as long as a test


@dataclass(frozen=True, kw_only=True)
class Restaurant:
    id: UUID
    user_id: UUID
    email: str
    connection_id: UUID
    merchant_id: str
    location_id: str
    access_token: str
    refresh_token: str


@cache
def _password_hash() -> str:
    return PasswordHasher().hash(PASSWORD)


def open_restaurant(
    platform: Platform, *, timezone: str = "America/New_York", active: bool = True, close_of_day: str = "00:00"
) -> Restaurant:
    """A restaurant with an owner who may sign in, connected to a merchant that Square knows."""
    restaurant = Restaurant(
        id=uuid.uuid4(),
        user_id=uuid.uuid4(),
        email=f"owner-{uuid.uuid4().hex}@restaurant.example",
        connection_id=uuid.uuid4(),
        merchant_id=f"M{uuid.uuid4().hex}",
        location_id=f"L{uuid.uuid4().hex}",
        access_token=secrets.token_urlsafe(16),
        refresh_token=secrets.token_urlsafe(16),
    )
    _insert(platform, restaurant, timezone=timezone, active=active, close_of_day=close_of_day)
    platform.square.put_merchant(
        restaurant.merchant_id,
        {"access_token": restaurant.access_token, "refresh_token": restaurant.refresh_token},
    )
    return restaurant


def open_branch(
    platform: Platform, of: Restaurant, *, tokens: str | None = None, location_id: str | None = None
) -> Restaurant:
    """Another location of the same merchant, opened as a restaurant of its own."""
    branch = replace(
        of,
        id=uuid.uuid4(),
        user_id=uuid.uuid4(),
        email=f"owner-{uuid.uuid4().hex}@restaurant.example",
        connection_id=uuid.uuid4(),
        location_id=location_id or f"L{uuid.uuid4().hex}",
        access_token=tokens or of.access_token,
        refresh_token=tokens or of.refresh_token,
    )
    _insert(platform, branch, timezone="America/New_York", active=True, close_of_day="00:00")
    return branch


def _insert(platform: Platform, restaurant: Restaurant, *, timezone: str, active: bool, close_of_day: str) -> None:
    cipher = TokenCipher(platform.kms, key=os.environ["POS_TOKEN_KEY"])
    tenant = RestaurantId(restaurant.id)
    with platform.tenant(restaurant.id) as cursor:
        cursor.execute(
            "INSERT INTO restaurants (id, name, timezone, active, close_of_day)"
            " VALUES (%s, 'Test kitchen', %s, %s, %s)",
            [restaurant.id, timezone, active, close_of_day],
        )
        cursor.execute(
            "INSERT INTO users (id, restaurant_id, email, password_hash, role) VALUES (%s, %s, %s, %s, 'owner')",
            [restaurant.user_id, restaurant.id, restaurant.email, _password_hash()],
        )
        cursor.execute(
            "INSERT INTO pos_connections"
            " (id, restaurant_id, provider, merchant_id, location_ids, access_token, refresh_token)"
            " VALUES (%s, %s, 'square', %s, %s, %s, %s)",
            [
                restaurant.connection_id,
                restaurant.id,
                restaurant.merchant_id,
                [restaurant.location_id],
                cipher.encrypt(tenant, restaurant.access_token),
                cipher.encrypt(tenant, restaurant.refresh_token),
            ],
        )
