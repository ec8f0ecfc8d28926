"""A queue that feeds a function as Lambda's event source mapping does: batches, partial failures, five deliveries."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flux_core.batch import SqsEvent
from flux_infra.constructs.queue import MAX_RECEIVES

from .lambda_events import Context, failed
from .platform import Platform

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

BATCH = 10


class TimedContext(Context):
    """Lambda's context in a time of its own, which passes only when somebody says so. seconds: that are left."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # Powertools makes it static
        return int(1000 * self.seconds)


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A queue and its dead-letter queue."""

    sqs: "SQSClient"
    url: str
    dead_letters: str

    def send(self, bodies: list[dict[str, object]]) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(body))

    def run(self, handler: Callable[[SqsEvent], object], *, batches: int) -> int:
        """Hand batches over until none is left; returns how many.

        A message that failed is visible again at once, as if its visibility timeout had passed.
        """
        for number in range(batches):
            if self.run_one(handler) is None:
                return number
        raise AssertionError(f"the queue is not empty after {batches} batches")

    def run_one(self, handler: Callable[[SqsEvent], object]) -> list[str] | None:
        """Hand one batch over; returns the messages that failed, or None without any message."""
        messages = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=BATCH, AttributeNames=["All"], MessageAttributeNames=["All"]
        ).get("Messages", [])
        if not messages:
            return None
        bad = set(failed(handler({"Records": [_record(message) for message in messages]})))
        for message in messages:
            receipt = message["ReceiptHandle"]
            if message["MessageId"] in bad:
                self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=0)
            else:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)
        return sorted(bad)

    def waiting(self) -> int:
        """How many messages are to be worked off."""
        return self._number(self.url)

    def dead(self) -> int:
        """How many messages are dead letters."""
        return self._number(self.dead_letters)

    def _number(self, url: str) -> int:
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])


@contextmanager
def feeding(platform: Platform, url: str) -> Iterator[Feed]:
    """Give a queue the redrive policy that its construct gives it."""
    dead_letters = platform.sqs.create_queue(QueueName=f"{url.rsplit('/', 1)[-1]}-dead-letters")["QueueUrl"]
    arn = platform.sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
    platform.drain(url)
    platform.drain(dead_letters)
    platform.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    try:
        yield Feed(sqs=platform.sqs, url=url, dead_letters=dead_letters)
    finally:
        platform.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
        platform.drain(url)


def _record(message: "MessageTypeDef") -> dict[str, object]:
    """As Lambda writes it."""
    attributes = {
        name: {"stringValue": value.get("StringValue", ""), "dataType": value["DataType"]}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": cast("dict[str, str]", message["Attributes"]),
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
        "awsRegion": "us-east-1",
    }
