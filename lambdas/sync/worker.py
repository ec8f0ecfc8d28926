"""What each kind of message on the `pos-sync` queue asks for."""

from collections.abc import Callable

from flux_core.logs import logger
from flux_core.messages import POS_SYNC, SquareEvent, SyncConnection, SyncTick

from .connections import UnknownConnectionError
from .events import EventSync
from .incremental import IncrementalSync


class SyncWorker:
    """Takes messages, one at a time."""

    def __init__(self, *, events: EventSync, incremental: IncrementalSync) -> None:
        self._events = events
        self._incremental = incremental

    def take(self, body: str, *, has_time: Callable[[], bool]) -> None:
        """Do what the message asks for; what it raises makes SQS deliver the message again.

        Raises:
            pydantic.ValidationError: the message is malformed.
            Exception: whatever the work behind it raises.
        """
        match POS_SYNC.validate_json(body):
            case SquareEvent(event=event):
                self._events.take(event)
            case SyncTick():
                self._incremental.fan_out()
            case SyncConnection(connection_id=connection_id):
                try:
                    self._incremental.run(connection_id, has_time=has_time)
                except UnknownConnectionError:
                    # Deactivated since the tick: there is nothing left to do, and nothing to keep for an operator.
                    logger.info("connection is active no more", extra={"connection_id": str(connection_id)})
