"""Two demo restaurants: their owners, their connections to Square, and four weeks of sales to forecast from."""

import json
import secrets
from datetime import UTC, datetime

import httpx
from argon2 import PasswordHasher

from . import machine
from .platform import Platform, wait_until
from .till import RESTAURANTS, Restaurant, ring_up

# Weeks enough for every weekday to have been seen four times.
HISTORY_DAYS = 28

HISTORY_SECONDS = 120.0

# The id of the webhook subscription at Square.
SUBSCRIPTION = "wbhk_flux"


def password_of(restaurant: Restaurant) -> str:
    """The owner's password, made at the first call and kept in the state folder."""
    kept = machine.STATE / f"password-{restaurant.merchant_id}"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(12))
    return kept.read_text()


def sign_in(visitor: httpx.Client, restaurant: Restaurant) -> str:
    """Sign in as the restaurant's owner, through the API; returns the access token."""
    login = {"email": restaurant.owner_email, "password": password_of(restaurant)}
    answer = visitor.post("/api/v1/auth/token", json=login)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def open_restaurants(platform: Platform) -> None:
    """Make the restaurants known to Flux and to Square, and have their past sales synchronized; what is there stays."""
    _register_webhook(platform)
    today = datetime.now(UTC).date()
    for restaurant in RESTAURANTS:
        tokens = {"access_token": secrets.token_urlsafe(24), "refresh_token": secrets.token_urlsafe(24)}
        if _insert(platform, restaurant, tokens):
            httpx.put(
                f"{machine.SQUARE_URL}/merchants/{restaurant.merchant_id}", json=tokens, timeout=10
            ).raise_for_status()
            ring_up(restaurant, restaurant.past(days=HISTORY_DAYS, until=today))
    _synchronize(platform)


def _register_webhook(platform: Platform) -> None:
    """Do what an operator does in Square's console: subscribe, and store the key and the access that Square shows."""
    address = f"{platform.outputs['Frontend.SiteUrl']}/api/v1/webhooks/square"
    known, access = platform.secret("Data.SquareWebhookSecretName"), platform.secret("Data.SquareAccessSecretName")
    if known.get("notification_url") != address:
        known = {"signature_key": secrets.token_urlsafe(32), "notification_url": address}
        access = {"subscription_id": SUBSCRIPTION, "access_token": secrets.token_urlsafe(32)}
        for output, content in (("SquareWebhookSecretName", known), ("SquareAccessSecretName", access)):
            platform.secrets.put_secret_value(
                SecretId=platform.outputs[f"Data.{output}"], SecretString=json.dumps(content)
            )
    httpx.put(
        f"{machine.SQUARE_URL}/subscriptions/{access['subscription_id']}",
        json={**known, "access_token": access["access_token"]},
        timeout=10,
    ).raise_for_status()


def _insert(platform: Platform, restaurant: Restaurant, tokens: dict[str, str]) -> bool:
    """Insert restaurant, user and connection; False if they are there already."""
    encrypted = {
        name: platform.kms.encrypt(
            KeyId=platform.outputs["Data.PosTokenKeyArn"],
            Plaintext=token.encode(),
            EncryptionContext={"restaurant_id": str(restaurant.restaurant_id)},
        )["CiphertextBlob"]
        for name, token in tokens.items()
    }
    with platform.tenant(restaurant.restaurant_id, as_owner=True) as connection:
        inserted = connection.execute(
            "INSERT INTO restaurants (id, name, timezone) VALUES (%s, %s, 'America/New_York') ON CONFLICT DO NOTHING",
            [restaurant.restaurant_id, restaurant.name],
        )
        if inserted.rowcount == 0:
            return False
        connection.execute(
            "INSERT INTO users (restaurant_id, email, password_hash, role) VALUES (%s, %s, %s, 'owner')",
            [restaurant.restaurant_id, restaurant.owner_email, PasswordHasher().hash(password_of(restaurant))],
        )
        connection.execute(
            "INSERT INTO pos_connections "
            "(restaurant_id, provider, merchant_id, location_ids, access_token, refresh_token) "
            "VALUES (%s, 'square', %s, %s, %s, %s)",
            [
                restaurant.restaurant_id,
                restaurant.merchant_id,
                [restaurant.location_id],
                encrypted["access_token"],
                encrypted["refresh_token"],
            ],
        )
    return True


def _synchronize(platform: Platform) -> None:
    """Send what the schedule sends every 15 minutes, and wait until the past sales are stored."""
    started = datetime.now(UTC)
    platform.send_tick("Compute.SyncRuleName", "Compute.PosSyncQueueUrl")
    for restaurant in RESTAURANTS:
        _await_sync(platform, restaurant, started)


def _await_sync(platform: Platform, restaurant: Restaurant, started: datetime) -> None:
    def synchronized() -> bool | None:
        with platform.tenant(restaurant.restaurant_id) as connection:
            row = connection.execute("SELECT last_synced_at FROM pos_connections").fetchone()
        return True if row and row[0] and row[0] >= started else None

    wait_until(f"the past sales of {restaurant.name}", synchronized, seconds=HISTORY_SECONDS)
