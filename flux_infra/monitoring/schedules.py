"""Monitoring of the schedules: a tick that could not be delivered, one that never came, and one that led to nothing."""

import re
from collections.abc import Iterable
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from ..config import FluxConfig, Severity
from ..constructs.names import typed_name
from .objectives import FLUX
from .section import FIVE_MINUTES, Section

_HOUR = Duration.hours(1)
_DAY_HOURS = 24

# Forecasts are due three hours after their tick. The next quarter-hourly tick asks for what a lost one should have.
_URGENT = {"nightly"}


class SchedulesSection(Section):
    """EventBridge's rules that start work by the clock.

    Queue and dead-letter queue of a tick share a key: where EventBridge may not use it, both refuse, and nothing is
    left that an alarm on a queue could see.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        rules: Iterable[events.Rule],
    ) -> None:
        super().__init__(scope, construct_id, title="Schedules", config=config)
        invocations: list[cloudwatch.IMetric] = []
        failures: list[cloudwatch.IMetric] = []
        for rule in rules:
            name = typed_name(rule.node.id)
            failures.append(self._failed(name, rule))
            pause = hours_between(cast("str", cast("events.CfnRule", rule.node.default_child).schedule_expression))
            if not config.ephemeral and pause is not None:
                self._never_came(name, rule, pause)
            invocations.append(_metric(rule, "Invocations", name, period=_HOUR))
        if not config.ephemeral:
            self._led_to_nothing()
        self._graph("Schedules: ticks an hour", invocations)
        self._graph("Schedules: ticks not delivered", failures)

    def _failed(self, name: str, rule: events.Rule) -> cloudwatch.IMetric:
        # CloudWatch has each of them only where something failed ("Monitoring Amazon EventBridge", User Guide).
        word = name.replace("-", "_")  # ids are unique within a graph
        failed = cloudwatch.MathExpression(
            expression=f"FILL({word}_failed, 0) + FILL({word}_lost, 0)",
            using_metrics={
                f"{word}_failed": _metric(rule, "FailedInvocations", "not delivered"),
                f"{word}_lost": _metric(rule, "InvocationsFailedToBeSentToDlq", "not even to its dead-letter queue"),
            },
            period=FIVE_MINUTES,
            label=name,
        )
        self._alarm(
            f"{name}-tick-failed",
            severity=Severity.PAGE if name in _URGENT else Severity.TICKET,
            metric=failed,
            threshold=0,
            impact=f"EventBridge could not deliver the {name} tick; what it starts has not begun.",
            first="compare the policies of its queue and of the queue's key with the last deployment's, then send the "
            "tick by hand.",
            runbook="tick-failed",
        )
        return failed

    def _never_came(self, name: str, rule: events.Rule, hours: int) -> None:
        late = hours + 1  # a tick may come some minutes into the hour after its own
        self._missing(
            f"{name}-tick",
            metric=_metric(rule, "Invocations", "ticks", period=_HOUR),
            periods=late,
            impact=f"The {name} tick has not come for {late} hours, and nothing need have failed.",
            first="see in EventBridge that the rule is there and enabled, then send the tick by hand.",
        )

    def _led_to_nothing(self) -> None:
        """A tick may come, and its worker drop it or begin it anew for ever: what it leaves in the end is counted."""
        self._missing(
            "sync",
            metric=self._left("sync", "ConnectionsActive"),
            periods=1,  # four ticks
            impact="For an hour no round of sync has asked Square for what webhooks did not report.",
            first="if the alarm on the quarter-hourly tick fires too, follow that; else read the log of sync for what "
            "its tick meets.",
        )
        self._missing(
            "census",
            metric=self._left("forecast", "RestaurantsActive"),
            periods=_DAY_HOURS + 2,  # its message may wait behind the last forecasts
            impact="Nobody has counted this morning's forecasts, so that no alarm would tell of those that lack.",
            first="if the alarm on the census's tick fires too, follow that; else read the log of forecast for "
            "forecast.census, and count by hand.",
        )

    def _left(self, service: str, name: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=FLUX,
            metric_name=name,
            dimensions_map={"Environment": self._config.name, "service": service},
            statistic="SampleCount",
            period=_HOUR,
            label=name,
        )


def hours_between(expression: str) -> int | None:
    """Return how many hours lie between two ticks of a cron expression; None where it is more than a day.

    CloudWatch looks back seven days at the most (PutMetricAlarm, EvaluationPeriods), which leaves no room for a tick
    that is due once a week.
    """
    match = re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", expression)
    if match is None or {match[3], match[4], match[5], match[6]} - {"*", "?"}:
        return None
    return 1 if match[2] == "*" else _DAY_HOURS


def _metric(rule: events.Rule, name: str, label: str, *, period: Duration = FIVE_MINUTES) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Events",
        metric_name=name,
        dimensions_map={"RuleName": rule.rule_name},
        statistic="Sum",
        period=period,
        label=label,
    )
