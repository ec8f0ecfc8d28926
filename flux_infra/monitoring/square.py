"""Monitoring of Square, as sync finds it: its answers, and the connections that owners have given us."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig, Severity
from .objectives import FLUX
from .section import FIVE_MINUTES, Section

# Both, as of functions: at night a single failed request is already a great share.
ERRORS = 20
ERROR_PERCENT = 10

LATENCY_MILLISECONDS = 3000  # it answers within a fifth of a second; sync's concurrency is reckoned with that

# Both, as of requests: of few restaurants one is already a great share. Of the ten thousand that production is made
# for, a few owners leave in a week, and some restaurants are always closed or moving.
REVOKED = 3  # within an hour
REVOKED_PERCENT = 0.1
SILENT = 5
SILENT_PERCENT = 0.5

_QUARTER, _HOUR = Duration.minutes(15), Duration.hours(1)  # the tick counts them each quarter of an hour


class SquareSection(Section):
    """Square, and what it lets us read."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig) -> None:
        super().__init__(scope, construct_id, title="Square", config=config)
        self._answers()
        self._connections()

    def _answers(self) -> None:
        failed = cloudwatch.MathExpression(
            expression=f"IF(FILL(errors, 0) >= {ERRORS}, 100 * errors / calls, 0)",
            using_metrics={"errors": self._metric("SquareErrors"), "calls": self._metric("SquareCalls")},
            period=FIVE_MINUTES,
            label="failed",
        )
        errors = self._alarm(
            "square-errors",
            severity=Severity.TICKET,
            metric=failed,
            threshold=ERROR_PERCENT,
            periods=3,
            impact=f"Square has not answered over {ERROR_PERCENT} % of requests for a quarter of an hour; sales come "
            "later.",
            first="read Square's status page; if all is well there, read the log of sync for what it answers.",
            runbook="an-alarm-fires",
        )
        slow = self._metric("SquareLatency", statistic="p95")
        latency = self._alarm(
            "square-latency",
            severity=Severity.TICKET,
            metric=slow,
            threshold=LATENCY_MILLISECONDS,
            periods=3,
            impact=f"One answer of Square's in twenty takes over {LATENCY_MILLISECONDS / 1000:g} s; at lunch sync will "
            "not keep up.",
            first="read Square's status page; see whether the queue pos-sync grows.",
            runbook="an-alarm-fires",
        )
        self._graph("Square: requests without an answer, %", [failed], alarms=[errors])
        self._graph("Square: latency p95, ms", [slow], alarms=[latency])

    def _connections(self) -> None:
        revoked = self._share("ConnectionsRevoked", "Sum", least=REVOKED, period=_HOUR, label="ended")
        ended = self._alarm(
            "connections-revoked",
            severity=Severity.TICKET,
            metric=revoked,
            threshold=REVOKED_PERCENT,
            impact=f"Over {REVOKED_PERCENT:g} % of the connections to Square have ended within an hour; those "
            "restaurants' sales no longer come.",
            first="see in Square's developer console whether our application is well; one owner alone would be "
            "nothing.",
            runbook="an-alarm-fires",
        )
        silent = self._share("ConnectionsSilent", "Maximum", least=SILENT, period=_QUARTER, label="silent")
        quiet = self._alarm(
            "connections-silent",
            severity=Severity.TICKET,
            metric=silent,
            threshold=SILENT_PERCENT,
            periods=2,
            impact=f"Over {SILENT_PERCENT:g} % of restaurants have had no complete sync for an hour, although others "
            "may be well.",
            first="read the log of sync for their connections: what is refused or left to the next tick, and why.",
            runbook="an-alarm-fires",
        )
        self._graph(
            "Square: connections without a sync for an hour, and ended, %", [silent, revoked], alarms=[quiet, ended]
        )
        names = ("ConnectionsActive", "ConnectionsSilent")
        self._graph("Square: connections", [self._metric(name, statistic="Maximum", period=_QUARTER) for name in names])

    def _share(
        self, name: str, statistic: str, *, least: int, period: Duration, label: str
    ) -> cloudwatch.MathExpression:
        """Which percentage of the connections it is; 0 where it is fewer than `least`."""
        active = f"{label}_active"  # ids are unique within a graph
        return cloudwatch.MathExpression(
            expression=f"IF(FILL({label}, 0) >= {least}, 100 * {label} / {active}, 0)",
            using_metrics={
                label: self._metric(name, statistic=statistic, period=period),
                active: self._metric("ConnectionsActive", statistic="Maximum", period=period),
            },
            period=period,
            label=label,
        )

    def _metric(self, name: str, *, statistic: str = "Sum", period: Duration = FIVE_MINUTES) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=FLUX,
            metric_name=name,
            dimensions_map={"Environment": self._config.name, "service": "sync"},
            statistic=statistic,
            period=period,
            label=name,
        )
