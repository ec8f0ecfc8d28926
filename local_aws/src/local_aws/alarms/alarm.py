"""A metric alarm's definition and its evaluation over the periods that were read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from ..values import InvalidValueError, Properties
from .evaluation import COMPARISONS, MissingData, State, decide
from .metric_math import Series, evaluate

EXTRA_PERIODS = 2
"""How many periods more than its own an alarm looks at.

"CloudWatch attempts to retrieve a higher number of data points than the number specified as Evaluation Periods"; "the
exact number depends". It is 5 for 3 in the guide's example ("Configuring how CloudWatch alarms treat missing data").
"""


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
    wall_clock: its periods begin at multiples of their length in UTC; else they slide ("Alarm evaluation window").
    """

    metrics: Mapping[str, Metric]
    expressions: Mapping[str, str]
    watched: str
    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: MissingData
    wall_clock: bool = False

    @classmethod
    def of(cls, alarm: Properties) -> Self:
        """The alarm that DescribeAlarms or a template describes.

        Raises:
            InvalidValueError: it lacks a value, compares with an anomaly detection band, or mixes periods.
        """
        metrics, expressions, watched = _series(alarm)
        if len({metric.period for metric in metrics.values()}) != 1:
            raise InvalidValueError("Metrics: all metrics of an alarm must have the same period")
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
            wall_clock="WallClockWindow" in alarm.child("EvaluationWindow"),
        )

    @property
    def period(self) -> int:
        """The length of its periods in seconds."""
        return next(iter(self.metrics.values())).period

    @property
    def looks_back(self) -> bool:
        """Whether an expression needs the value before the first that counts."""
        return any(f"{name}(" in text for text in self.expressions.values() for name in ("DIFF", "RATE"))

    def values(self, series: Mapping[str, Series]) -> Series:
        """The values that are compared with the threshold. series: the metrics' values by id, all as long.

        Raises:
            ExpressionError: an expression is not supported here.
        """
        computed: dict[str, Series] = {}
        for name, expression in self.expressions.items():
            computed[name] = evaluate(expression, series, period=self.period, computed=computed)
        return {**series, **computed}[self.watched]

    def decide(self, values: Series, current: State) -> State:
        """The state after these values, the oldest first; may be more than the alarm's periods (see `decide`)."""
        breaches = COMPARISONS[self.comparison]
        return decide(
            [None if value is None else breaches(value, self.threshold) for value in values],
            periods=self.periods,
            datapoints=self.datapoints,
            missing=self.missing,
            current=current,
        )

    def evaluate(self, read: Read, current: State, *, extra: int = EXTRA_PERIODS) -> Verdict:
        """The alarm's state now.

        extra: how many periods more than its own count while data are missing.

        Raises:
            ExpressionError: an expression is not supported here.
        """
        count = self.periods + extra
        asked = count + 1 if self.looks_back else count
        values = self.values({name: read(metric, asked) for name, metric in self.metrics.items()})[-count:]
        return Verdict(state=self.decide(values, current), values=tuple(values))


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
    return metrics, ordered(expressions), watched[0]


def ordered(expressions: Mapping[str, str]) -> dict[str, str]:
    """Expressions by id, each after those whose ids it contains.

    Raises:
        InvalidValueError: some refer to one another in a circle.
    """
    found: dict[str, str] = {}
    waiting = dict(expressions)
    while waiting:
        ready = [
            name for name in waiting if not any(_mentions(waiting[name], other) for other in waiting if other != name)
        ]
        if not ready:
            raise InvalidValueError(f"Metrics: the expressions {', '.join(waiting)} refer to one another in a circle")
        found |= {name: waiting.pop(name) for name in ready}
    return found


def _mentions(expression: str, name: str) -> bool:
    words = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in expression).split()
    return name in words
