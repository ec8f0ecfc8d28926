"""What the rehearsal's two restaurants have, as every version must answer it.

Written down a second time on purpose, beside the revisions that made it: the version that is tried reads those rows by
its own code, and would agree with itself whatever it makes of them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

_DAYS = tuple(dt.date(2019, 12, 25) + dt.timedelta(days=number) for number in range(14))
# The business date of the run that is rehearsed, and rolled back; its history is what was sold before.
RUN_DAY = dt.date(2020, 1, 8)


@dataclass(frozen=True, kw_only=True)
class Dish:
    """sold: of each of the fourteen days. price: minor units. forecast: what its stored forecasts are counted from."""

    id: UUID
    name: str
    sold: int
    price: int
    forecast: int


@dataclass(frozen=True, kw_only=True)
class Sale:
    """order: its id at Square. lines: dish and quantity; each line costs what its quantity does. unit: of one dish."""

    order: str
    sold_at: dt.datetime
    lines: tuple[tuple[Dish, int], ...]
    price: int | None = None

    @property
    def total(self) -> int:
        """Minor units."""
        return sum(self.cost(dish, quantity) for dish, quantity in self.lines)

    def cost(self, dish: Dish, quantity: int) -> int:
        """Of one line, minor units."""
        return quantity * (dish.price if self.price is None else self.price)


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A rehearsal's restaurant.

    merchant: at Square, and in lower case the beginning of its orders' ids.
    hour: of its sales, UTC. offset: of the restaurant's clock, hours; it decides on which day a sale counts.
    synced: until when its connection is synchronized.
    extra: a sale of revision 0005, which only the first restaurant has; so is its forecast.
    """

    restaurant_id: UUID
    connection_id: UUID
    merchant: str
    currency: str
    hour: dt.time
    offset: int
    synced: dt.datetime
    soup: Dish
    bread: Dish
    extra: Sale | None = None

    @property
    def dishes(self) -> tuple[Dish, Dish]:
        """Both."""
        return self.soup, self.bread

    @property
    def sales(self) -> list[Sale]:
        """Newest first."""
        daily = [
            Sale(
                order=f"{self.merchant.lower()}-{day:%Y%m%d}",
                sold_at=dt.datetime.combine(day, self.hour, dt.UTC),
                lines=tuple((dish, dish.sold) for dish in self.dishes),
            )
            for day in _DAYS
        ]
        return sorted([*daily, *([self.extra] if self.extra else [])], key=lambda sale: sale.sold_at, reverse=True)

    def transactions(self, sales: Sequence[Sale]) -> list[JsonValue]:
        """The sales as `GET /transactions` lists them."""
        return [
            {
                "provider": "square",
                "provider_order_id": sale.order,
                "sold_at": sale.sold_at.isoformat(),
                "total": sale.total,
                "currency": self.currency,
                "items": [
                    {
                        "menu_item_id": str(dish.id),
                        "name": dish.name,
                        "quantity": quantity,
                        "total": sale.cost(dish, quantity),
                    }
                    for dish, quantity in sale.lines
                ],
            }
            for sale in sales
        ]

    def forecasts(self, first: dt.date, last: dt.date) -> list[JsonValue]:
        """What `GET /forecasts` gives for a span of days: of a day that two runs speak of, what the newer one says."""
        newest = {dt.date(2020, 1, 3): 3, dt.date(2020, 1, 4): 4, dt.date(2020, 1, 5): 4}
        made = [
            (day, dish, dish.forecast + 10 * run + day.day - run) for day, run in newest.items() for dish in self.dishes
        ]
        early = [(dt.date(2020, 1, 2), self.soup, 1)] if self.extra else []
        return [
            {
                "date": str(day),
                "menu_item_id": str(dish.id),
                "menu_item": dish.name,
                "quantity": quantity,
                "lower": quantity - 1,
                "upper": quantity + 1,
                "model_version": "rehearsal",
                "drivers": {"weekday": 1},
            }
            for day, dish, quantity in [*early, *made]
            if first <= day <= last
        ]

    def stored_forecasts(self) -> list[JsonValue]:
        """Every row that revisions stored: business date, day, dish, quantity."""
        rows = [
            (dt.date(2020, 1, run), dt.date(2020, 1, run + ahead), dish, dish.forecast + 10 * run + ahead)
            for run in (3, 4)
            for ahead in (0, 1)
            for dish in self.dishes
        ]
        early = [(dt.date(2020, 1, 2), dt.date(2020, 1, 2), self.soup, 1)] if self.extra else []
        return [[str(run), str(day), str(dish.id), quantity] for run, day, dish, quantity in [*early, *rows]]

    def history(self) -> list[JsonValue]:
        """What the model is asked for the night of RUN_DAY: each dish's days, on the restaurant's own calendar."""
        sold: dict[Dish, dict[str, int]] = {dish: {} for dish in self.dishes}
        for sale in reversed(self.sales):
            day = str((sale.sold_at + dt.timedelta(hours=self.offset)).date())
            for dish, quantity in sale.lines:
                sold[dish][day] = sold[dish].get(day, 0) + quantity
        return [
            {
                "menu_item_id": str(dish.id),
                "history": [{"date": day, "quantity": quantity} for day, quantity in days.items()],
                "start": str(RUN_DAY),
                "days": 7,
            }
            for dish, days in sold.items()
        ]


_FIRST_SOUP = Dish(
    id=UUID("0f1a0000-0000-4000-8000-000000000002"), name="Rehearsal soup", sold=10, price=800, forecast=10
)
FIRST = Tenant(
    restaurant_id=UUID("0f1a0000-0000-4000-8000-000000000001"),
    connection_id=UUID("0f1a0000-0000-4000-8000-000000000009"),
    merchant="REHEARSAL",
    currency="USD",
    hour=dt.time(18),
    offset=0,
    synced=dt.datetime(2020, 1, 8, tzinfo=dt.UTC),
    soup=_FIRST_SOUP,
    bread=Dish(
        id=UUID("0f1a0000-0000-4000-8000-000000000004"), name="Rehearsal bread", sold=4, price=250, forecast=100
    ),
    extra=Sale(order="rehearsal", sold_at=dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC), lines=((_FIRST_SOUP, 1),)),
)
SECOND = Tenant(
    restaurant_id=UUID("0f1a0000-0000-4000-8000-000000000011"),
    connection_id=UUID("0f1a0000-0000-4000-8000-000000000019"),
    merchant="SECOND",
    currency="JPY",
    hour=dt.time(7, 30),
    offset=-8,
    synced=dt.datetime(2020, 1, 7, tzinfo=dt.UTC),
    soup=Dish(id=UUID("0f1a0000-0000-4000-8000-000000000012"), name="Second soup", sold=20, price=900, forecast=200),
    bread=Dish(id=UUID("0f1a0000-0000-4000-8000-000000000014"), name="Second bread", sold=6, price=300, forecast=300),
)
TENANTS = (FIRST, SECOND)
