"""An ordinary day at the restaurants, while something goes wrong: tills that sell, and owners who look."""

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count, cycle

import httpx
import psycopg

from ..demo import sign_in
from ..platform import Platform
from ..proof.sales import Provider
from ..proof.users import repeatedly
from ..till import AURORA, RESTAURANTS, Restaurant, order_event, ring_up

SALES_PER_SECOND = 1.0
READS_PER_SECOND = 4.0


@dataclass(kw_only=True)
class Day:
    """What became of it so far.

    accepted: the sales whose event Flux has accepted, by restaurant; the others were announced to nobody.
    stored: those of them that were seen in PostgreSQL.
    read: owners' requests by status, 0 for one that was not answered. last_read: of the last one.
    """

    accepted: dict[Restaurant, list[str]] = field(default_factory=lambda: {each: [] for each in RESTAURANTS})
    stored: set[str] = field(default_factory=set)
    read: Counter[int] = field(default_factory=Counter)
    last_read: int = 0

    def failed(self) -> int:
        """Requests of owners that were not answered as they should have been."""
        return self.read.total() - self.read[HTTPStatus.OK]

    def is_well(self, platform: Platform) -> bool:
        """Whether owners read, and every sale that was accepted is stored."""
        try:
            return self.last_read == HTTPStatus.OK and all(
                self._has_stored(platform, restaurant, orders) for restaurant, orders in self.accepted.items()
            )
        except psycopg.OperationalError:
            return False

    def _has_stored(self, platform: Platform, restaurant: Restaurant, orders: list[str]) -> bool:
        """Whether all of these are; asks for those alone of which it is not known."""
        waiting = [order for order in orders if order not in self.stored]
        self.stored |= _stored(platform, restaurant, waiting)
        return self.stored.issuperset(waiting)


@contextmanager
def ordinary_day(platform: Platform) -> Iterator[Day]:
    """Sell and read until the block ends."""
    day, run, numbers, restaurants = Day(), f"game-day-{secrets.token_hex(4)}", count(), cycle(RESTAURANTS)
    provider = Provider(platform)

    def sell() -> None:
        restaurant, order_id = next(restaurants), f"{run}-{next(numbers)}"
        ring_up(restaurant, [restaurant.order(order_id, at=datetime.now(UTC), sold={restaurant.menu[0]: 1})])
        (status,) = provider.deliver([order_event(restaurant.merchant_id, order_id, event_id=order_id)])
        if status == HTTPStatus.ACCEPTED:
            day.accepted[restaurant].append(order_id)

    with platform.visitor() as visitor:
        visitor.headers["authorization"] = f"Bearer {sign_in(visitor, AURORA)}"

        def read() -> None:
            try:
                answer = visitor.get("/api/v1/transactions", params={"limit": 1})
                if answer.status_code == HTTPStatus.UNAUTHORIZED:  # the day is longer than a token lives
                    visitor.headers["authorization"] = f"Bearer {sign_in(visitor, AURORA)}"
                    return
                day.last_read = answer.status_code
            except httpx.HTTPError:
                day.last_read = 0
            day.read[day.last_read] += 1

        with repeatedly(sell, per_second=SALES_PER_SECOND), repeatedly(read, per_second=READS_PER_SECOND):
            yield day


def _stored(platform: Platform, restaurant: Restaurant, orders: list[str]) -> set[str]:
    with platform.tenant(restaurant.restaurant_id) as connection:
        rows = connection.execute(
            "SELECT provider_order_id FROM transactions WHERE provider_order_id = ANY(%s)", [orders]
        )
        return {order_id for (order_id,) in rows}
