"""Monitoring of the queues."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ..config import FluxConfig, Severity
from ..constructs.queue import FluxQueue
from .section import FIVE_MINUTES, MINUTE, Section


class QueuesSection(Section):
    """Work that waits too long, and messages that were given up.

    A dead-letter queue is watched by what is in it: messages that SQS moves there do not count as sent.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        queues: Sequence[FluxQueue],
    ) -> None:
        super().__init__(scope, construct_id, title="Queues", config=config)
        waiting = [self._age(each) for each in queues]
        dead = [self._dead_letters(each) for each in queues]
        self._graph("Queues: age of the oldest message, s", waiting)
        self._graph("Queues: dead letters", dead)
        self._graph("Queues: messages waiting", [_visible(each.queue, each.name) for each in queues])

    def _age(self, queue: FluxQueue) -> cloudwatch.IMetric:
        # A postponed message is a new one to SQS, so its worker reports how old it is (docs/decisions/0050).
        postponed = cloudwatch.Metric(
            namespace="Flux",
            metric_name="PostponedMessageAge",
            dimensions_map={"Environment": self._config.name, "Queue": queue.name},
            statistic="Maximum",
            period=FIVE_MINUTES,
        )
        subject = queue.name.replace("-", "_")  # the graph shows all queues, each by names of its own
        metric = cloudwatch.MathExpression(
            expression=f"MAX([FILL({subject}_waiting, 0), FILL({subject}_postponed, 0)])",
            label=queue.name,
            using_metrics={
                f"{subject}_waiting": queue.queue.metric_approximate_age_of_oldest_message(
                    statistic="Maximum", period=FIVE_MINUTES
                ),
                f"{subject}_postponed": postponed,
            },
            period=FIVE_MINUTES,
        )
        self._alarm(
            f"{queue.name}-age",
            severity=Severity.PAGE,
            metric=metric,
            threshold=queue.longest_wait.to_seconds(),
            periods=2,
            impact=queue.late,
            first=f"see whether the {queue.name} queue still shrinks; if not, read the log of its function for "
            "throttles, timeouts or an unreachable dependency.",
            runbook=f"{queue.name}-age",
        )
        return metric

    def _dead_letters(self, queue: FluxQueue) -> cloudwatch.IMetric:
        metric = _visible(queue.dead_letters, queue.name)
        self._alarm(
            f"{queue.name}-dead-letters",
            severity=Severity.TICKET,
            metric=metric,
            threshold=0,
            impact=f"Messages of queue {queue.name} were given up after repeated failures; they are kept 14 days.",
            first="read one message and the function's log for its error; fix the cause, then redrive the queue.",
            runbook="an-alarm-fires",
        )
        self._more_dead_letters(queue)
        return metric

    def _more_dead_letters(self, queue: FluxQueue) -> None:
        """The alarm on any stays until the queue is empty, and so tells of the first dead letter only."""
        self._alarm(
            f"{queue.name}-more-dead-letters",
            severity=Severity.TICKET,
            metric=cloudwatch.MathExpression(
                expression="IF(dead > DIFF(dead), DIFF(dead), 0)",  # nothing where there were none before
                using_metrics={"dead": _visible(queue.dead_letters, queue.name, period=FIVE_MINUTES)},
                period=FIVE_MINUTES,
                label=queue.name,
            ),
            threshold=0,
            impact=f"Queue {queue.name} has dead letters already, and more messages are being given up.",
            first="read the newest one and the function's log: it may be another cause than the first one's.",
            runbook="an-alarm-fires",
        )


def _visible(queue: sqs.IQueue, label: str, *, period: Duration = MINUTE) -> cloudwatch.Metric:
    return queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=period, label=label)
