"""Storing sales: as often as they come, and in whatever order, the newest version of each is there once."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from flux_core.tally import TALLY
from flux_core.tenancy import RestaurantId

from .sales import UNNAMED, Return, Sale

_MENU_ITEMS = """
    INSERT INTO menu_items (restaurant_id, provider, provider_item_id, name)
    SELECT %s, 'square', item.provider_item_id, item.name
    FROM jsonb_to_recordset(%s) AS item (provider_item_id text, name text)
    ON CONFLICT (restaurant_id, provider, provider_item_id)
    DO UPDATE SET name = excluded.name WHERE menu_items.name <> excluded.name AND excluded.name <> %s
"""

# An order that is not paid (any more) is written only over one that was.
_TRANSACTIONS = """
    INSERT INTO transactions
        (restaurant_id, provider, provider_order_id, version, provider_updated_at, state, sold_at, total_minor,
         currency, returns)
    SELECT %(restaurant_id)s, 'square', sale.provider_order_id, sale.version, sale.updated_at,
           CASE sale.state WHEN 'unpaid' THEN 'canceled' ELSE sale.state END,
           sale.sold_at, sale.total_minor, sale.currency, sale.returns
    FROM jsonb_to_recordset(%(sales)s) AS sale
        (provider_order_id text, version integer, updated_at timestamptz, state text, sold_at timestamptz,
         total_minor bigint, currency text, returns jsonb)
    WHERE sale.state <> 'unpaid' OR EXISTS (
        SELECT FROM transactions known
        WHERE known.restaurant_id = %(restaurant_id)s AND known.provider = 'square'
            AND known.provider_order_id = sale.provider_order_id
    )
    ON CONFLICT (restaurant_id, provider, provider_order_id)
    DO UPDATE SET version = excluded.version, provider_updated_at = excluded.provider_updated_at,
                  state = excluded.state, sold_at = excluded.sold_at, total_minor = excluded.total_minor,
                  currency = excluded.currency, returns = excluded.returns
    WHERE (transactions.version, coalesce(transactions.provider_updated_at, '-infinity'))
        < (excluded.version, coalesce(excluded.provider_updated_at, '-infinity'))
    RETURNING provider_order_id, id, old.id IS NULL
"""

_LINES = """
    INSERT INTO transaction_items
        (restaurant_id, transaction_id, line, provider_line_id, menu_item_id, name, quantity, total_minor)
    SELECT %(restaurant_id)s, line.transaction_id, line.number, line.provider_line_id, item.id, line.name,
           line.quantity, line.total_minor
    FROM jsonb_to_recordset(%(lines)s) AS line
        (transaction_id uuid, number smallint, provider_line_id text, provider_item_id text, name text,
         quantity numeric, total_minor bigint)
    LEFT JOIN menu_items item
        ON item.restaurant_id = %(restaurant_id)s AND item.provider = 'square'
        AND item.provider_item_id = line.provider_item_id
"""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What was not known before. changed: how many were new or newer. new: sales that nobody had stored before."""

    changed: int = 0
    new: list[Sale] = field(default_factory=list)


def store(cursor: Cursor[TupleRow], restaurant_id: RestaurantId, sales: list[Sale]) -> Stored:
    """Store sales of one restaurant in the running transaction.

    Rows are written in the order of their keys, so that two workers with the same sales wait for each other instead of
    deadlocking.
    """
    newest: dict[str, Sale] = {}
    for sale in sales:
        known = newest.get(sale.provider_order_id)
        if known is None or _age(known) < _age(sale):
            newest[sale.provider_order_id] = sale
    if not newest:
        return Stored()
    ordered = [newest[order_id] for order_id in sorted(newest)]
    paid = [sale for sale in ordered if sale.state != "unpaid"]
    dishes = [line for sale in paid for line in sale.lines if line.provider_item_id]
    dishes.sort(key=lambda line: line.name != UNNAMED)  # the last one gives the name
    names = {line.provider_item_id: line.name for line in dishes}
    items = [{"provider_item_id": item_id, "name": name} for item_id, name in sorted(names.items())]
    cursor.execute(_MENU_ITEMS, [restaurant_id, Jsonb(items), UNNAMED])
    rows = {"restaurant_id": restaurant_id, "sales": Jsonb(_rows(ordered))}
    written = cursor.execute(_TRANSACTIONS, rows).fetchall()
    changed: dict[str, UUID] = {order_id: row_id for order_id, row_id, _ in written}
    cursor.execute("DELETE FROM transaction_items WHERE transaction_id = ANY(%s)", [list(changed.values())])
    lines = _lines([sale for sale in ordered if sale.provider_order_id in changed], changed)
    cursor.execute(_LINES, {"restaurant_id": restaurant_id, "lines": Jsonb(lines)})
    TALLY.kept += len(sales)
    new = [newest[order_id] for order_id, _, is_new in written if is_new]
    return Stored(changed=len(changed), new=[sale for sale in new if sale.state == "completed"])


def move_on(cursor: Cursor[TupleRow], connection_id: UUID, moment: datetime, *, reached: datetime | None) -> None:
    """Note that all orders updated before `moment` are stored. It never moves back.

    reached: how far the unfinished sync has come; None: it is finished, and nobody waits for its next message.
    """
    cursor.execute(
        """
        UPDATE pos_connections
        SET last_synced_at = greatest(last_synced_at, %(moment)s),
            sync_reached = %(reached)s,
            sync_waits_until = CASE WHEN %(reached)s::timestamptz IS NULL THEN NULL ELSE sync_waits_until END
        WHERE id = %(id)s
        """,
        {"moment": moment, "reached": reached, "id": connection_id},
    )


def _age(sale: Sale) -> tuple[int, datetime]:
    return sale.version, sale.updated_at or _BEGINNING


def _rows(sales: list[Sale]) -> list[dict[str, object]]:
    return [
        {
            "provider_order_id": sale.provider_order_id,
            "version": sale.version,
            "updated_at": None if sale.updated_at is None else sale.updated_at.isoformat(),
            "state": sale.state,
            "sold_at": sale.sold_at.isoformat(),
            "total_minor": sale.total_minor,
            "currency": sale.currency,
            "returns": [_return(each) for each in sale.returns] or None,
        }
        for sale in sales
    ]


def _return(taken_back: Return) -> dict[str, object]:
    return {
        "source_order_id": taken_back.source_order_id,
        "items": [{**asdict(item), "quantity": str(item.quantity)} for item in taken_back.items],
    }


def _lines(sales: list[Sale], ids: dict[str, UUID]) -> list[dict[str, object]]:
    return [
        {"transaction_id": str(ids[sale.provider_order_id]), **asdict(line), "quantity": str(line.quantity)}
        for sale in sales
        for line in sale.lines
    ]
