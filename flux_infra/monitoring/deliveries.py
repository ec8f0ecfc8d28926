"""Monitoring of the alarms' own way: messages that SNS could not deliver."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from ..config import FluxConfig, Severity
from .section import FIVE_MINUTES, Section


class DeliveriesSection(Section):
    """Alarms that nobody got. A subscription that nobody confirmed fails nothing: `flux doctor` tells of it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, topics: Mapping[Severity, sns.Topic]
    ) -> None:
        super().__init__(scope, construct_id, title="Deliveries", config=config)
        failed = {
            severity: topic.metric_number_of_notifications_failed(
                statistic="Sum", period=FIVE_MINUTES, label=severity.value
            )
            for severity, topic in topics.items()
        }
        for severity, metric in failed.items():
            self._alarm(
                f"{severity}-not-delivered",
                severity=Severity.TICKET,
                metric=metric,
                threshold=0,
                impact=f"A message of flux-{self._config.name}-{severity} could not be delivered: somebody has not "
                "heard of an alarm.",
                first="see which alarms fire, then whether the address still takes e-mail.",
                runbook="an-alarm-fires",
            )
        self._graph("Deliveries that failed", list[cloudwatch.IMetric](failed.values()))
