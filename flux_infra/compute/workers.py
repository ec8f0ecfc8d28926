"""Which function works off which queue."""

from ..config import Worker
from ..constructs.queue import FluxQueue
from .function import FluxFunction

# Messages handed over at once. SQS's own limit without a waiting time, which would only add to the latency.
BATCH_SIZE = 10


def feed(worker: FluxFunction, *, queue: FluxQueue, size: Worker) -> None:
    """Let `queue` start the live version of `worker`; a message that fails does so alone."""
    queue.queue.grant_consume_messages(worker.alias)
    worker.alias.add_event_source_mapping(
        "Queue",
        event_source_arn=queue.queue.queue_arn,
        batch_size=BATCH_SIZE,
        report_batch_item_failures=True,
        max_concurrency=size.polled_concurrency,
    )
