"""Messages that are sent to be received later: received at once in these tests, and what was asked for is known."""

from typing import TYPE_CHECKING

import boto3

from flux_core.postponing import Delayed

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestTypeDef

_asked: list[tuple[str, int]] = []


def skip_delays() -> None:
    """For all clients of boto3's default session that are made from here on: note a delay, and do not wait for it."""
    boto3.setup_default_session()
    session = boto3.DEFAULT_SESSION
    assert session is not None
    session.events.register("before-parameter-build.sqs.SendMessageBatch", _note)


def _note(params: "SendMessageBatchRequestTypeDef", **_: object) -> None:
    for entry in params["Entries"]:
        if "DelaySeconds" in entry:
            _asked.append((entry["MessageBody"], entry["DelaySeconds"]))
            entry["DelaySeconds"] = 0


def receive_delayed(client: "SQSClient", queue: str) -> list[Delayed]:
    """Take the postponed messages out of a queue; others in it are lost."""
    found: list[Delayed] = []
    while messages := client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
        "Messages", []
    ):
        for message in messages:
            client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            attributes: dict[str, int | str] = {
                name: int(text) if value["DataType"] == "Number" else text
                for name, value in message.get("MessageAttributes", {}).items()
                for text in [value.get("StringValue", "")]
            }
            seconds = next((seconds for body, seconds in reversed(_asked) if body == message["Body"]), None)
            if seconds is not None and attributes:
                found.append(Delayed(body=message["Body"], seconds=seconds, attributes=attributes))
    return found
