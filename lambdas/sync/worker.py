"""What each kind of message on the `pos-sync` queue asks for."""

from collections.abc import Callable

from flux_core import away
from flux_core.logs import logger
from flux_core.messages import POS_SYNC, SquareEvent, SyncConnection, SyncTick

from .connections import UnknownConnectionError
from .events import EventSync
from .incremental import IncrementalSync
from .journal import Journal
from .revocations import REVOKED, Revocations
from .square_faults import SquareAccessRevokedError, SquareOrderUnknownError, SquareUnavailableError

# The schedule sends a tick this often, and with it everything that an older tick asked for.
TICK_SECONDS = 15 * 60


def is_away(error: Exception) -> bool:
    """Whether what the work needs is away: Square, an order that it does not know yet, something of our own."""
    return isinstance(error, SquareUnavailableError | SquareOrderUnknownError) or away.is_away(error)


class SyncWorker:
    """Takes messages, one at a time."""

    def __init__(
        self, *, events: EventSync, incremental: IncrementalSync, revocations: Revocations, journal: Journal
    ) -> None:
        self._journal = journal
        self._events = events
        self._incremental = incremental
        self._revocations = revocations

    def take(
        self,
        body: str,
        *,
        has_time: Callable[[], bool],
        age: float = 0.0,
        request_id: str | None = None,
        ticket: str | None = None,
    ) -> None:
        """Do what the message asks for; what it raises makes SQS deliver the message again.

        age: seconds since the message was first sent.
        request_id: of the request that brought it, if one did.
        ticket: of a message that goes on where a run ended.

        Raises:
            pydantic.ValidationError: the message is malformed.
            Exception: whatever the work behind it raises.
        """
        message = POS_SYNC.validate_json(body)
        try:
            self._do(message, has_time, request_id, ticket)
        except SquareAccessRevokedError:
            # The owner's decision, which no delivery and no operator changes; the API tells the owner.
            logger.info("nothing is asked of Square any more: access was withdrawn")
        except SquareOrderUnknownError:
            if age < TICK_SECONDS:
                raise
            # Whatever the merchant has by that name, the tick since then has found.
            self._journal.note("an order that Square does not know", request_id=request_id)
        except Exception as error:
            if isinstance(message, SquareEvent) or not is_away(error) or age < TICK_SECONDS:
                raise
            # Kept messages would pile up while somebody is away: the newest tick's is enough, and begins where this one
            # would have.
            logger.warning("left to the next tick", extra={"reason": str(error), "message_type": message.type})

    def _do(
        self,
        message: SquareEvent | SyncTick | SyncConnection,
        has_time: Callable[[], bool],
        request_id: str | None,
        ticket: str | None,
    ) -> None:
        match message:
            case SquareEvent(event=event) if event.get("type") == REVOKED:
                self._revocations.take(event, request_id=request_id)
            case SquareEvent(event=event):
                self._events.take(event, request_id=request_id)
            case SyncTick():
                self._incremental.fan_out()
            case SyncConnection(connection_id=connection_id):
                try:
                    self._incremental.run(connection_id, has_time=has_time, ticket=ticket)
                except UnknownConnectionError:
                    # Deactivated since the tick: there is nothing left to do, and nothing to keep for an operator.
                    logger.info("connection is active no more", extra={"connection_id": str(connection_id)})
