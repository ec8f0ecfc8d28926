"""What a restaurant sold on each of the last ninety days, without what was brought back."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flux_core.database import Database
from flux_core.logs import logger
from flux_core.tenancy import RestaurantId

DAYS = 90

# Nobody orders so many portions of one dish at once, nor so many grams of it: somebody typed a price or a code into the
# field for the quantity. One such line would spoil the dish's forecasts for ninety days.
MOST_IN_A_LINE = 100_000
# What the model takes of one dish on one day (MOST_PORTIONS in model/code/inference.py).
MOST_IN_A_DAY = 1_000_000

# A day is the restaurant's own business day, and only whole days count: at the tick, 02:00 UTC, evening service may
# still be on west of the Atlantic, and half a day would look like a quiet one. Days are told apart by the instants at
# which they begin, so that a change of the clocks loses nothing. The first and the last are columns of their own:
# row-level security lets the index look for a plain value, and not for the result of an expression.
#
# What is brought back is taken off the day on which it was sold. Without a known sale it is taken off its own day; when
# that sale was canceled, it counts already as never sold.
_QUERY = """
    WITH place AS (
        SELECT timezone, close_of_day,
               business_day((%(date)s::date + time '02:00') AT TIME ZONE 'UTC', timezone, close_of_day) AS today
        FROM restaurants
    ), span AS (
        SELECT today, begins, begins[1] AS oldest, begins[%(days)s + 1] AS newest
        FROM place, LATERAL (
            SELECT array_agg((today - ago + close_of_day) AT TIME ZONE timezone ORDER BY ago DESC) AS begins
            FROM generate_series(0, %(days)s) AS ago
        ) AS days
    ), sold AS (
        SELECT item.menu_item_id, sale.sold_at, item.quantity
        FROM span
        JOIN transactions sale
            ON sale.state = 'completed'
            AND sale.sold_at >= span.oldest AND sale.sold_at < span.newest
        JOIN transaction_items item ON item.transaction_id = sale.id AND item.restaurant_id = sale.restaurant_id
        UNION ALL
        SELECT coalesce(line.menu_item_id, dish.id), coalesce(source.sold_at, back.sold_at), -item.quantity
        FROM span
        JOIN transactions back
            ON back.state = 'completed' AND back.returns IS NOT NULL AND back.sold_at >= span.oldest
        CROSS JOIN LATERAL jsonb_to_recordset(back.returns) AS returned (source_order_id text, items jsonb)
        CROSS JOIN LATERAL jsonb_to_recordset(returned.items)
            AS item (source_line_id text, provider_item_id text, quantity numeric)
        LEFT JOIN transactions source
            ON source.restaurant_id = back.restaurant_id AND source.provider = back.provider
            AND source.provider_order_id = returned.source_order_id
        LEFT JOIN transaction_items line
            ON line.restaurant_id = source.restaurant_id AND line.transaction_id = source.id
            AND line.provider_line_id = item.source_line_id
        LEFT JOIN menu_items dish
            ON dish.restaurant_id = back.restaurant_id AND dish.provider = back.provider
            AND dish.provider_item_id = item.provider_item_id
        WHERE source.id IS NULL OR source.state = 'completed'
    ), numbered AS (
        SELECT menu_item_id, width_bucket(sold_at, span.begins) AS number, quantity,
               abs(quantity) <= %(most_in_a_line)s AS counts
        FROM sold, span
        WHERE menu_item_id IS NOT NULL
    )
    SELECT menu_item_id, span.today - %(days)s + number - 1 AS date,
           coalesce(sum(quantity) FILTER (WHERE counts), 0) AS quantity, count(*) FILTER (WHERE NOT counts) AS set_aside
    FROM numbered, span
    WHERE number BETWEEN 1 AND %(days)s
    GROUP BY 1, 2
    ORDER BY 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class DaySold:
    """How much of one menu item was sold on one day. Days without a sale have none."""

    menu_item_id: UUID
    date: dt.date
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class _Row(DaySold):
    """set_aside: lines whose quantity is absurd; they are not in `quantity`."""

    set_aside: int


def read_history(database: Database, restaurant_id: RestaurantId, date: dt.date) -> list[DaySold]:
    """The ninety whole days before the business date's tick, by menu item and day."""
    parameters = {"date": date, "days": DAYS, "most_in_a_line": MOST_IN_A_LINE}
    rows = database.read(restaurant_id, _QUERY, parameters, _Row)
    absurd, capped = sum(row.set_aside for row in rows), sum(row.quantity > MOST_IN_A_DAY for row in rows)
    if absurd or capped:
        logger.warning("absurd quantities set aside", extra={"lines_set_aside": absurd, "days_capped": capped})
    return [
        DaySold(menu_item_id=row.menu_item_id, date=row.date, quantity=min(row.quantity, Decimal(MOST_IN_A_DAY)))
        for row in rows
        if row.quantity > 0
    ]
