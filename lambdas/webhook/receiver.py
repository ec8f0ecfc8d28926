"""What becomes of one request to a webhook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from flux_core.logs import logger
from flux_core.metrics import count
from flux_core.problems import Problem
from flux_core.queue import MAX_MESSAGE_BYTES, Queue, QueueError
from flux_core.request_id import ATTRIBUTE as REQUEST_ID
from flux_core.secrets import SecretError
from flux_core.vocabulary import EVENTS_ENQUEUED, EVENTS_REFUSED

from .square import MalformedEventError

# Square's events are a few KiB.
MAX_BODY_BYTES = 200 * 1024


class _TooLargeError(ValueError):
    """What was sent is larger than what is taken."""


class _Signatures(Protocol):
    def accept(self, body: bytes, signature: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who may send: how its requests are told from others, and which message becomes of a body of its."""

    signatures: _Signatures
    message: Callable[[bytes], str]


class Receiver:
    """Checks deliveries, cheapest check first, and puts the good ones on the sync worker's queue.

    senders: by the last part of the address that they send to.
    """

    def __init__(self, *, senders: Mapping[str, Sender], queue: Queue) -> None:
        self._senders = senders
        self._queue = queue

    def receive(self, body: bytes, *, provider: str, signature: str, request_id: str) -> Problem | None:
        """None once the event is stored; otherwise why not. Providers repeat what they get no 2xx for.

        body: exactly the bytes that were sent, because they are what is signed.
        provider: the address's last part.
        signature: the provider's signature header, '' without one.
        request_id: goes with the message.
        """
        sender = self._senders.get(provider)
        if sender is None:
            count(EVENTS_REFUSED, reason="unknown provider")
            return Problem(status=HTTPStatus.NOT_FOUND, detail="No such provider; Flux knows 'square'.")
        try:
            _require_size("The body", len(body), MAX_BODY_BYTES)
            if not sender.signatures.accept(body, signature):
                logger.warning("signature refused")
                count(EVENTS_REFUSED, reason="forged")
                return Problem(status=HTTPStatus.UNAUTHORIZED, detail="The signature does not match the body.")
            message = sender.message(body)
            _require_size("The event as the queue would store it", len(message), MAX_MESSAGE_BYTES)
            self._queue.send(message, attributes={REQUEST_ID: request_id})
            count(EVENTS_ENQUEUED)
        except _TooLargeError as error:
            count(EVENTS_REFUSED, reason="too large")
            return Problem(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=str(error))
        except MalformedEventError as error:
            logger.warning("malformed event", extra={"reason": str(error)})
            count(EVENTS_REFUSED, reason="malformed")
            return Problem(status=HTTPStatus.BAD_REQUEST, detail="The body is not an event as Square sends them.")
        except (SecretError, QueueError):
            logger.exception("event not stored")
            count(EVENTS_REFUSED, reason="not stored")
            return Problem(status=HTTPStatus.SERVICE_UNAVAILABLE, detail="The event was not stored; send it again.")
        return None


def _require_size(what: str, size: int, most: int) -> None:
    if size > most:
        raise _TooLargeError(f"{what} has {size} bytes; at most {most} are taken.")
