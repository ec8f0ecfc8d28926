"""What has been sold, newest first, page by page."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from flux_core.tenancy import RestaurantId

from ..cursors import Cursor, InvalidCursorError
from ..errors import refused
from ..identity import require_caller
from ..services import Services
from ..tokens import Caller

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

# One row more than the page tells whether there is a next one. The lines are fetched for the page's sales only.
_QUERY = """
    SELECT sale.id, sale.provider, sale.provider_order_id, sale.sold_at, sale.total_minor AS total, sale.currency,
           coalesce(lines.items, '[]') AS items, coalesce(returns.returns, '[]') AS returns,
           CASE WHEN sale.returns IS NULL THEN 'sale' WHEN lines.items IS NULL THEN 'return' ELSE 'exchange' END
               AS kind,
           business_day(sale.sold_at, place.timezone, place.close_of_day) AS business_date
    FROM restaurants place, (
        SELECT * FROM transactions
        WHERE state = 'completed'
            AND (%(id)s::uuid IS NULL OR (sold_at, id) < (%(sold_at)s::timestamptz, %(id)s::uuid))
        ORDER BY sold_at DESC, id DESC
        LIMIT %(rows)s
    ) sale
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(
            jsonb_build_object(
                'menu_item_id', line.menu_item_id, 'name', line.name,
                'quantity', line.quantity::float8, 'total', line.total_minor
            )
            ORDER BY line.line
        ) AS items
        FROM transaction_items line
        WHERE line.restaurant_id = sale.restaurant_id AND line.transaction_id = sale.id
    ) lines ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(
            jsonb_build_object(
                'source_order_id', returned.source_order_id,
                'items', (
                    SELECT coalesce(jsonb_agg(
                        jsonb_build_object(
                            'menu_item_id', dish.id, 'name', item.name,
                            'quantity', item.quantity::float8, 'total', item.total_minor
                        )
                        ORDER BY item.number
                    ), '[]')
                    FROM ROWS FROM (
                        jsonb_to_recordset(returned.items)
                            AS (provider_item_id text, name text, quantity numeric, total_minor bigint)
                    ) WITH ORDINALITY AS item (provider_item_id, name, quantity, total_minor, number)
                    LEFT JOIN menu_items dish
                        ON dish.restaurant_id = sale.restaurant_id AND dish.provider = sale.provider
                        AND dish.provider_item_id = item.provider_item_id
                )
            )
            ORDER BY returned.number
        ) AS returns
        FROM ROWS FROM (jsonb_to_recordset(sale.returns) AS (source_order_id text, items jsonb))
            WITH ORDINALITY AS returned (source_order_id, items, number)
    ) returns ON true
    ORDER BY sale.sold_at DESC, sale.id DESC
"""


class Line(BaseModel):
    """Part of a sale; total in minor units. Without a menu item it is an amount typed in at the till."""

    menu_item_id: UUID | None
    name: str
    quantity: float
    total: int


class Return(BaseModel):
    """What was brought back of one earlier order at the provider; null if nobody knows which."""

    source_order_id: str | None
    items: list[Line]


class Transaction(BaseModel):
    """A sale, a return (nothing but brought back), or an exchange (both).

    total: in minor units of the currency (ISO 4217, XXX where the provider names none); below 0 if more was paid back.
    business_date: the restaurant's own day that it counts on, which ends at its close of day.
    """

    id: UUID
    kind: Literal["sale", "return", "exchange"]
    provider: str
    provider_order_id: str
    sold_at: dt.datetime
    business_date: dt.date
    total: int
    currency: str
    items: list[Line]
    returns: list[Return]


class Transactions(BaseModel):
    """A page. next_cursor: give it as `cursor` for the next page; null on the last."""

    items: list[Transaction]
    next_cursor: str | None


def build_router(services: Services) -> APIRouter:
    """`/transactions`."""
    router = APIRouter()
    caller_of = require_caller(services.tokens)

    @router.get("/transactions")
    async def transactions(
        caller: Annotated[Caller, Depends(caller_of)],
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    ) -> Transactions:
        after = None if cursor is None else _decode(cursor)
        rows = services.database.read(
            RestaurantId(caller.restaurant_id),
            _QUERY,
            {"sold_at": after and after.sold_at, "id": after and after.id, "rows": limit + 1},
            Transaction,
        )
        page, last = rows[:limit], None
        if len(rows) > limit:
            last = Cursor(sold_at=page[-1].sold_at, id=page[-1].id).encode()
        return Transactions(items=page, next_cursor=last)

    return router


def _decode(cursor: str) -> Cursor:
    try:
        return Cursor.decode(cursor)
    except InvalidCursorError as error:
        detail = "`cursor` must be the `next_cursor` of an earlier page."
        raise refused(HTTPStatus.BAD_REQUEST, detail) from error
