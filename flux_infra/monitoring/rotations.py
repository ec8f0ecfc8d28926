"""Monitoring of the secrets' rotation."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig, Severity
from .errors import sum_errors
from .objectives import FLUX
from .section import Section

_HOUR, _DAY = Duration.hours(1), Duration.days(1)

# A rotation begins on the day that it is due, at any hour of it, and may take a second try.
GRACE_DAYS = 3


class RotationsSection(Section):
    """Rotations that fail, or are not even tried. Nothing is broken then: the current value works, but it grows old."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        functions: Sequence[FluxFunction],
    ) -> None:
        super().__init__(scope, construct_id, title="Rotations", config=config)
        failed = sum_errors(functions, label="failed steps")
        alarm = self._alarm(
            "rotation-errors",
            severity=Severity.TICKET,
            metric=failed,
            threshold=0,
            impact="A secret was not rotated; its current value goes on working.",
            first="see on the dashboard which function failed, and read its log group.",
            runbook="rotate-a-secret",
        )
        self._graph("Rotations: failed steps", [*failed.using_metrics.values(), failed], alarms=[alarm])
        if config.objectives is True and isinstance(config.rotation_days, int):  # where the probe looks at them
            self._ages(config.rotation_days + GRACE_DAYS)

    def _ages(self, days: int) -> None:
        oldest = self._age("Maximum", period=_DAY)
        alarm = self._alarm(
            "secret-age",
            severity=Severity.TICKET,
            metric=oldest,
            threshold=days,
            impact=f"A secret that rotates has had the same value for over {days} days; whoever has seen it can use it "
            "still.",
            first="the probe's log says which, under 'secrets looked at'; see whether its rotation is enabled.",
            runbook="rotate-a-secret",
        )
        self._missing(
            "secret-age",
            metric=self._age("SampleCount", period=_HOUR),
            periods=26,  # the probe looks once a day
            impact="For a day nobody has looked how old the secrets are: one that rotates no more would go unnoticed.",
            first="read the probe's log for the error that ended its daily look.",
        )
        self._graph("Rotations: age of the oldest secret, days", [oldest], alarms=[alarm])

    def _age(self, statistic: str, *, period: Duration) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=FLUX,
            metric_name="SecretAgeDays",
            dimensions_map={"Environment": self._config.name, "service": "probe"},
            statistic=statistic,
            period=period,
            label="oldest",
        )
