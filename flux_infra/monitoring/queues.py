"""Monitoring of the queues."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ..config import FluxConfig
from ..constructs.queue import FluxQueue
from .section import FIVE_MINUTES, MINUTE, Section


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A queue, and how long its work may wait.

    name: like "pos-sync". longest_wait: of the oldest message. late: what it means for restaurants.
    """

    name: str
    queue: FluxQueue
    longest_wait: Duration
    late: str


class QueuesSection(Section):
    """Work that waits too long, and messages that were given up.

    A dead-letter queue is watched by what is in it: messages that SQS moves there do not count as sent.
    """

    def __init__(  # noqa: PLR0913 - both queues
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        topic: sns.ITopic,
        pos_sync: FluxQueue,
        forecasts: FluxQueue,
    ) -> None:
        super().__init__(scope, construct_id, title="Queues", config=config, topic=topic)
        watched = (
            Watched(
                name="pos-sync",
                queue=pos_sync,
                longest_wait=Duration.minutes(15),  # by then the next incremental sync has been due
                late="Sales reach Flux more than a quarter of an hour late.",
            ),
            Watched(
                name="forecast",
                queue=forecasts,
                longest_wait=Duration.hours(2),  # begun at 02:00 UTC, due at 05:00: one hour left to act in
                late="Tonight's forecasts may not be done by 05:00 UTC.",
            ),
        )
        waiting = [self._age(each) for each in watched]
        dead = [self._dead_letters(each) for each in watched]
        self._graph("Queues: age of the oldest message, s", waiting)
        self._graph("Queues: dead letters", dead)
        self._graph("Queues: messages waiting", [_visible(each.queue.queue, each.name) for each in watched])

    def _age(self, watched: Watched) -> cloudwatch.IMetric:
        metric = watched.queue.queue.metric_approximate_age_of_oldest_message(
            statistic="Maximum", period=FIVE_MINUTES, label=watched.name
        )
        self._alarm(
            f"{watched.name}-age",
            metric=metric,
            threshold=watched.longest_wait.to_seconds(),
            periods=2,
            meaning=watched.late,
            first=f"see whether the {watched.name} queue still shrinks; if not, read the log of its function for "
            "throttles, timeouts or an unreachable dependency.",
        )
        return metric

    def _dead_letters(self, watched: Watched) -> cloudwatch.IMetric:
        metric = _visible(watched.queue.dead_letters, watched.name)
        self._alarm(
            f"{watched.name}-dead-letters",
            metric=metric,
            threshold=0,
            meaning=f"Messages of queue {watched.name} were given up after repeated failures; they are kept 14 days.",
            first="read one message and the function's log for its error; fix the cause, then redrive the queue.",
        )
        return metric


def _visible(queue: sqs.IQueue, label: str) -> cloudwatch.Metric:
    return queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=MINUTE, label=label)
