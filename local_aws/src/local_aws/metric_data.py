"""GetMetricData with metric math and searches, and in the order that was asked for.

ministack answers expressions with an error, and always begins with the oldest value.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ministack.services import cloudwatch

from . import metric_search
from .alarms.alarm import ordered
from .alarms.metric_math import ExpressionError, Series, evaluate
from .metric_search import Metric
from .values import InvalidValueError, Json, Properties

type Answer = tuple[int, Mapping[str, str], bytes]
type Points = Mapping[int, float]
"""Values by the beginnings of their periods, in seconds since the epoch."""

_MINUTE = 60


def _points(result: Properties) -> Points:
    times, values = result.values.get("Timestamps"), result.values.get("Values")
    if not isinstance(times, list) or not isinstance(values, list):
        raise InvalidValueError("MetricDataResults: must have Timestamps and Values")
    return {
        at: float(value)
        for at, value in zip(times, values, strict=True)
        if isinstance(at, int) and isinstance(value, int | float)
    }


def _math(queries: Iterable[Properties], found: Mapping[str, Points], begin: int, end: int) -> dict[str, Points]:
    """The expressions' values, by id; each in the one period of what it is made of."""
    asked = list(queries)
    periods = {query.text("Id"): query.child("MetricStat").number("Period") for query in asked if "MetricStat" in query}
    expressions = {query.text("Id"): query.text("Expression") for query in asked if "Expression" in query}
    computed: dict[str, Series] = {}
    for name, expression in ordered(expressions).items():
        words = set(re.findall(r"\w+", expression))
        parts = periods.keys() & words
        if "METRICS" in words:
            parts |= periods.keys() - computed.keys()
        its = {periods[part] for part in parts}
        if len(its) > 1:
            raise InvalidValueError(f"{name}: is made of metrics with periods of {its}; here they need one")
        periods[name] = its.pop() if its else _MINUTE  # made of nothing that is there: the evaluation says so
        clock = _clock(begin, end, periods[name])
        computed[name] = evaluate(
            expression,
            {part: [found[part].get(at) for at in clock] for part in parts if part not in computed},
            period=periods[name],
            computed={part: computed[part] for part in parts if part in computed},
        )
    return {
        name: {
            at: value for at, value in zip(_clock(begin, end, periods[name]), series, strict=True) if value is not None
        }
        for name, series in computed.items()
    }


def _clock(begin: int, end: int, period: int) -> range:
    return range(begin // period * period, end, period)


def _found_by(query: Properties) -> list[Properties]:
    """A query for each metric that a SEARCH finds, with the id of the search."""
    search = metric_search.parse(query.text("Expression"))
    known = [
        Metric(namespace=namespace, name=name, dimensions=dict(points[0]["Dimensions"]))
        for (namespace, name, _), points in cloudwatch._metrics.items()
        if points
    ]
    found = sorted(
        (metric for metric in known if search.finds(metric)), key=lambda metric: sorted(metric.dimensions.items())
    )
    return [
        Properties(
            {
                "Id": query.text("Id"),
                "Label": label,
                "MetricStat": {
                    "Metric": {
                        "Namespace": metric.namespace,
                        "MetricName": metric.name,
                        "Dimensions": [{"Name": key, "Value": value} for key, value in metric.dimensions.items()],
                    },
                    "Period": search.period,
                    "Stat": search.statistic,
                },
            }
        )
        for metric, label in zip(found, metric_search.labels(found), strict=True)
    ]


def _is_search(query: Properties) -> bool:
    return metric_search.is_search(query.text("Expression", ""))


@dataclass(frozen=True)
class _Counted:
    """One request's answers. stock: ministack's GetMetricData. told: the request."""

    stock: Callable[[Mapping[str, Json], Mapping[str, Json], bool, bool], Answer]
    told: Properties

    def points(self, queries: Sequence[Properties]) -> list[Points]:
        """The points of each query, of which none is an expression."""
        plain: list[Json] = [
            {**query.values, "Id": f"query{place}", "ReturnData": True} for place, query in enumerate(queries)
        ]
        _, _, body = self.stock({}, {**self.told.values, "MetricDataQueries": plain}, False, True)  # noqa: FBT003 - ministack's
        results = {result.text("Id"): result for result in Properties(json.loads(body)).children("MetricDataResults")}
        return [_points(results[f"query{place}"]) for place in range(len(queries))]

    def shown(self) -> Iterator[tuple[Properties, Points]]:
        """Yield what is to be returned; of a search, each metric that it finds."""
        queries = self.told.children("MetricDataQueries")
        metrics = [query for query in queries if "Expression" not in query]
        found = dict(zip((query.text("Id") for query in metrics), self.points(metrics), strict=True))
        others = [query for query in queries if not _is_search(query)]
        if len(metrics) < len(others):
            begin, end = (int(cloudwatch._parse_ts(self.told.values[name])) for name in ("StartTime", "EndTime"))
            found |= _math(others, found, begin, end)
        for query in queries:
            if _is_search(query):
                lines = _found_by(query)
                yield from zip(lines, self.points(lines), strict=True)
            elif query.flag("ReturnData", default=True):
                yield query, found[query.text("Id")]

    def results(self) -> list[dict[str, Json]]:
        """What GetMetricData answers."""
        newest_first = self.told.text("ScanBy", "TimestampDescending") == "TimestampDescending"
        return [
            {
                "Id": query.text("Id"),
                "Label": query.text("Label", query.text("Id")),
                "Timestamps": [cloudwatch._ts_iso(at) for at in sorted(points, reverse=newest_first)],
                "Values": [points[at] for at in sorted(points, reverse=newest_first)],
                "StatusCode": "Complete",
            }
            for query, points in self.shown()
        ]


def install() -> None:
    """Evaluate what GetMetricData asks for."""
    stock = cloudwatch._get_metric_data

    def get_metric_data(
        params: Mapping[str, Json],
        cbor_data: Mapping[str, Json],
        is_cbor: bool,  # noqa: FBT001 - ministack's parameters
        is_json: bool = False,  # noqa: FBT001, FBT002 - ministack's parameters
    ) -> Answer:
        given: Answer
        if not (is_cbor or is_json):
            given = stock(params, cbor_data, is_cbor, is_json)
            return given
        try:
            results = _Counted(stock, Properties(cbor_data)).results()
        except (ExpressionError, InvalidValueError) as error:
            given = cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
            return given
        if is_cbor:
            given = cloudwatch._cbor_ok(
                {"MetricDataResults": [cloudwatch._cbor_metric_data_result(result) for result in results]}
            )
            return given
        given = cloudwatch._json_ok({"MetricDataResults": results})
        return given

    cloudwatch._get_metric_data = get_metric_data
