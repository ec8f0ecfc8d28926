"""Monitoring of the Lambda functions."""

from collections.abc import Sequence

from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig, Severity
from .errors import sum_errors
from .section import FIVE_MINUTES, Section
from .topics import Topics

ERRORS = 10  # of all functions together in five minutes


class FunctionsSection(Section):
    """Functions that raise, and functions that are refused an instance to run on.

    The API's 5xx answers are not errors of its function: the API's own alarm sees them. A worker's failed message is
    not one either: it ends in a dead-letter queue, which has its alarm.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        topics: Topics,
        functions: Sequence[FluxFunction],
    ) -> None:
        super().__init__(scope, construct_id, title="Functions", config=config, topics=topics)
        self._errors(functions)
        self._throttles(functions)
        self._graph(
            "Functions: duration p95, ms",
            [
                each.function.metric_duration(statistic="p95", period=FIVE_MINUTES, label=each.name)
                for each in functions
            ],
        )

    def _errors(self, functions: Sequence[FluxFunction]) -> None:
        total = sum_errors(functions, label="errors")
        alarm = self._alarm(
            "lambda-errors",
            severity=Severity.TICKET,
            metric=total,
            threshold=ERRORS,
            impact=f"Functions raised more than {ERRORS} errors in five minutes: crashes, timeouts or bad releases.",
            first="find which function on the dashboard and read its log group; if a release has just gone out, roll "
            "it back.",
            runbook="an-alarm-fires",
        )
        self._graph("Functions: errors", [*total.using_metrics.values(), total], alarms=[alarm])

    def _throttles(self, functions: Sequence[FluxFunction]) -> None:
        metrics = []
        for each in functions:
            metric = each.function.metric_throttles(statistic="Sum", period=FIVE_MINUTES, label=each.name)
            metrics.append(metric)
            self._alarm(
                f"{each.name}-throttles",
                severity=Severity.TICKET,
                metric=metric,
                threshold=0,
                periods=2,
                of=3,
                impact=f"Function {each.name} has been refused instances for ten minutes: its reserved concurrency is "
                "used up, or the account's is.",
                first="see whether its traffic or its duration has grown; raise its concurrency only within the "
                "database's connection budget.",
                runbook="an-alarm-fires",
            )
        self._graph("Functions: throttles", metrics)
