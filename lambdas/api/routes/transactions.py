"""What has been sold, newest first, page by page."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from flux_core.problems import Problem
from flux_core.tenancy import RestaurantId

from ..cursors import Cursor, InvalidCursorError
from ..errors import ProblemError
from ..identity import require_caller
from ..services import Services
from ..tokens import Caller

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

# One row more than the page tells whether there is a next one. The lines are fetched for the page's sales only.
_QUERY = """
    SELECT sale.id, sale.provider, sale.provider_order_id, sale.sold_at, sale.total_minor AS total, sale.currency,
           coalesce(lines.items, '[]') AS items
    FROM (
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
    ORDER BY sale.sold_at DESC, sale.id DESC
"""


class Line(BaseModel):
    """Part of a sale; total in minor units. Without a menu item it is an amount typed in at the till."""

    menu_item_id: UUID | None
    name: str
    quantity: float
    total: int


class Transaction(BaseModel):
    """A sale; total in minor units of the currency (ISO 4217)."""

    id: UUID
    provider: str
    provider_order_id: str
    sold_at: dt.datetime
    total: int
    currency: str
    items: list[Line]


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
        cursor: Annotated[str | None, Query(max_length=200)] = None,
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
        raise ProblemError(Problem(status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail)) from error
