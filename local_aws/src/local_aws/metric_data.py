"""GetMetricData with metric math and in the order that was asked for.

ministack answers expressions with an error, and always begins with the oldest value.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import json
from collections.abc import Iterable, Mapping

from ministack.services import cloudwatch

from .alarms.alarm import ordered
from .alarms.metric_math import ExpressionError, Series, evaluate
from .values import InvalidValueError, Json, Properties

type Answer = tuple[int, Mapping[str, str], bytes]
type Points = Mapping[int, float]
"""Values by the beginnings of their periods, in seconds since the epoch."""


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
    """The expressions' values, by id."""
    periods = {query.child("MetricStat").number("Period") for query in queries if "MetricStat" in query}
    if len(periods) != 1:
        raise InvalidValueError(f"MetricDataQueries: beside an expression all metrics need one Period here; {periods}")
    (period,) = periods
    clock = range(begin // period * period, end, period)
    metrics = {name: [points.get(at) for at in clock] for name, points in found.items()}
    computed: dict[str, Series] = {}
    expressions = {query.text("Id"): query.text("Expression") for query in queries if query.values.get("Expression")}
    for name, expression in ordered(expressions).items():
        computed[name] = evaluate(expression, metrics, period=period, computed=computed)
    return {
        name: {at: value for at, value in zip(clock, series, strict=True) if value is not None}
        for name, series in computed.items()
    }


def install() -> None:
    """Evaluate what GetMetricData asks for."""
    stock = cloudwatch._get_metric_data

    def answer(told: Properties) -> list[dict[str, Json]]:
        queries = told.children("MetricDataQueries")
        plain: list[Json] = [
            {**query.values, "ReturnData": True} for query in queries if not query.values.get("Expression")
        ]
        _, _, body = stock({}, {**told.values, "MetricDataQueries": plain}, False, True)  # noqa: FBT003 - ministack's
        results = Properties(json.loads(body)).children("MetricDataResults")
        found = {result.text("Id"): _points(result) for result in results}
        if len(plain) < len(queries):
            begin, end = (int(cloudwatch._parse_ts(told.values[name])) for name in ("StartTime", "EndTime"))
            found |= _math(queries, found, begin, end)
        newest_first = told.text("ScanBy", "TimestampDescending") == "TimestampDescending"
        return [
            {
                "Id": query.text("Id"),
                "Label": query.text("Label", query.text("Id")),
                "Timestamps": [cloudwatch._ts_iso(at) for at in sorted(points, reverse=newest_first)],
                "Values": [points[at] for at in sorted(points, reverse=newest_first)],
                "StatusCode": "Complete",
            }
            for query in queries
            if query.flag("ReturnData", default=True)
            for points in [found[query.text("Id")]]
        ]

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
            results = answer(Properties(cbor_data))
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
