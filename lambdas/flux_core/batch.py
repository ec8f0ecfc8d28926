"""How a worker takes one SQS batch: message by message; only those that failed are delivered again."""

from collections.abc import Callable
from typing import NotRequired, TypedDict

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from .logs import logger
from .queue import Queue


class SqsEvent(TypedDict):
    """What Lambda hands to a function that a queue feeds. rehearsal: see flux_core.rehearsal; never there from SQS."""

    Records: list[dict[str, object]]
    rehearsal: NotRequired[bool]


class OutOfTimeError(RuntimeError):
    """The function would be ended before the message was done; another run takes it."""


def take(
    event: SqsEvent, handle: Callable[[SQSRecord], None], *, has_time: Callable[[], bool] = lambda: True
) -> PartialItemFailureResponse:
    """Handle every message of the batch; one that raises is reported, so that SQS delivers it again, or to the DLQ.

    has_time: whether one more message can be finished; once it says no, the rest is reported unhandled. A function
        that its timeout ends reports nothing, and its good messages would count as failed with the bad.
    """

    def handle_one(record: SQSRecord) -> None:
        with logger.append_context_keys(message_id=record.message_id):
            if not has_time():
                raise OutOfTimeError("left for another run")
            try:
                handle(record)
            except Exception:
                logger.exception("message failed; SQS delivers it again, or moves it to the dead-letter queue")
                raise

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    # Not `process_partial_response`: it refuses an empty batch, which the release gate sends.
    with processor(event["Records"], handle_one):
        processor.process()
    return processor.response()


def fail_fast(
    handle: Callable[[SQSRecord], None], *, queue: Queue, non_retryable: tuple[type[Exception], ...]
) -> Callable[[SQSRecord], None]:
    """`handle`, after whose non_retryable errors the message is visible again at once.

    Every other failure waits out the queue's visibility timeout, so that five deliveries outlast a database's failover.
    A message that can never succeed has nothing to wait for: it uses up its deliveries within seconds, goes to the
    dead-letter queue, and on-call hears of it while the sale is fresh.
    """

    def handle_one(record: SQSRecord) -> None:
        try:
            handle(record)
        except non_retryable:
            queue.release(record.receipt_handle)
            raise

    return handle_one
