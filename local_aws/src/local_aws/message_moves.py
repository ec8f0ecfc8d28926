"""SQS's tasks that move dead letters: StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask.

ministack has none of them. Tasks are forgotten when the server ends; what was not moved by then stays where it is.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from ministack.services import sqs

from .values import Json, Properties

type Queue = Mapping[str, Json]
type Message = Mapping[str, Json]

MOST_PER_SECOND = 500
"""The greatest MaxNumberOfMessagesPerSecond, and how fast a task moves that was told none."""

_KEPT = 10  # ListMessageMoveTasks tells of no more


@dataclass(kw_only=True)
class _Move:
    """A task. to_move: how many messages there were to be received when it began."""

    source: str
    destination: str
    per_second: int
    to_move: int
    handle: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.time)
    status: str = "RUNNING"
    moved: int = 0
    reason: str = ""

    def described(self) -> dict[str, Json]:
        """As ListMessageMoveTasks tells of it."""
        optional: dict[str, Json] = {
            "TaskHandle": self.handle if self.status == "RUNNING" else "",
            "DestinationArn": self.destination,
            "FailureReason": self.reason,
        }
        return {
            "Status": self.status,
            "SourceArn": self.source,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "MaxNumberOfMessagesPerSecond": self.per_second,
            "StartedTimestamp": int(self.started * 1000),
            **{name: value for name, value in optional.items() if value},
        }

    async def run(self) -> None:
        """Move one message after the other; the first that cannot be moved ends it."""
        while self.status == "RUNNING" and self.moved < self.to_move and (found := _visible(self.source)):
            try:
                self._move(found[0])
            except sqs._Err as error:
                self.status, self.reason = "FAILED", error.code
                return
            self.moved += 1
            await asyncio.sleep(1 / self.per_second)
        self.status = "COMPLETED" if self.status == "RUNNING" else "CANCELLED"

    def _move(self, message: Message) -> None:
        target = self.destination or Properties(message).child("sys").text("DeadLetterQueueSourceArn", "")
        if not target:
            raise sqs._Err("CouldNotDetermineMessageSource", "somebody has sent it to the dead letters")
        queue = sqs._queue_by_arn(target)
        if queue is None:
            raise sqs._Err("AWS.SimpleQueueService.NonExistentQueue", f"{target} does not exist")
        # As a new message: SQS Developer Guide, "Configure a dead-letter queue redrive".
        sent = {"MessageBody": message["body"], "MessageAttributes": message["message_attributes"]}
        sqs._act_send_message(sent, queue["url"])
        sqs._queue_by_arn(self.source)["messages"].remove(message)


_moves: list[_Move] = []
_running: set[asyncio.Task[None]] = set()


def _visible(arn: str) -> list[Message]:
    now = time.time()
    queue = sqs._queue_by_arn(arn)
    return [] if queue is None else [message for message in queue["messages"] if message["visible_at"] <= now]


def _require_queue(arn: str, name: str) -> Queue:
    queue: Queue | None = sqs._queue_by_arn(arn)
    if queue is None:
        raise sqs._Err(
            "ResourceNotFoundException", f"The resource that you specified for the {name} parameter doesn't exist.", 404
        )
    return queue


def _is_dead_letter_queue(arn: str) -> bool:
    policies = (queue["attributes"].get("RedrivePolicy") for queue in sqs._queues.values())
    return any(json.loads(policy)["deadLetterTargetArn"] == arn for policy in policies if policy)


def _start(data: Mapping[str, Json], _: str) -> dict[str, Json]:
    given = Properties(data)
    move = _Move(
        source=given.text("SourceArn"),
        destination=given.text("DestinationArn", ""),
        per_second=given.number("MaxNumberOfMessagesPerSecond", MOST_PER_SECOND),
        to_move=len(_visible(given.text("SourceArn"))),
    )
    source = _require_queue(move.source, "SourceArn")
    if not _is_dead_letter_queue(move.source):
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if move.destination and _require_queue(move.destination, "DestinationArn")["is_fifo"] != source["is_fifo"]:
        raise sqs._Err(
            "InvalidParameterValue", "The source queue and destination queue must be of the same queue type."
        )
    if any(one.status == "RUNNING" for one in _of(move.source)):
        raise sqs._Err(
            "InvalidParameterValue",
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        )
    _moves.insert(0, move)
    task = asyncio.get_running_loop().create_task(move.run())
    _running.add(task)  # the loop itself does not keep it
    task.add_done_callback(_running.discard)
    return {"TaskHandle": move.handle}


def _of(arn: str) -> list[_Move]:
    return [move for move in _moves if move.source == arn]


def _list(data: Mapping[str, Json], _: str) -> dict[str, Json]:
    given = Properties(data)
    arn = given.text("SourceArn")
    _require_queue(arn, "SourceArn")
    most = min(given.number("MaxResults", 1), _KEPT)
    return {"Results": [move.described() for move in _of(arn)[:most]]}


def _cancel(data: Mapping[str, Json], _: str) -> dict[str, Json]:
    handle = Properties(data).text("TaskHandle")
    for move in _moves:
        if move.handle == handle and move.status == "RUNNING":
            move.status = "CANCELLING"
            return {"ApproximateNumberOfMessagesMoved": move.moved}
    raise sqs._Err("ResourceNotFoundException", "Task does not exist.", 404)


def install() -> None:
    """Answer the three actions, in the JSON protocol, which SDKs and AWS's command line speak."""
    sqs._HANDLERS["StartMessageMoveTask"] = _start
    sqs._HANDLERS["ListMessageMoveTasks"] = _list
    sqs._HANDLERS["CancelMessageMoveTask"] = _cancel
