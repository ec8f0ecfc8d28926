"""Monitoring of the secrets' rotation."""

from collections.abc import Sequence

from aws_cdk import aws_sns as sns
from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig
from .errors import sum_errors
from .section import Section


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
        failed = sum_errors(functions, label="failed steps")
        alarm = self._alarm(
            "rotation-errors",
            metric=failed,
            threshold=0,
            meaning="A secret was not rotated; its current value goes on working.",
            first="see on the dashboard which function failed, read its log group, and follow "
            "docs/runbooks/rotate-a-secret.md.",
        )
        self._graph("Rotations: failed steps", [*failed.using_metrics.values(), failed], alarms=[alarm])
