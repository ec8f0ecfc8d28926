"""Monitoring of the Lambda functions."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig, Severity
from .section import FIVE_MINUTES, Section

# Both: a count alone fires at noise where traffic is heavy, a share alone at a single error where it is light. What
# fails now and then is tried again; nobody has lost anything below a percent.
ERRORS = 5
ERROR_PERCENT = 1.0


class FunctionsSection(Section):
    """Functions that raise, and functions that are refused an instance to run on.

    The API's 5xx answers are not errors of its function: the objectives see them. A worker's failed message is not one
    either: it ends in a dead-letter queue, which has its alarm.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, functions: Sequence[FluxFunction]
    ) -> None:
        super().__init__(scope, construct_id, title="Functions", config=config)
        self._graph("Functions: errors, %", [self._errors(each) for each in functions])
        self._graph("Functions: throttles", [self._throttles(each) for each in functions])
        self._graph(
            "Functions: duration p95, ms",
            [
                each.function.metric_duration(statistic="p95", period=FIVE_MINUTES, label=each.name)
                for each in functions
            ],
        )

    def _errors(self, function: FluxFunction) -> cloudwatch.IMetric:
        word = function.name.replace("-", "_")  # the graph shows all functions, each by names of its own
        errors, invocations = f"{word}_errors", f"{word}_invocations"
        share = cloudwatch.MathExpression(
            expression=f"IF({errors} >= {ERRORS}, 100 * {errors} / {invocations}, 0)",
            using_metrics={
                errors: function.function.metric_errors(statistic="Sum", period=FIVE_MINUTES),
                invocations: function.function.metric_invocations(statistic="Sum", period=FIVE_MINUTES),
            },
            period=FIVE_MINUTES,
            label=function.name,
        )
        self._alarm(
            f"{function.name}-errors",
            severity=Severity.TICKET,
            metric=share,
            threshold=ERROR_PERCENT,
            impact=f"Function {function.name} raised {ERRORS} errors or more in five minutes, over {ERROR_PERCENT:g} % "
            "of its invocations: crashes, timeouts or a bad release.",
            first=f"read the log /flux/{self._config.name}/{function.name}; roll back what has just been released.",
            runbook="an-alarm-fires",
        )
        return share

    def _throttles(self, function: FluxFunction) -> cloudwatch.IMetric:
        metric = function.function.metric_throttles(statistic="Sum", period=FIVE_MINUTES, label=function.name)
        self._alarm(
            f"{function.name}-throttles",
            severity=Severity.TICKET,
            metric=metric,
            threshold=0,
            periods=2,
            of=3,
            impact=f"Function {function.name} has been refused instances for ten minutes: its reserved concurrency is "
            "used up, or the account's is.",
            first="see whether its traffic or its duration has grown; raise its concurrency only within the "
            "database's connection budget.",
            runbook="an-alarm-fires",
        )
        return metric
