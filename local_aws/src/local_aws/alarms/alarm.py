"""A metric alarm's definition and its evaluation over windows of time that end now.

CloudWatch evaluates once a period, on periods aligned to the clock. Here the periods slide with the moment of
evaluation, so that an alarm fires as soon as the values call for it: a deployment of seconds cannot wait for minutes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from ..values import InvalidValueError, Properties
from .evaluation import COMPARISONS, MissingData, State, decide
from .metric_math import evaluate


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One statistic of one metric. period: seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: int

    @classmethod
    def of(cls, metric: Properties, *, statistic: str, period: int) -> Self:
        """From the members Namespace, MetricName and Dimensions."""
        return cls(
            namespace=metric.text("Namespace"),
            name=metric.text("MetricName"),
            dimensions={entry.text("Name"): entry.text("Value") for entry in metric.children("Dimensions")},
            statistic=statistic,
            period=period,
        )


type Read = Callable[[Metric, int], list[float | None]]
"""Gives a metric's values in the last so many periods, the oldest first; None: no data."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an evaluation found. values: per period, the oldest first."""

    state: State
    values: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A metric alarm, or one on metric math.

    metrics: by id; the alarm's own metric has the id `m`. expressions: by id, in the order in which they may refer to
    one another. watched: id of the series that is compared with the threshold.
    """

    metrics: Mapping[str, Metric]
    expressions: Mapping[str, str]
    watched: str
    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: MissingData

    @classmethod
    def of(cls, alarm: Properties) -> Self:
        """The alarm that DescribeAlarms or a template describes.

        Raises:
            InvalidValueError: it lacks a value, or compares with an anomaly detection band.
        """
        metrics, expressions, watched = _series(alarm)
        periods = alarm.number("EvaluationPeriods")
        comparison = alarm.text("ComparisonOperator")
        if comparison not in COMPARISONS:
            raise InvalidValueError(f"ComparisonOperator={comparison}: only fixed thresholds are evaluated here")
        return cls(
            metrics=metrics,
            expressions=expressions,
            watched=watched,
            comparison=comparison,
            threshold=float(alarm.text("Threshold")),
            periods=periods,
            datapoints=alarm.number("DatapointsToAlarm", periods),
            missing=_missing(alarm.text("TreatMissingData", "missing")),
        )

    def evaluate(self, read: Read, current: State) -> Verdict:
        """The alarm's state now.

        Raises:
            ExpressionError: an expression is not supported here.
        """
        series: dict[str, list[float | None]] = {
            name: read(metric, self.periods) for name, metric in self.metrics.items()
        }
        for name, expression in self.expressions.items():
            series[name] = [
                evaluate(expression, {known: values[index] for known, values in series.items()})
                for index in range(self.periods)
            ]
        values = series[self.watched]
        breaches = COMPARISONS[self.comparison]
        state = decide(
            [None if value is None else breaches(value, self.threshold) for value in values],
            periods=self.periods,
            datapoints=self.datapoints,
            missing=self.missing,
            current=current,
        )
        return Verdict(state=state, values=tuple(values))


def _missing(value: str) -> MissingData:
    match value:
        case "missing" | "ignore" | "breaching" | "notBreaching":
            return value
        case _:
            raise InvalidValueError(f"TreatMissingData={value}: must be missing, ignore, breaching or notBreaching")


def _series(alarm: Properties) -> tuple[dict[str, Metric], dict[str, str], str]:
    queries = alarm.children("Metrics")
    if not queries:
        statistic = (
            alarm.text("ExtendedStatistic") if alarm.values.get("ExtendedStatistic") else alarm.text("Statistic")
        )
        return {"m": Metric.of(alarm, statistic=statistic, period=alarm.number("Period"))}, {}, "m"
    metrics: dict[str, Metric] = {}
    expressions: dict[str, str] = {}
    for query in queries:
        if query.values.get("Expression"):
            expressions[query.text("Id")] = query.text("Expression")
        else:
            stat = query.child("MetricStat")
            metrics[query.text("Id")] = Metric.of(
                stat.child("Metric"), statistic=stat.text("Stat"), period=stat.number("Period")
            )
    watched = [query.text("Id") for query in queries if query.flag("ReturnData", default=True)]
    if len(watched) != 1:
        raise InvalidValueError(f"Metrics: exactly one query must have ReturnData, found {len(watched)}")
    return metrics, _ordered(expressions), watched[0]


def _ordered(expressions: Mapping[str, str]) -> dict[str, str]:
    """Expressions after those whose ids they contain."""
    ordered: dict[str, str] = {}
    waiting = dict(expressions)
    while waiting:
        ready = [
            name for name in waiting if not any(_mentions(waiting[name], other) for other in waiting if other != name)
        ]
        if not ready:
            raise InvalidValueError(f"Metrics: the expressions {', '.join(waiting)} refer to one another in a circle")
        ordered |= {name: waiting.pop(name) for name in ready}
    return ordered


def _mentions(expression: str, name: str) -> bool:
    words = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in expression).split()
    return name in words
