"""How a worker takes one SQS batch: message by message; only those that failed are delivered again."""

from collections.abc import Callable
from typing import NotRequired, TypedDict

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from .logs import logger


class SqsEvent(TypedDict):
    """What Lambda hands to a function that a queue feeds. rehearsal: see flux_core.rehearsal; never there from SQS."""

    Records: list[dict[str, object]]
    rehearsal: NotRequired[bool]


def take(event: SqsEvent, handle: Callable[[SQSRecord], None]) -> PartialItemFailureResponse:
    """Handle every message of the batch; one that raises is reported, so that SQS delivers it again, or to the DLQ."""

    def handle_one(record: SQSRecord) -> None:
        with logger.append_context_keys(message_id=record.message_id):
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
