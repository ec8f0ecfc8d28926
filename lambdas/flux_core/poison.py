"""Messages that can never succeed: they go to the dead-letter queue at once, not after half an hour of waiting."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from .queue import Queue


def fail_fast(
    handle: Callable[[SQSRecord], None], *, queue: Queue, non_retryable: tuple[type[Exception], ...]
) -> Callable[[SQSRecord], None]:
    """`handle`, after whose non_retryable errors the message is visible again at once.

    Every other failure waits out the queue's visibility timeout, so that five deliveries outlast a database's failover.
    A message that no retry can help has nothing to wait for: it uses up its deliveries within seconds, and on-call
    hears of it while the sale is fresh.
    """

    def handle_one(record: SQSRecord) -> None:
        try:
            handle(record)
        except non_retryable:
            queue.release(record.receipt_handle)
            raise

    return handle_one
