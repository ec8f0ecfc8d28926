"""What a restaurant sold on each of the last ninety days."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flux_core.database import Database
from flux_core.tenancy import RestaurantId

DAYS = 90

# A day is the restaurant's own, and only whole days count: at the tick, 02:00 UTC, evening service may still be on west
# of the Atlantic, and half a day would look like a quiet one. Bounds are computed once, so that the index is used.
_QUERY = """
    WITH span AS (
        SELECT timezone, ((%(date)s::date + time '02:00') AT TIME ZONE 'UTC' AT TIME ZONE timezone)::date AS today
        FROM restaurants
    )
    SELECT item.menu_item_id, (sale.sold_at AT TIME ZONE span.timezone)::date AS date, sum(item.quantity) AS quantity
    FROM span
    JOIN transactions sale
        ON sale.state = 'completed'
        AND sale.sold_at >= (span.today - %(days)s)::timestamp AT TIME ZONE span.timezone
        AND sale.sold_at < span.today::timestamp AT TIME ZONE span.timezone
    JOIN transaction_items item ON item.transaction_id = sale.id AND item.restaurant_id = sale.restaurant_id
    WHERE item.menu_item_id IS NOT NULL
    GROUP BY 1, 2
    ORDER BY 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class DaySold:
    """How much of one menu item was sold on one day. Days without a sale have none."""

    menu_item_id: UUID
    date: dt.date
    quantity: Decimal


def read_history(database: Database, restaurant_id: RestaurantId, date: dt.date) -> list[DaySold]:
    """The ninety whole days before the business date's tick, by menu item and day."""
    return database.read(restaurant_id, _QUERY, {"date": date, "days": DAYS}, DaySold)
