"""Monitoring of the secrets' rotation."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig
from .section import FIVE_MINUTES, Section


class RotationsSection(Section):
    """Rotations that fail. Nothing is broken then: the current value goes on working, but it grows old."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        topic: sns.ITopic,
        functions: Sequence[FluxFunction],
    ) -> None:
        super().__init__(scope, construct_id, title="Rotations", config=config, topic=topic)
        using = {
            each.name.replace("-", "_"): each.function.metric_errors(
                statistic="Sum", period=FIVE_MINUTES, label=each.name
            )
            for each in functions
        }
        failed = cloudwatch.MathExpression(
            expression=" + ".join(f"FILL({name}, 0)" for name in using),
            using_metrics=using,
            period=FIVE_MINUTES,
            label="failed steps",
        )
        alarm = self._alarm(
            "rotation-errors",
            metric=failed,
            threshold=0,
            meaning="A secret was not rotated; its current value goes on working.",
            first="see on the dashboard which function failed, read its log group, and follow "
            "docs/runbooks/rotate-a-secret.md.",
        )
        self._graph("Rotations: failed steps", [*using.values(), failed], alarms=[alarm])
