"""What becomes of the messages of a batch, by what the function answers."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from .stacks import CloudFormation, attribute

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HANDLER = """
def handler(event, context):
    print("batch of", len(event["Records"]))
    failed = [record["messageId"] for record in event["Records"] if record["body"] == "fails"]
    ANSWER
"""


def resources(answer: str) -> dict[str, dict[str, object]]:
    return {
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 1,
                "RedrivePolicy": {"deadLetterTargetArn": attribute("Dead", "Arn"), "maxReceiveCount": 2},
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Timeout": 1,
                "Role": "arn:aws:iam::000000000000:role/any",
                "Code": {"ZipFile": HANDLER.replace("ANSWER", answer)},
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": attribute("Queue", "Arn"),
                "FunctionName": {"Ref": "Function"},
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
    }


def given_up(cloudformation: CloudFormation, stack: str, answer: str) -> set[str]:
    """Send two messages; the bodies of those that end in the dead-letter queue when nothing is left to do."""
    queues: SQSClient = cloudformation.aws.session().client("sqs", endpoint_url=cloudformation.aws.url)
    found = cloudformation.create(stack, resources(answer), {"Queue": {"Ref": "Queue"}, "Dead": {"Ref": "Dead"}})
    queues.send_message_batch(
        QueueUrl=found["Queue"],
        Entries=[{"Id": body, "MessageBody": body} for body in ("fails", "succeeds")],
    )
    _wait(lambda: _left(queues, found["Queue"]) == 0)
    messages = queues.receive_message(QueueUrl=found["Dead"], MaxNumberOfMessages=10).get("Messages", [])
    cloudformation.delete(stack)
    return {message["Body"] for message in messages}


def _left(queues: "SQSClient", url: str) -> int:
    found = queues.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    )
    return sum(map(int, found["Attributes"].values()))


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, "messages are still on the queue after a minute"
        time.sleep(0.2)


def test_what_a_function_names_as_failed_comes_again_and_nothing_else(cloudformation: CloudFormation) -> None:
    answer = 'return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}'
    assert given_up(cloudformation, "partly", answer) == {"fails"}


@pytest.mark.parametrize(
    ("stack", "answer"),
    [
        ("empty", 'return {"batchItemFailures": [{"itemIdentifier": ""}]}'),
        ("null", 'return {"batchItemFailures": [{"itemIdentifier": None}]}'),
        ("bad-key", 'return {"batchItemFailures": [{"bad": name} for name in failed or ["none"]]}'),
        ("no-object", 'return "failed"'),
    ],
)
def test_an_answer_that_cannot_be_read_fails_the_whole_batch(
    cloudformation: CloudFormation, stack: str, answer: str
) -> None:
    """Lambda Developer Guide, "Implementing partial batch responses": a batch is then treated as a complete failure."""
    assert given_up(cloudformation, stack, answer) == {"fails", "succeeds"}


@pytest.mark.parametrize("answer", ["return None", "return {}", 'return {"batchItemFailures": []}'])
def test_an_answer_without_failures_is_a_success(cloudformation: CloudFormation, answer: str) -> None:
    assert given_up(cloudformation, "succeeds", answer) == set()
