"""One sale at a time: what a webhook event asks for."""

from pydantic import BaseModel, ConfigDict, JsonValue

from flux_core.database import Database
from flux_core.logs import logger

from .connections import Connection, Connections
from .session import SquareOrders
from .square_orders import Identifier, SquareOrder
from .store import store

ORDER_EVENTS = ("order.created", "order.updated")


class _Data(BaseModel):
    id: Identifier


class _OrderEvent(BaseModel):
    """Square's event carries ids only; the order is fetched.

    Source: Square Developer, "Webhook event reference", `order.created` and `order.updated`.
    """

    model_config = ConfigDict(strict=True)

    merchant_id: Identifier
    type: str
    data: _Data


class EventSync:
    """Stores the order that an event speaks of.

    It leaves `last_synced_at` alone: an event says nothing about the orders before it, which may have been missed.
    """

    def __init__(self, *, database: Database, connections: Connections, orders: SquareOrders) -> None:
        self._database = database
        self._connections = connections
        self._orders = orders

    def take(self, event: dict[str, JsonValue]) -> None:
        """Fetch the order and store it; other kinds of events are no concern of Flux.

        Raises:
            pydantic.ValidationError: the event is malformed.
            UnknownConnectionError: no restaurant is connected to its merchant.
            SquareError: the order cannot be had, or is not valid.
        """
        if event.get("type") not in ORDER_EVENTS:
            logger.info("event ignored", extra={"event_type": event.get("type")})
            return
        order_event = _OrderEvent.model_validate(event)
        connection = self._connections.of_merchant(order_event.merchant_id)
        with logger.append_context_keys(restaurant_id=str(connection.restaurant_id)):
            self._store(connection, self._orders.fetch(connection, order_event.data.id))

    def _store(self, connection: Connection, order: SquareOrder) -> None:
        sale = order.sale() if order.location_id in connection.location_ids else None
        if sale is None:
            logger.info("not a sale of this restaurant", extra={"order_id": order.id, "state": order.state})
            return
        tenant = connection.restaurant_id
        stored = self._database.write(tenant, lambda cursor: store(cursor, tenant, [sale]))
        logger.info("sale stored", extra={"order_id": order.id, "version": order.version, "changed": stored})
