"""Every sale since the last time: what the schedule asks for, in case a webhook event never came."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from pydantic import ValidationError

from flux_core.database import Database
from flux_core.logs import logger
from flux_core.messages import SquareEvent, SyncConnection
from flux_core.metrics import count, record
from flux_core.postponing import TICKET
from flux_core.queue import Queue
from flux_core.tally import TALLY
from flux_core.vocabulary import CONNECTIONS_ACTIVE, CONNECTIONS_SILENT, SALES_SET_ASIDE

from .connections import Connection, Connections
from .freshness import Freshness
from .journal import Journal
from .session import SquareSession
from .square_client import Page, SquareClient
from .square_orders import ID_LENGTH, SquareOrder
from .store import Stored, move_on, store
from .tokens import TokenCipher

# Read again each time: Square's clock is not ours, and its search index follows its orders by seconds.
OVERLAP = timedelta(minutes=5)
# A run that does not finish sends a message to go on. While that waits, no tick begins another run; if it is lost, a
# later tick goes on in its place.
LONGEST_WAIT = timedelta(minutes=15)
# What the first sync of a connection fetches: as much history as a forecast reads.
HISTORY = timedelta(days=90)


class IncrementalSync:
    """Brings connections up to date."""

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        *,
        database: Database,
        cipher: TokenCipher,
        square: SquareClient,
        queue: Queue,
        freshness: Freshness,
        journal: Journal,
    ) -> None:
        self._database = database
        self._freshness, self._journal = freshness, journal
        self._connections = Connections(database)
        self._cipher = cipher
        self._square = square
        self._queue = queue

    def fan_out(self) -> None:
        """Send a message for every active connection.

        Raises:
            QueueError: SQS did not accept all of them.
        """
        sent = self._queue.send_all(SyncConnection(connection_id=each) for each in self._connections.active())
        silent = self._connections.silent()
        record(CONNECTIONS_ACTIVE, sent)
        record(CONNECTIONS_SILENT, silent)
        logger.info("sync fanned out", extra={"connections": sent, "silent": silent})

    def run(self, connection_id: UUID, *, has_time: Callable[[], bool], ticket: str | None = None) -> None:
        """Store the orders updated since the last sync, page by page, each in one transaction.

        Pages come oldest update first, so what is stored so far is where a later run begins: when time runs out, a
        message to go on is sent.

        ticket: of the message, if it is one to go on.

        Raises:
            UnknownConnectionError: the connection is active no more.
            SquareError: Square does not give the orders.
        """
        connection = self._connections.by_id(connection_id)
        now = datetime.now(UTC)
        waits_until = connection.sync_waits_until
        if waits_until is not None and now < waits_until and ticket != waits_until.isoformat():
            self._journal.note("left to the message that goes on", restaurant_id=connection.restaurant_id)
            return
        self._journal.note("synced", restaurant_id=connection.restaurant_id)
        with logger.append_context_keys(restaurant_id=str(connection.restaurant_id)):
            session = SquareSession(connection, database=self._database, cipher=self._cipher, square=self._square)
            session.renew_if_old()
            since = reached = _beginning(connection)
            page = self._page(session, connection, since, None)
            reached = self._store(connection, page, reached, began=now)
            # At least past where it began: a run that stays there would go on for ever.
            while page.cursor is not None and (has_time() or reached <= since):
                page = self._page(session, connection, since, page.cursor)
                reached = self._store(connection, page, reached, began=now)
            if page.cursor is not None:
                self._go_on(connection)

    def _go_on(self, connection: Connection) -> None:
        """Send the message to go on, unless another run has sent it meanwhile."""
        waits_until = datetime.now(UTC) + LONGEST_WAIT

        def work(cursor: Cursor[TupleRow]) -> bool:
            claimed = cursor.execute(
                "UPDATE pos_connections SET sync_waits_until = %s"
                " WHERE id = %s AND sync_waits_until IS NOT DISTINCT FROM %s",
                [waits_until, connection.id, connection.sync_waits_until],
            ).rowcount
            if claimed:
                # In the transaction: nobody waits for a message that was not sent.
                message = SyncConnection(connection_id=connection.id).model_dump_json()
                self._queue.send(message, attributes={TICKET: waits_until.isoformat()})
            return bool(claimed)

        sent = self._database.write(connection.restaurant_id, work)
        logger.info("out of time; another run goes on", extra={"message_sent": sent})

    def _page(self, session: SquareSession, connection: Connection, since: datetime, cursor: str | None) -> Page:
        return session.ask(
            lambda token: self._square.search(token, locations=connection.location_ids, since=since, cursor=cursor)
        )

    def _store(self, connection: Connection, page: Page, reached: datetime, *, began: datetime) -> datetime:
        """Store a page; returns how far that reaches, `reached` being how far the one before did."""
        orders, refused = _check(page)
        # An order that is not Square's by its types goes on the queue by itself: it fails there alone, and ends in the
        # dead-letter queue, where it can be looked at and tried again. Before the transaction, so that it is not lost.
        self._queue.send_all(_event(connection, order_id) for order_id in refused if order_id is not None)
        here = [order for order in orders if order.location_id in connection.location_ids]
        readings = [order.read() for order in here]
        moments = [order.changed_at for order in orders if order.changed_at is not None]
        # Never beyond the moment of asking: one wrong clock would make every later sync skip what comes before it.
        until = began if page.cursor is None else min(max(moments, default=None) or began, began)
        reached = max(reached, min(max(moments, default=reached), began))
        tenant = connection.restaurant_id

        def work(cursor: Cursor[TupleRow]) -> Stored:
            if page.cursor is None or moments:
                move_on(cursor, connection.id, until, reached=None if page.cursor is None else reached)
            return store(cursor, tenant, [reading.sale for reading in readings if reading.sale is not None])

        stored = self._database.write(tenant, work)
        self._freshness.count(stored.new, connection)
        TALLY.kept += len(page.orders) - sum(reading.sale is not None for reading in readings)
        elsewhere = len(orders) - len(here)
        set_aside = Counter(each.set_aside for each in readings if each.set_aside is not None)
        for reason, number in (set_aside + Counter({"elsewhere": elsewhere})).items():
            count(SALES_SET_ASIDE, number, reason=reason)
        logger.info(
            "page stored",
            extra={
                "orders": len(page.orders),
                "changed": stored.changed,
                "refused": len(refused),
                "elsewhere": elsewhere,
                "orders_set_aside": dict(set_aside),
                "lines_dropped": dict(sum((each.dropped for each in readings), Counter())),
            },
        )
        return reached


def _beginning(connection: Connection) -> datetime:
    """Where a run begins: where an unfinished sync was, without the overlap, which would take it back each time."""
    if connection.sync_reached is not None:
        return connection.sync_reached
    last = connection.last_synced_at
    return connection.created_at - HISTORY if last is None else last - OVERLAP


def _check(page: Page) -> tuple[list[SquareOrder], list[str | None]]:
    """The page's orders, and the ids of those that are none by their types; None for one without a usable id."""
    orders: list[SquareOrder] = []
    refused: list[str | None] = []
    for order in page.orders:
        try:
            orders.append(SquareOrder.model_validate(order))
        except ValidationError:
            order_id = order.get("id") if isinstance(order, dict) else None
            refused.append(order_id if isinstance(order_id, str) and 0 < len(order_id) <= ID_LENGTH else None)
    return orders, refused


def _event(connection: Connection, order_id: str) -> SquareEvent:
    return SquareEvent(
        event={
            "merchant_id": connection.merchant_id,
            "type": "order.updated",
            "event_id": f"sync-{order_id}",
            "data": {"type": "order", "id": order_id},
        }
    )
