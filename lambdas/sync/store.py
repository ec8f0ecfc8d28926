"""Storing sales: as often as they come, and in whatever order, the newest version of each is there once."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from flux_core.tenancy import RestaurantId

from .square_orders import Sale

_MENU_ITEMS = """
    INSERT INTO menu_items (restaurant_id, provider, provider_item_id, name)
    SELECT %s, 'square', item.provider_item_id, item.name
    FROM jsonb_to_recordset(%s) AS item (provider_item_id text, name text)
    ON CONFLICT (restaurant_id, provider, provider_item_id)
    DO UPDATE SET name = excluded.name WHERE menu_items.name <> excluded.name
"""

_TRANSACTIONS = """
    INSERT INTO transactions
        (restaurant_id, provider, provider_order_id, version, state, sold_at, total_minor, currency)
    SELECT %s, 'square', sale.provider_order_id, sale.version, sale.state, sale.sold_at, sale.total_minor, sale.currency
    FROM jsonb_to_recordset(%s) AS sale
        (provider_order_id text, version integer, state text, sold_at timestamptz, total_minor bigint, currency text)
    ON CONFLICT (restaurant_id, provider, provider_order_id)
    DO UPDATE SET version = excluded.version, state = excluded.state, sold_at = excluded.sold_at,
                  total_minor = excluded.total_minor, currency = excluded.currency
    WHERE transactions.version < excluded.version
    RETURNING provider_order_id, id
"""

_LINES = """
    INSERT INTO transaction_items (restaurant_id, transaction_id, line, menu_item_id, name, quantity, total_minor)
    SELECT %(restaurant_id)s, line.transaction_id, line.number, item.id, line.name, line.quantity, line.total_minor
    FROM jsonb_to_recordset(%(lines)s) AS line
        (transaction_id uuid, number smallint, provider_item_id text, name text, quantity numeric, total_minor bigint)
    LEFT JOIN menu_items item
        ON item.restaurant_id = %(restaurant_id)s AND item.provider = 'square'
        AND item.provider_item_id = line.provider_item_id
"""


def store(cursor: Cursor[TupleRow], restaurant_id: RestaurantId, sales: list[Sale]) -> int:
    """Store sales of one restaurant in the running transaction; returns how many were new or newer.

    Rows are written in the order of their keys, so that two workers with the same sales wait for each other instead of
    deadlocking.
    """
    newest: dict[str, Sale] = {}
    for sale in sales:
        known = newest.get(sale.provider_order_id)
        if known is None or known.version < sale.version:
            newest[sale.provider_order_id] = sale
    if not newest:
        return 0
    ordered = [newest[order_id] for order_id in sorted(newest)]
    names = {line.provider_item_id: line.name for sale in ordered for line in sale.lines if line.provider_item_id}
    items = [{"provider_item_id": item_id, "name": name} for item_id, name in sorted(names.items())]
    cursor.execute(_MENU_ITEMS, [restaurant_id, Jsonb(items)])
    changed: dict[str, UUID] = dict(cursor.execute(_TRANSACTIONS, [restaurant_id, Jsonb(_rows(ordered))]).fetchall())
    cursor.execute("DELETE FROM transaction_items WHERE transaction_id = ANY(%s)", [list(changed.values())])
    lines = _lines([sale for sale in ordered if sale.provider_order_id in changed], changed)
    cursor.execute(_LINES, {"restaurant_id": restaurant_id, "lines": Jsonb(lines)})
    return len(changed)


def move_on(cursor: Cursor[TupleRow], connection_id: UUID, moment: datetime) -> None:
    """Note that all orders updated before `moment` are stored. It never moves back."""
    cursor.execute(
        "UPDATE pos_connections SET last_synced_at = greatest(last_synced_at, %s) WHERE id = %s",
        [moment, connection_id],
    )


def _rows(sales: list[Sale]) -> list[dict[str, str | int]]:
    return [
        {
            "provider_order_id": sale.provider_order_id,
            "version": sale.version,
            "state": sale.state,
            "sold_at": sale.sold_at.isoformat(),
            "total_minor": sale.total_minor,
            "currency": sale.currency,
        }
        for sale in sales
    ]


def _lines(sales: list[Sale], ids: dict[str, UUID]) -> list[dict[str, str | int | None]]:
    return [
        {"transaction_id": str(ids[sale.provider_order_id]), **asdict(line), "quantity": str(line.quantity)}
        for sale in sales
        for line in sale.lines
    ]
