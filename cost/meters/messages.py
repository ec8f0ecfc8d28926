"""Queues that wait for messages. Messages themselves are counted with the functions that send and take them."""

from collections.abc import Iterator

from policy.model import Resource

from ..meter import MILLION, Meters, Site, Use
from ..traffic import SECONDS

METERS = Meters()

# Lambda looks with five long polls of 20 s where there is nothing (Lambda Developer Guide, "Using Lambda with SQS").
_POLLS = 5 * SECONDS / 20


@METERS.of("AWS::Lambda::EventSourceMapping")
def poller(resource: Resource, site: Site) -> Iterator[Use]:
    """Looking into an empty queue."""
    yield Use(item="looking into queues", price="queue-requests", quantity=_POLLS / MILLION)
