"""Monitoring of the Lambda functions."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..compute.function import FluxFunction
from ..config import FluxConfig, ReleasedFunction, Severity, Worker
from .section import FIVE_MINUTES, Section

# Both: a count alone fires at noise where traffic is heavy, a share alone at a single error where it is light. What
# fails now and then is tried again; nobody has lost anything below a percent.
ERRORS = 5
ERROR_PERCENT = 1.0

# What is longer is cut off, and what is more is refused: the last fifth is the time to act in.
NEAR = 0.8


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
        self._graph("Functions: duration p99, ms", [self._near_timeout(each) for each in functions])
        self._graph(
            "Functions: instances at once", [self._near_concurrency(each) for each in functions if _is_asked(each)]
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

    def _near_timeout(self, function: FluxFunction) -> cloudwatch.IMetric:
        metric = function.function.metric_duration(statistic="p99", period=FIVE_MINUTES, label=function.name)
        seconds = function.size.timeout_seconds
        self._alarm(
            f"{function.name}-near-timeout",
            severity=Severity.TICKET,
            metric=metric,
            threshold=seconds * 1000 * NEAR,
            periods=3,
            impact=f"One invocation in a hundred of function {function.name} takes over {NEAR:.0%} of its {seconds} s; "
            "soon some are cut off.",
            first="see which of the things that it needs has become slow; raise its time only if its work has grown.",
            runbook="an-alarm-fires",
        )
        return metric

    def _near_concurrency(self, function: FluxFunction) -> cloudwatch.IMetric:
        metric = function.function.metric(
            "ConcurrentExecutions", statistic="Maximum", period=FIVE_MINUTES, label=function.name
        )
        reserved = function.size.concurrency
        self._alarm(
            f"{function.name}-near-concurrency",
            severity=Severity.TICKET,
            metric=metric,
            threshold=reserved * NEAR,
            periods=3,
            impact=f"Function {function.name} runs on over {NEAR:.0%} of its {reserved} instances; soon requests are "
            "refused.",
            first="see whether its traffic or its duration has grown; raise its concurrency only within the "
            "database's connection budget.",
            runbook="an-alarm-fires",
        )
        return metric


def _is_asked(function: FluxFunction) -> bool:
    """Whether people or tills ask it, any number at once. A worker takes from its queue as many as it is allowed to."""
    return isinstance(function.size, ReleasedFunction) and not isinstance(function.size, Worker)
