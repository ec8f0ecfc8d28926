"""One sale at a time: what a webhook event asks for."""

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from flux_core.database import Database
from flux_core.logs import logger
from flux_core.metrics import count
from flux_core.tally import TALLY
from flux_core.vocabulary import SALES_SET_ASIDE

from .connections import Connection, Connections
from .freshness import Freshness
from .journal import Journal
from .session import SquareOrders
from .square_faults import SquareUnauthorizedError
from .square_orders import SquareOrder
from .store import store

ORDER_EVENTS = ("order.created", "order.updated")


class _Change(BaseModel):
    order_id: str | None = None
    location_id: str | None = None


class _Object(BaseModel):
    order_created: _Change | None = None
    order_updated: _Change | None = None


class _Data(BaseModel):
    id: str | None = None
    object: _Object | None = None

    @property
    def change(self) -> _Change:
        """What happened to the order."""
        of = self.object or _Object()
        return of.order_created or of.order_updated or _Change()


class _OrderEvent(BaseModel):
    """Square's event carries ids only; the order is fetched. Every member is optional, as in Square's schema.

    Source: Square Developer, "Webhook event reference", `order.created` and `order.updated`.
    """

    model_config = ConfigDict(strict=True)

    merchant_id: str | None = None
    data: _Data | None = None


class EventSync:
    """Stores the order that an event speaks of.

    It leaves `last_synced_at` alone: an event says nothing about the orders before it, which may have been missed.
    """

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        orders: SquareOrders,
        freshness: Freshness,
        journal: Journal,
    ) -> None:
        self._database = database
        self._freshness, self._journal = freshness, journal
        self._connections = connections
        self._orders = orders

    def take(self, event: dict[str, JsonValue], *, request_id: str | None) -> None:
        """Fetch the order and store it. request_id: of the webhook's request.

        Everything else that Square sends is no concern of Flux, and nothing for an operator either: other kinds of
        events, those of a merchant whose restaurant is closed, and those that the developer console sends as a test, of
        a merchant that nobody is. The journal has why.

        Raises:
            SquareError: the order cannot be had, or is not valid.
        """
        if event.get("type") not in ORDER_EVENTS:
            self._journal.note("another kind", request_id=request_id)
            return
        try:
            order_event = _OrderEvent.model_validate(event)
        except ValidationError:
            # What it speaks of cannot be known, from it or from another delivery; the next sync finds the order.
            self._journal.note("malformed", request_id=request_id)
            return
        data = order_event.data or _Data()
        merchant_id, order_id = order_event.merchant_id, data.id or data.change.order_id
        if not merchant_id or not order_id:
            self._journal.note("without ids", request_id=request_id)
            return
        connections = [] if "\0" in merchant_id else self._connections.of_merchant(merchant_id)
        if not connections:
            self._journal.note("no restaurant of this merchant", request_id=request_id, order_id=order_id)
            return
        order = self._fetch(_likely_first(connections, data.change.location_id), order_id)
        for connection in connections:
            if order.location_id in connection.location_ids:
                with logger.append_context_keys(restaurant_id=str(connection.restaurant_id)):
                    self._store(connection, order, request_id)
                return
        TALLY.kept += 1
        count(SALES_SET_ASIDE, reason="elsewhere")
        self._journal.note("elsewhere", request_id=request_id, order_id=order_id)

    def _fetch(self, connections: list[Connection], order_id: str) -> SquareOrder:
        """The order, asked for in the name of any restaurant of the merchant; one may have withdrawn its access."""
        *others, last = connections
        for connection in others:
            try:
                return self._orders.fetch(connection, order_id)
            except SquareUnauthorizedError:
                logger.info("access refused; asking as another restaurant of the merchant")
        return self._orders.fetch(last, order_id)

    def _store(self, connection: Connection, order: SquareOrder, request_id: str | None) -> None:
        reading, tenant = order.read(), connection.restaurant_id
        became: str = reading.set_aside or "known"
        if reading.set_aside is not None:
            count(SALES_SET_ASIDE, reason=reading.set_aside)
        if reading.sale is None:
            TALLY.kept += 1
        else:
            sale = reading.sale
            stored = self._database.write(tenant, lambda cursor: store(cursor, tenant, [sale]))
            self._freshness.count(stored.new, connection)
            became = "stored" if stored.changed else became
        self._journal.note(
            became,
            request_id=request_id,
            restaurant_id=tenant,
            order_id=order.id,
            lines_dropped=reading.dropped,
        )


def _likely_first(connections: list[Connection], location_id: str | None) -> list[Connection]:
    return sorted(connections, key=lambda connection: location_id not in connection.location_ids)
