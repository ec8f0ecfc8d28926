"""Monitoring of the secrets' rotation."""

from collections.abc import Sequence

from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig, Severity
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
