"""Messages that are sent again later, and what a copy remembers of its original: its time, its request, its ticket.

In attributes, not in the body: an older release reads the same bodies, and ignores attributes that it does not know.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from .request_id import ATTRIBUTE as REQUEST_ID
from .request_id import id_of_message

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

FIRST_SENT = "FirstSentTimestamp"  # milliseconds since 1970, as SQS's own SentTimestamp
POSTPONED = "Postponed"
TICKET = "Ticket"  # of the message that goes on where a run ended: it alone may

type Attributes = Mapping[str, int | str]


@dataclass(frozen=True, kw_only=True)
class Delayed:
    """A message to be sent with a delay of whole seconds, 0 to 900."""

    body: str
    seconds: int
    attributes: Attributes


@dataclass(frozen=True, kw_only=True)
class Age:
    """How long a message has been under way, its copies included.

    first_sent: seconds since 1970.
    postponed: how often it was postponed.
    request_id: of the request that brought it, if one did.
    ticket: of a message that goes on where a run ended.
    """

    first_sent: float
    postponed: int
    request_id: str | None = None
    ticket: str | None = None

    @classmethod
    def of(cls, record: "SQSRecord") -> Self:
        """The age of a message."""
        sent = int(record.attributes.sent_timestamp)
        return cls(
            first_sent=_number(record, FIRST_SENT, sent) / 1000,
            postponed=_number(record, POSTPONED, 0),
            request_id=id_of_message(record),
            ticket=_text(record, TICKET),
        )

    @property
    def seconds(self) -> float:
        """Since it was first sent."""
        return max(0.0, time.time() - self.first_sent)

    def postpone(self, body: str, *, seconds: float) -> Delayed:
        """The message's copy."""
        attributes: dict[str, int | str] = {
            FIRST_SENT: int(self.first_sent * 1000),
            POSTPONED: self.postponed + 1,
            **({} if self.request_id is None else {REQUEST_ID: self.request_id}),
            **({} if self.ticket is None else {TICKET: self.ticket}),
        }
        return Delayed(body=body, seconds=math.ceil(seconds), attributes=attributes)


def _number(record: "SQSRecord", name: str, otherwise: int) -> int:
    value = _text(record, name)
    return int(value) if value is not None and value.isdecimal() else otherwise


def _text(record: "SQSRecord", name: str) -> str | None:
    attribute = record.message_attributes[name]  # not `get`, which gives what Powertools has not wrapped
    return None if attribute is None else attribute.string_value
