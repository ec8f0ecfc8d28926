"""An SQS queue to send to. What `send` and `send_all` return from is stored; everything else is an error."""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from .deadline import no_deadline
from .logs import logger
from .patience import SLOWEST_CALL_SECONDS
from .postponing import Attributes, Delayed

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef, SendMessageBatchRequestEntryTypeDef
    from pydantic import BaseModel

# SQS stores 1 MiB, attributes included (SQS Developer Guide, "Message quotas"); ours take far less than 1 KiB.
MAX_MESSAGE_BYTES = 1024 * 1024 - 1024
BATCH = 10  # SendMessageBatch takes no more
ATTEMPTS = 4
SENDERS = 8  # below botocore's ten connections; a fan-out of 10,000 messages takes seconds instead of a minute


class QueueError(RuntimeError):
    """SQS did not accept a message; it may be sent again."""


class Queue:
    """One queue by its URL.

    time_left: seconds that the caller has; a message is not sent that may take longer to be accepted.
    """

    def __init__(self, client: "SQSClient", *, url: str, time_left: Callable[[], float] = no_deadline) -> None:
        self._client = client
        self._url = url
        self._time_left = time_left

    def send(self, body: str, *, attributes: Attributes | None = None) -> None:
        """Store one message.

        Raises:
            QueueError: SQS did not accept it.
        """
        if self._time_left() < SLOWEST_CALL_SECONDS:
            raise QueueError("the message was not sent: no time is left to wait for SQS")
        try:
            answer = self._client.send_message(
                QueueUrl=self._url, MessageBody=body, MessageAttributes=_as_sqs_has_them(attributes or {})
            )
        except (BotoCoreError, ClientError) as error:
            raise QueueError(f"SQS did not accept the message: {error}") from error
        # botocore takes a page of HTML with status 200, as a proxy sends, for an answer in which nothing is said.
        if "MessageId" not in answer:
            raise QueueError("SQS did not accept the message: it gave no id for it")

    def send_all(self, messages: "Iterable[BaseModel]") -> int:
        """Store all messages, in batches; returns how many.

        Raises:
            QueueError: SQS did not accept some of them, after retries. Others are stored already, so the work behind a
                message must be idempotent.
        """
        # In ASCII: SQS refuses some characters that JSON allows, and one refusal would cost the whole batch.
        bodies = [message.model_dump_json(ensure_ascii=True) for message in messages]
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(self._send_batch, batched(bodies, BATCH, strict=False)))
        return len(bodies)

    def release(self, receipt_handle: str) -> None:
        """Make a received message visible again at once; if SQS refuses, it is so after the visibility timeout."""
        try:
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=0
            )
        except (BotoCoreError, ClientError):
            logger.exception("message not released; it waits out the visibility timeout")

    def send_delayed(self, messages: Mapping[str, Delayed]) -> list[str]:
        """Store at most ten messages, each to be received after its delay; returns the names of those not stored."""
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {
                "Id": str(number),
                "MessageBody": message.body,
                "DelaySeconds": message.seconds,
                "MessageAttributes": _as_sqs_has_them(message.attributes),
            }
            for number, message in enumerate(messages.values())
        ]
        names = list(messages)
        try:
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        except (BotoCoreError, ClientError):
            logger.exception("messages not postponed; they wait out the visibility timeout")
            return names
        stored = {entry["Id"] for entry in answer.get("Successful", [])}  # see `send`
        lost = [name for number, name in enumerate(names) if str(number) not in stored]
        if lost:
            logger.error("messages not postponed; they wait out the visibility timeout", extra={"messages": len(lost)})
        return lost

    def _send_batch(self, bodies: tuple[str, ...]) -> None:
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)
        ]
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0.05, 0.2) * 2**attempt)  # noqa: S311 - jitter, not a secret
            try:
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            except (BotoCoreError, ClientError) as error:
                raise QueueError(f"SQS did not accept {len(entries)} messages: {error}") from error
            # A batch succeeds as a call even when some of its entries fail.
            stored = {entry["Id"] for entry in answer.get("Successful", [])}
            entries = [entry for entry in entries if entry["Id"] not in stored]
            if not entries:
                return
        raise QueueError(f"SQS did not accept {len(entries)} messages after {ATTEMPTS} attempts")


def _as_sqs_has_them(attributes: Attributes) -> dict[str, "MessageAttributeValueTypeDef"]:
    return {
        name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
        for name, value in attributes.items()
    }
