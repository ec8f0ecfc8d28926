"""The queues of an environment: of work, and of what could not be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flux_infra.constructs.names import typed_name
from flux_infra.monitoring.objectives import MINUTE, Series

from .aws import Aws
from .page.counted import Counted
from .stacks import DeployedStack


@dataclass(frozen=True, kw_only=True)
class WorkQueue:
    """A queue of work. name: as operators type it. url, dead_letters: addresses, the second of what was given up."""

    name: str
    url: str
    dead_letters: str


def work_queues(aws: Aws) -> tuple[WorkQueue, ...]:
    """Every queue that the stack Compute gives out, by name.

    Raises:
        OpsError: it is not deployed.
    """
    outputs = DeployedStack.read(aws, "Compute").outputs
    names = [key.removesuffix("QueueUrl") for key in sorted(outputs) if key.endswith("QueueUrl")]
    return tuple(
        WorkQueue(name=typed_name(name), url=outputs[f"{name}QueueUrl"], dead_letters=outputs[f"{name}DeadLettersUrl"])
        for name in names
    )


def messages(aws: Aws, url: str) -> Mapping[str, int]:
    """About how many messages there are, by SQS's names for those that wait and those that somebody has received."""
    found = aws.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    return {str(name): int(value) for name, value in found.items()}


def oldest_seconds(counted: Counted, url: str) -> float | None:
    """How long the oldest message has been there; None where nobody has counted in the last quarter of an hour."""
    age = Series(
        namespace="AWS/SQS",
        name="ApproximateAgeOfOldestMessage",
        statistic="Maximum",
        dimensions={"QueueName": url.rsplit("/", 1)[-1]},
    )
    ages = counted.read({"age": age}, back=timedelta(minutes=15), period=MINUTE)["age"]
    return ages[max(ages)] if ages else None
