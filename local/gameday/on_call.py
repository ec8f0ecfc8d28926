"""Who is on call, and hears what the two topics tell: a queue that is subscribed to both, as an address would be."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flux_infra.config import Severity
from flux_infra.constructs.names import alarm_name, topic_arn

from ..platform import Platform

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

_QUEUE = "game-day-on-call"


@dataclass(frozen=True, kw_only=True)
class Told:
    """An alarm that has told on-call. alarm: without `flux-<env>-`. at: seconds of the monotonic clock."""

    alarm: str
    severity: Severity
    at: float


@dataclass(kw_only=True)
class OnCall:
    """What was heard since somebody is on call, the oldest first."""

    sqs: "SQSClient"
    queue_url: str
    prefix: str
    heard: list[Told] = field(default_factory=list)

    def listen(self) -> None:
        """Take what has come since the last time."""
        while messages := self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                envelope = json.loads(message["Body"])
                told = json.loads(envelope["Message"])
                if told.get("NewStateValue") == "ALARM":
                    severity = next(each for each in Severity if envelope["TopicArn"].endswith(each))
                    alarm = str(told["AlarmName"]).removeprefix(self.prefix)
                    self.heard.append(Told(alarm=alarm, severity=severity, at=time.monotonic()))
                self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])

    def since(self, moment: float) -> list[Told]:
        """What was heard since a moment of the monotonic clock."""
        self.listen()
        return [told for told in self.heard if told.at >= moment]

    def has_told(self, alarm: str, *, since: float) -> bool:
        """Whether the alarm has told since a moment of the monotonic clock."""
        return any(told.alarm == alarm for told in self.since(since))


@contextmanager
def on_call(platform: Platform) -> Iterator[OnCall]:
    """Be on call until the block ends."""
    sns: SNSClient = platform.session.client("sns", endpoint_url=platform.url)
    queue_url = platform.sqs.create_queue(QueueName=_QUEUE)["QueueUrl"]
    attributes = platform.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
    subscriptions = [
        sns.subscribe(
            TopicArn=topic_arn(platform.config, severity),
            Protocol="sqs",
            Endpoint=attributes["QueueArn"],
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        for severity in Severity
    ]
    try:
        yield OnCall(sqs=platform.sqs, queue_url=queue_url, prefix=alarm_name(platform.config, ""))
    finally:
        for subscription in subscriptions:
            sns.unsubscribe(SubscriptionArn=subscription)
        platform.sqs.delete_queue(QueueUrl=queue_url)
