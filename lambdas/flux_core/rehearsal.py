"""Rehearsals: a new version does its real work for a restaurant that nobody has, and nothing of it stays.

The release gate asks for one before a version takes traffic. It marks the event itself, beside what the event carries:
API Gateway and SQS write every member of that level, so neither a visitor nor a message can mark an event; whoever may
invoke the function directly can, and IAM lets only the gate.
"""

from collections.abc import Iterable, Mapping
from typing import override
from uuid import UUID

from pydantic import BaseModel

from .logs import logger
from .postponing import Delayed
from .queue import Queue
from .tenancy import RestaurantId

MARK = "rehearsal"

# Made by revision 0005, with a dish, a sale and a forecast. It is inactive: no schedule, sign-in or webhook finds it.
RESTAURANT_ID = RestaurantId(UUID("0f1a0000-0000-4000-8000-000000000001"))


def is_rehearsal(event: Mapping[str, object]) -> bool:
    """Whether the event was sent by the release gate, to be worked off without a trace."""
    return event.get(MARK) is True


class RehearsalQueue(Queue):
    """A queue that takes everything and keeps nothing."""

    @override
    def send(self, body: str) -> None:
        logger.info("rehearsal: message not sent")

    @override
    def send_all(self, messages: Iterable[BaseModel]) -> int:
        sent = len([message.model_dump_json() for message in messages])
        logger.info("rehearsal: messages not sent", extra={"messages": sent})
        return sent

    @override
    def send_delayed(self, messages: Mapping[str, Delayed]) -> list[str]:
        logger.info("rehearsal: messages not postponed", extra={"messages": len(messages)})
        return list(messages)

    @override
    def release(self, receipt_handle: str) -> None:
        logger.info("rehearsal: message not released")
