"""Dead letters, messages that a worker has given up: looked at, sent back to their queue of work, or dropped.

SQS shows a message only to those who receive it, and hides it from others meanwhile. So whoever looks gives everything
back at once, also after Ctrl-C; what a crash leaves hidden is there again after HOLD_SECONDS. That it was received once
more means nothing: a queue of dead letters gives nothing up (docs/decisions/0073-dead-letters.md).
"""

import json
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from flux_infra.config import WORKERS
from flux_infra.constructs.names import log_group_name

from . import insights
from .aws import Aws
from .errors import OpsError
from .queues import WorkQueue, messages
from .reads import Json

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Nothing that was received is there again while it is still looked at: who looks stops well before.
HOLD_SECONDS = 120
LOOK_SECONDS = 60

BATCH = 10  # SQS's own, for all that takes many

# What flux_core.batch logs of each failure, with the message's id.
FAILED = "message failed; SQS delivers it again"

# Of a body nothing is shown but what has the shape of a type, ours or Square's, and of an id.
_TYPE = re.compile(r"[a-z_]{1,32}(\.[a-z_]{1,32})+")
_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")

# What EventBridge says of a tick that it could not deliver (EventBridge User Guide, "Using dead-letter queues").
_EVENTBRIDGE_SAYS = "ERROR_CODE"

_UNDER_WAY = ("RUNNING", "CANCELLING")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is shown of a dead letter.

    type: of a webhook's event, Square's own; "" if it is not one of either.
    whose: what it is about, like "merchant ML0A1B2C3D4E"; "" if it names nobody.
    sent: when it was put on the queue of work.
    received: how often, over both queues; looking counts too.
    reason: the error's class, or EventBridge's code; "" if it is not known.
    """

    id: str
    type: str
    whose: str
    sent: datetime
    received: int
    reason: str = ""

    @classmethod
    def of(cls, message: "MessageTypeDef") -> "Letter":
        """What is shown of a message."""
        kind, whose = _described(message["Body"])
        attributes = message.get("MessageAttributes", {})
        said = attributes[_EVENTBRIDGE_SAYS].get("StringValue", "") if _EVENTBRIDGE_SAYS in attributes else ""
        return cls(
            id=message["MessageId"],
            type=kind,
            whose=whose,
            sent=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, tz=UTC),
            received=int(message["Attributes"]["ApproximateReceiveCount"]),
            reason=said if _ID.fullmatch(said) else "",
        )


@dataclass(frozen=True, kw_only=True)
class Look:
    """What there is.

    letters: the oldest first.
    elsewhere: about how many others are hidden, because somebody looks at them, or a crash has left them so.
    complete: False if there were more than LOOK_SECONDS were enough for.
    """

    letters: Sequence[Letter]
    elsewhere: int
    complete: bool


@dataclass(frozen=True, kw_only=True)
class Move:
    """SQS's own task, which sends dead letters back. began: with which it is told from the one before."""

    status: str
    moved: int
    total: int
    began: datetime
    reason: str = ""

    @property
    def under_way(self) -> bool:
        """Whether it goes on."""
        return self.status in _UNDER_WAY


@dataclass(kw_only=True)
class _Hands:
    """Messages that we hold: hidden from others until they are given back or deleted."""

    aws: Aws
    url: str
    complete: bool = False
    _held: dict[str, str] = field(default_factory=dict)

    def take(self) -> "Iterator[MessageTypeDef]":
        """Every message that is there, once."""
        end = time.monotonic() + LOOK_SECONDS
        while found := self.aws.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=HOLD_SECONDS,
            WaitTimeSeconds=1,  # else SQS asks some of its machines only, and may find nothing where there is much
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", []):
            fresh = [message for message in found if message["MessageId"] not in self._held]
            self._held |= {message["MessageId"]: message["ReceiptHandle"] for message in found}
            yield from fresh
            if time.monotonic() > end:
                return
        self.complete = True

    def delete(self, ids: Sequence[str]) -> int:
        """Delete at most BATCH of them; answers how many SQS has deleted."""
        answer = self.aws.sqs.delete_message_batch(
            QueueUrl=self.url,
            Entries=[{"Id": str(number), "ReceiptHandle": self._held[one]} for number, one in enumerate(ids)],
        )
        deleted = [ids[int(entry["Id"])] for entry in answer.get("Successful", [])]
        for one in deleted:
            del self._held[one]
        return len(deleted)

    def give_back(self) -> None:
        """Show them to others again. What SQS refuses is nobody's any more, or will be within HOLD_SECONDS."""
        for handles in batched(self._held.values(), BATCH, strict=False):
            self.aws.sqs.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(handles)
                ],
            )


@dataclass(frozen=True, kw_only=True)
class DeadLetters:
    """The dead letters of one queue."""

    aws: Aws
    queue: WorkQueue

    @cached_property
    def arns(self) -> tuple[str, str]:
        """Of the dead letters' queue, and of the queue of work.

        Raises:
            OpsError: these are not a queue and its dead letters, or their order matters.
        """
        if self.queue.url.endswith(".fifo"):
            raise OpsError(
                f"queue {self.queue.name}: it is a FIFO queue, and what is sent back would come out of its order",
                remedy="look at it in SQS's console, and decide group by group",
            )
        work = self._attributes(self.queue.url)
        dead = self._attributes(self.queue.dead_letters)["QueueArn"]
        policy = json.loads(work.get("RedrivePolicy", "{}"))
        if policy.get("deadLetterTargetArn") != dead:
            raise OpsError(
                f"queue {self.queue.name}: what it gives up does not go to {dead}",
                remedy=f"somebody has changed it: cdk deploy 'Flux-{self.aws.config.name}/Compute' --revert-drift",
            )
        return dead, work["QueueArn"]

    def look(self) -> Look:
        """See all of them, and give them back."""
        elsewhere = messages(self.aws, self.queue.dead_letters)["ApproximateNumberOfMessagesNotVisible"]
        with self._hands() as hands:
            letters = sorted(map(Letter.of, hands.take()), key=lambda letter: letter.sent)
        return Look(letters=letters, elsewhere=elsewhere, complete=hands.complete)

    def send_back(self, message_id: str) -> str:
        """Send one back to its queue; answers the id that SQS has given it, "" if it is not there.

        It is there until its copy is stored: a crash in between leaves two of it, and never none.
        """
        with self._hands() as hands:
            for message in hands.take():
                if message["MessageId"] == message_id:
                    sent = self.aws.sqs.send_message(
                        QueueUrl=self.queue.url,
                        MessageBody=message["Body"],
                        MessageAttributes=message.get("MessageAttributes", {}),
                    )["MessageId"]
                    hands.delete([message_id])
                    return sent
        return ""

    def drop(self, ids: Collection[str]) -> int:
        """Delete these, and none that has come since; answers how many."""
        dropped = 0
        with self._hands() as hands:
            wanted = (message["MessageId"] for message in hands.take() if message["MessageId"] in ids)
            for batch in batched(wanted, min(BATCH, len(ids)), strict=False):
                dropped += hands.delete(batch)
                if dropped == len(ids):
                    break
        return dropped

    def last_move(self) -> Move | None:
        """The last task of SQS's that has sent them back, or does."""
        for found in self.aws.sqs.list_message_move_tasks(SourceArn=self.arns[0], MaxResults=1).get("Results", []):
            return Move(
                status=found["Status"],
                moved=found.get("ApproximateNumberOfMessagesMoved", 0),
                total=found.get("ApproximateNumberOfMessagesToMove", 0),
                began=datetime.fromtimestamp(found["StartedTimestamp"] / 1000, tz=UTC),
                reason=found.get("FailureReason", ""),
            )
        return None

    def send_all_back(self, *, patience_seconds: float) -> Move:
        """Let SQS send all back; answers how far it is when it has ended, or the time is over.

        The destination is named: of what was not given up by the queue, but sent here by EventBridge, SQS knows none.

        Raises:
            OpsError: somebody else has begun to.
        """
        before = self.last_move()
        dead, work = self.arns
        try:
            self.aws.sqs.start_message_move_task(SourceArn=dead, DestinationArn=work)
        except ClientError:
            self.require_still()
            raise
        seen = self.aws.poll(
            self.last_move,
            until=lambda seen: seen is not None and not seen.under_way and seen != before,
            seconds=patience_seconds,
        )
        if seen is None:
            raise OpsError(
                f"queue {self.queue.name}: SQS does not know the task that it has begun",
                remedy=f"look again: ./flux redrive {self.queue.name} --env {self.aws.config.name}",
            )
        return seen

    def require_still(self) -> None:
        """Refuse while SQS sends them back: what is looked at then is left behind.

        Raises:
            OpsError: it does.
        """
        move = self.last_move()
        if move is not None and move.under_way:
            raise OpsError(
                f"queue {self.queue.name}: its dead letters are being sent back since {move.began:%H:%M} UTC, "
                f"{move.moved} of about {move.total} so far",
                remedy=f"wait for its end, which ./flux redrive --env {self.aws.config.name} shows",
            )

    @contextmanager
    def _hands(self) -> "Iterator[_Hands]":
        hands = _Hands(aws=self.aws, url=self.queue.dead_letters)
        try:
            yield hands
        finally:
            hands.give_back()

    def _attributes(self, url: str) -> Mapping[str, str]:
        names = self.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "RedrivePolicy"])
        return {str(name): value for name, value in names["Attributes"].items()}


def reasons(aws: Aws, letters: Sequence[Letter], *, now: datetime) -> Mapping[str, str]:
    """The class of the last error of each, by its id, as the workers' logs have it.

    Raises:
        OpsError, ClientError: the logs cannot be asked.
    """
    rows = insights.ask(
        aws,
        [log_group_name(aws.config, worker) for worker in WORKERS],
        f"fields @message | filter @message like /{FAILED}/ | sort @timestamp desc | limit 10000",
        begin=min(letter.sent for letter in letters),
        now=now,
    )
    lines = [_parsed(row["@message"]) for row in rows]
    return {
        str(line.get("message_id")): str(line.get("exception_name", ""))
        for line in reversed(lines)  # the newest is told
        if isinstance(line, dict)
    }


def _described(body: str) -> tuple[str, str]:
    """The type of a message, and whose it is."""
    match _parsed(body):
        case {"event": {"type": kind, "merchant_id": found}}:
            whose = "merchant"
        case {"type": kind, "connection_id": found}:
            whose = "connection"
        case {"type": kind, "restaurant_id": found}:
            whose = "restaurant"
        case {"type": kind}:
            whose, found = "", None
        case _:
            return "", ""
    known = isinstance(found, str) and _ID.fullmatch(found)
    return kind if isinstance(kind, str) and _TYPE.fullmatch(kind) else "", f"{whose} {found}" if known else ""


def _parsed(text: str) -> Json:
    try:
        parsed: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed
