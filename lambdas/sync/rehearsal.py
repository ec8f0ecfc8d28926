"""What a rehearsal of the sync worker finds where real events find a restaurant's connection and its order.

The rehearsal's restaurant has no tokens that Square would take, so its one order stands here, as Square would send it.
"""

import datetime as dt
from typing import override
from uuid import UUID

from flux_core.rehearsal import RESTAURANT_ID

from .connections import Connection, Connections
from .session import SquareOrders
from .square_orders import SquareOrder

MERCHANT_ID = "REHEARSAL"
LOCATION_ID = "REHEARSAL"

_BEGINNING = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class RehearsalConnections(Connections):
    """Knows the rehearsal's restaurant alone; asks PostgreSQL like a real event does, which knows no such merchant."""

    @override
    def of_merchant(self, merchant_id: str) -> list[Connection]:
        """The rehearsal's connection; none for any other merchant: a rehearsal is not for real ones."""
        if merchant_id != MERCHANT_ID:
            return []
        rehearsal = Connection(
            id=UUID(int=0),
            restaurant_id=RESTAURANT_ID,
            merchant_id=MERCHANT_ID,
            location_ids=[LOCATION_ID],
            access_token=b"",
            refresh_token=b"",
            last_synced_at=None,
            created_at=_BEGINNING,
        )
        return super().of_merchant(merchant_id) or [rehearsal]


class RehearsalOrders(SquareOrders):
    """The rehearsal's one order, under whatever id it is asked for."""

    @override
    def fetch(self, connection: Connection, order_id: str) -> SquareOrder:
        """The order, checked as any other."""
        noon = "2020-01-01T12:00:00.000Z"
        money = {"amount": 800, "currency": "USD"}
        line = {"catalog_object_id": "REHEARSAL", "name": "Rehearsal soup", "quantity": "1", "total_money": money}
        order: dict[str, object] = {
            "id": order_id,
            "location_id": connection.location_ids[0],
            "state": "COMPLETED",
            "version": 2,
        }
        order |= {"created_at": noon, "closed_at": noon, "total_money": money, "line_items": [line]}
        return SquareOrder.model_validate(order)
