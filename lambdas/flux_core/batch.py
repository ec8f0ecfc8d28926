"""How a worker takes one SQS batch: message by message; only those that failed are delivered again.

SQS counts deliveries, and moves a message to the dead-letter queue after five. So only what is the message's own fault
may end in a failed delivery. What is not (no time was left for it, or somebody whom it needs is away) is postponed: its
copy is sent with a delay, and the original is done with (docs/decisions/0050).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from .effects import Report
from .logs import logger
from .metrics import report_postponed
from .postponing import Age, Delayed
from .queue import Queue
from .request_id import id_of_message

# A message that could not be done for so long counts its deliveries again: an operator is to look at it.
PATIENCE_SECONDS = 12 * 60 * 60

# The first wait for somebody who is away; it doubles with every further one.
FIRST_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 900.0  # SQS delays no longer


class SqsEvent(TypedDict):
    """What Lambda hands to a function that a queue feeds. rehearsal: see flux_core.rehearsal; never there from SQS."""

    Records: list[dict[str, object]]
    rehearsal: NotRequired[bool]


class Rehearsed(PartialItemFailureResponse):
    """What a worker answers to a rehearsal. rehearsal: what the batch would have changed."""

    rehearsal: Report


class OutOfTimeError(RuntimeError):
    """The function would be ended before the message was done; another run takes it."""


@dataclass(frozen=True, kw_only=True)
class Postponing:
    """How messages are postponed.

    queue, name: where they came from; its name as operators type it.
    is_away: whether an error means that somebody is away whom the message needs.
    wait: seconds that an error asks for.
    """

    queue: Queue
    name: str
    is_away: Callable[[Exception], bool]
    wait: Callable[[Exception], float] = lambda _: 0.0


def take(
    event: SqsEvent,
    handle: Callable[[SQSRecord], None],
    *,
    has_time: Callable[[], bool] = lambda: True,
    postponing: Postponing | None = None,
) -> PartialItemFailureResponse:
    """Handle every message of the batch; one that raises is reported, so that SQS delivers it again, or to the DLQ.

    has_time: whether one more message can be finished; once it says no, the rest is left. A function that its timeout
        ends reports nothing, and its good messages would count as failed with the bad.
    postponing: what is not a message's fault costs it no delivery; without it, it is reported like any failure.
    """
    postponed: dict[str, Delayed] = {}

    def handle_one(record: SQSRecord) -> None:
        with logger.append_context_keys(message_id=record.message_id, request_id=id_of_message(record)):
            try:
                _require_time(has_time)
                handle(record)
            except Exception as error:
                if postponing is None or (delayed := _postponed(record, error, postponing)) is None:
                    logger.exception("message failed; SQS delivers it again, or moves it to the dead-letter queue")
                    raise
                postponed[record.message_id] = delayed

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    # Not `process_partial_response`: it refuses an empty batch, which the release gate sends.
    with processor(event["Records"], handle_one):
        processor.process()
    response = processor.response()
    if postponing is not None and postponed:
        # What SQS does not take back stays where it is: it is visible again after the queue's visibility timeout.
        lost = postponing.queue.send_delayed(postponed)
        response["batchItemFailures"].extend({"itemIdentifier": message_id} for message_id in lost)
    return response


def _require_time(has_time: Callable[[], bool]) -> None:
    if not has_time():
        raise OutOfTimeError("left for another run")


def _postponed(record: SQSRecord, error: Exception, postponing: Postponing) -> Delayed | None:
    """The message's copy; None if it has failed by its own fault, or for too long."""
    age = Age.of(record)
    if isinstance(error, OutOfTimeError):
        seconds, reason = 0.0, "NotStarted"
    elif postponing.is_away(error) and age.seconds < PATIENCE_SECONDS:
        backoff = min(FIRST_WAIT_SECONDS * 2.0 ** min(age.postponed, 10), LONGEST_WAIT_SECONDS)
        # Not all at once when whoever was away is back.
        seconds = max(postponing.wait(error), backoff * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
        reason = "Away"
    else:
        return None
    seconds = min(seconds, LONGEST_WAIT_SECONDS)
    logger.warning(
        "message postponed; it costs no delivery",
        extra={
            "reason": str(error),
            "error": type(error).__name__,
            "seconds": round(seconds),
            "age": round(age.seconds),
        },
    )
    report_postponed(queue=postponing.name, age=age.seconds, reason=reason)
    return age.postpone(record.body, seconds=seconds)


def fail_fast(
    handle: Callable[[SQSRecord], None], *, queue: Queue, non_retryable: tuple[type[Exception], ...]
) -> Callable[[SQSRecord], None]:
    """`handle`, after whose non_retryable errors the message is visible again at once.

    Every other failure waits out the queue's visibility timeout. A message that can never succeed has nothing to wait
    for: it uses up its deliveries within seconds, goes to the dead-letter queue, and on-call hears of it while the sale
    is fresh.
    """

    def handle_one(record: SQSRecord) -> None:
        try:
            handle(record)
        except non_retryable:
            queue.release(record.receipt_handle)
            raise

    return handle_one
