"""The tills of the demo restaurants: sales as Square keeps them, and the events that Square sends about them."""

import base64
import hashlib
import hmac
import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5

import httpx

from . import machine
from .square import Record

# Names of the demo data are derived from this, so that every run speaks of the same restaurants.
_DEMO = UUID("6f1d2c1e-5f0b-4c57-9d3f-0c9f6d3f7a10")


@dataclass(frozen=True, kw_only=True)
class Dish:
    """Something on the menu: price in cents, and how many are sold on an ordinary day."""

    name: str
    price: int
    daily: int


@dataclass(frozen=True, kw_only=True)
class Restaurant:
    """A demo tenant and its till.

    weekend: how much busier Friday to Sunday are than the other days.
    """

    name: str
    owner_email: str
    menu: tuple[Dish, ...]
    weekend: float

    @property
    def restaurant_id(self) -> UUID:
        """The tenant."""
        return uuid5(_DEMO, self.name)

    @property
    def merchant_id(self) -> str:
        """The restaurant at Square."""
        return f"ML{self.restaurant_id.hex[:10].upper()}"

    @property
    def location_id(self) -> str:
        """Its one location at Square."""
        return f"L{self.restaurant_id.hex[10:20].upper()}"

    def day(self, day: date) -> list[Record]:
        """The orders of one day: the same ones whenever it is asked for.

        Returns one order a dish and service (lunch, dinner); quantities follow the dish's ordinary day, the weekday and
        a seeded chance of ten per cent either way.
        """
        busy = self.weekend if day.weekday() >= 4 else 1.0
        chance = random.Random(f"{self.merchant_id} {day}")  # noqa: S311 - demo data, not a secret
        return [
            self.order(
                f"{self.merchant_id}-{day:%Y%m%d}-{number}-{hour}",
                at=datetime.combine(day, time(hour, number), UTC),
                sold={dish: max(1, round(dish.daily / 2 * busy * chance.uniform(0.9, 1.1)))},
            )
            for hour in (17, 23)
            for number, dish in enumerate(self.menu)
        ]

    def order(self, order_id: str, *, at: datetime, sold: dict[Dish, int], currency: str = "USD") -> Record:
        """One completed order, in the shape of Square's Orders API."""
        moment = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return {
            "id": order_id,
            "location_id": self.location_id,
            "state": "COMPLETED",
            "version": 1,
            "created_at": moment,
            "updated_at": moment,
            "closed_at": moment,
            "total_money": {
                "amount": sum(dish.price * quantity for dish, quantity in sold.items()),
                "currency": currency,
            },
            "line_items": [
                {
                    "uid": f"{order_id}-{number}",
                    "catalog_object_id": uuid5(self.restaurant_id, dish.name).hex[:24].upper(),
                    "name": dish.name,
                    "quantity": str(quantity),
                    "base_price_money": {"amount": dish.price, "currency": currency},
                    "total_money": {"amount": dish.price * quantity, "currency": currency},
                }
                for number, (dish, quantity) in enumerate(sold.items())
            ],
        }

    def past(self, *, days: int, until: date) -> list[Record]:
        """The orders of the `days` days before `until`."""
        return [order for ago in range(days, 0, -1) for order in self.day(until - timedelta(days=ago))]


AURORA = Restaurant(
    name="Trattoria Aurora",
    owner_email="owner@aurora.example",
    menu=(
        Dish(name="Margherita", price=1_250, daily=42),
        Dish(name="Tagliatelle al ragù", price=1_690, daily=28),
        Dish(name="Tiramisù", price=750, daily=19),
    ),
    weekend=1.6,
)
LOTUS = Restaurant(
    name="Golden Lotus",
    owner_email="owner@lotus.example",
    menu=(
        Dish(name="Pad thai", price=1_390, daily=35),
        Dish(name="Green curry", price=1_480, daily=24),
        Dish(name="Mango sticky rice", price=680, daily=15),
    ),
    weekend=1.3,
)
RESTAURANTS = (AURORA, LOTUS)


def ring_up(restaurant: Restaurant, orders: list[Record]) -> None:
    """Put orders into Square, as the till does."""
    httpx.post(
        f"{machine.SQUARE_URL}/merchants/{restaurant.merchant_id}/orders", json={"orders": orders}, timeout=30
    ).raise_for_status()


def order_event(merchant_id: str, order_id: str, *, event_id: str) -> bytes:
    """The body of Square's `order.created` webhook: ids only, as Square sends it."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return json.dumps(
        {
            "merchant_id": merchant_id,
            "type": "order.created",
            "event_id": event_id,
            "created_at": now,
            "data": {
                "type": "order",
                "id": order_id,
                "object": {
                    "order_created": {"order_id": order_id, "state": "COMPLETED", "version": 1, "created_at": now}
                },
            },
        }
    ).encode()


def signature(body: bytes, *, key: str, notification_url: str) -> str:
    """What Square sends in `x-square-hmacsha256-signature` (Square, "Validate webhook event notifications")."""
    digest = hmac.new(key.encode(), notification_url.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
