"""Dead letters that SQS moves: StartMessageMoveTask and its two companions."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from .stacks import CloudFormation, attribute

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef

RESOURCES = {
    "Dead": {"Type": "AWS::SQS::Queue", "Properties": {}},
    "Queue": {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "VisibilityTimeout": 0,
            "RedrivePolicy": {"deadLetterTargetArn": attribute("Dead", "Arn"), "maxReceiveCount": 1},
        },
    },
}
OUTPUTS = {
    "Queue": {"Ref": "Queue"},
    "Dead": {"Ref": "Dead"},
    "QueueArn": attribute("Queue", "Arn"),
    "DeadArn": attribute("Dead", "Arn"),
}


@dataclass(frozen=True, kw_only=True)
class Queues:
    """A queue and its dead letters: addresses and ARNs."""

    sqs: "SQSClient"
    url: str
    arn: str
    dead_url: str
    dead_arn: str

    def give_up(self, *bodies: str) -> list[str]:
        """Let messages fail; answers their ids."""
        sent = [self.sqs.send_message(QueueUrl=self.url, MessageBody=body)["MessageId"] for body in bodies]
        for _ in range(2):
            self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return sent

    def task(self) -> "ListMessageMoveTasksResultEntryTypeDef":
        (found,) = self.sqs.list_message_move_tasks(SourceArn=self.dead_arn)["Results"]
        return found

    def ended(self) -> "ListMessageMoveTasksResultEntryTypeDef":
        deadline = time.monotonic() + 20
        while (found := self.task())["Status"] in ("RUNNING", "CANCELLING"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return found


@pytest.fixture
def queues(cloudformation: CloudFormation) -> Iterator[Queues]:
    sqs: SQSClient = cloudformation.aws.session().client("sqs", endpoint_url=cloudformation.aws.url)
    found = cloudformation.create("moves", RESOURCES, OUTPUTS)
    yield Queues(sqs=sqs, url=found["Queue"], arn=found["QueueArn"], dead_url=found["Dead"], dead_arn=found["DeadArn"])
    cloudformation.delete("moves")


def test_dead_letters_go_back_where_they_came_from_as_new_messages(queues: Queues) -> None:
    """SQS Developer Guide, "Configure a dead-letter queue redrive": a new messageID and enqueueTime."""
    before = queues.give_up("one", "two")
    queues.sqs.start_message_move_task(SourceArn=queues.dead_arn)
    ended = queues.ended()
    assert (ended["Status"], ended["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 2)
    assert "TaskHandle" not in ended
    came = queues.sqs.receive_message(
        QueueUrl=queues.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )["Messages"]
    assert sorted(message["Body"] for message in came) == ["one", "two"]
    assert {message["Attributes"]["ApproximateReceiveCount"] for message in came} == {"1"}
    assert {message["MessageId"] for message in came}.isdisjoint(before)


def test_what_somebody_has_received_is_not_moved(queues: Queues) -> None:
    queues.give_up("held", "free")
    queues.sqs.receive_message(QueueUrl=queues.dead_url, VisibilityTimeout=60)
    queues.sqs.start_message_move_task(SourceArn=queues.dead_arn)
    assert queues.ended()["ApproximateNumberOfMessagesMoved"] == 1


def test_one_task_at_a_time_and_a_cancelled_one_leaves_the_rest(queues: Queues) -> None:
    queues.give_up("one", "two", "three")
    handle = queues.sqs.start_message_move_task(SourceArn=queues.dead_arn, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    with pytest.raises(ClientError, match="already a task running"):
        queues.sqs.start_message_move_task(SourceArn=queues.dead_arn)
    assert queues.task()["TaskHandle"] == handle
    queues.sqs.cancel_message_move_task(TaskHandle=handle)
    ended = queues.ended()
    assert (ended["Status"], ended["ApproximateNumberOfMessagesMoved"]) == ("CANCELLED", 1)


def test_a_message_that_was_sent_to_the_dead_letters_goes_back_only_where_it_is_told(queues: Queues) -> None:
    """SQS Developer Guide, "DLQ and DLQ redrive issues": CouldNotDetermineMessageSource."""
    queues.sqs.send_message(QueueUrl=queues.dead_url, MessageBody="from EventBridge")
    queues.sqs.start_message_move_task(SourceArn=queues.dead_arn)
    assert queues.ended()["FailureReason"] == "CouldNotDetermineMessageSource"
    queues.sqs.start_message_move_task(SourceArn=queues.dead_arn, DestinationArn=queues.arn)
    assert queues.ended()["Status"] == "COMPLETED"
    assert queues.sqs.receive_message(QueueUrl=queues.url)["Messages"][0]["Body"] == "from EventBridge"


@pytest.mark.parametrize(
    ("ask", "refusal"),
    [
        (lambda queues: queues.sqs.start_message_move_task(SourceArn=queues.arn), "configured as a Dead Letter Queue"),
        (lambda queues: queues.sqs.start_message_move_task(SourceArn=f"{queues.arn}-none"), "SourceArn .* exist"),
        (
            lambda queues: queues.sqs.start_message_move_task(
                SourceArn=queues.dead_arn, DestinationArn=f"{queues.arn}-none"
            ),
            "DestinationArn .* exist",
        ),
        (lambda queues: queues.sqs.list_message_move_tasks(SourceArn=f"{queues.arn}-none"), "SourceArn .* exist"),
        (lambda queues: queues.sqs.cancel_message_move_task(TaskHandle="none"), "does not exist"),
    ],
)
def test_what_sqs_refuses_is_refused(queues: Queues, ask: Callable[[Queues], object], refusal: str) -> None:
    with pytest.raises(ClientError, match=refusal):
        ask(queues)
