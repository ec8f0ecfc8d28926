"""Metric math, by the sentences and tables of "Using metric math" in the CloudWatch User Guide."""

import pytest

from local_aws.alarms.metric_math import ExpressionError, Value, evaluate

METRICS: dict[str, list[Value]] = {"m1": [6.0], "m2": [3.0], "none": [None], "zero": [0.0]}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("m1 / m2", 2.0),
        ("100 * m1 / (m1 + m2)", 100 * 6 / 9),
        ("m1 - m2 - 1", 2.0),
        ("-m1 + 10", 4.0),
        ("2 ^ m2", 8.0),
        ("m1 > m2", 1.0),
        ("m1 <= m2 || m2 == 3", 1.0),
        ("m1 > 5 AND m2 > 5", 0.0),
        ("IF(m1 > 5, m2, 0)", 3.0),
        ("IF(m1 < 5, m2)", None),
        ("FILL(none, 0) + 1", 1.0),
        ("IF(FILL(none, 0) > 0, FILL(none, 0) / none * 100, 0)", 0.0),
        ("SUM([m1, m2, none])", 9.0),
        ("SUM(METRICS())", 9.0),
        ('SUM(METRICS("m"))', 9.0),
        ("MAX([FILL(none, 7), m1])", 7.0),
        ("AVG([m1, m2])", 4.5),
        ("AVG([m1, m2, none])", 3.0),  # "Missing values are treated as 0"
        ("SUM(FILL(METRICS(), 1))", 10.0),
        ("SUM(-[m1, m2])", -9.0),
        ("SUM(METRICS() * 100)", 900.0),
        ("m1 / PERIOD(m1)", 0.1),
        # "Missing values in a time series are treated as 0"
        ("m1 + none", 6.0),
        ("none - m1", -6.0),
        ("none < m1", 1.0),
    ],
)
def test_an_expression_has_the_value_that_cloudwatch_gives_it(expression: str, value: float | None) -> None:
    assert evaluate(expression, METRICS, period=60) == [value]


@pytest.mark.parametrize("expression", ["none + 1", "m1 / zero", "m1 / none", "IF(none, 1, 2)", "SUM([none])", "-none"])
def test_what_is_computed_from_nothing_or_divided_by_zero_is_nothing(expression: str) -> None:
    """ "If the value of a data point causes a function to attempt to divide by zero, the data point is dropped"."""
    assert evaluate(expression, METRICS, period=60) == [None]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("metric1 < metric2", [0, 0, 1, 0]),
        ("metric1 >= 30", [1, 0, 0, 0]),
        ("metric1 > 15 AND metric2 > 15", [1, 0, 0, 0]),
    ],
)
def test_comparisons_are_those_of_the_guides_table(expression: str, values: list[Value]) -> None:
    metrics: dict[str, list[Value]] = {"metric1": [30, 20, 0, 0], "metric2": [20, None, 20, None]}
    assert evaluate(expression, metrics, period=60) == values


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("IF(metric1, metric2, metric3)", [30, 0, 20, None, None]),
        ("IF(metric1, 5, metric3)", [5, 5, 20, None, None]),
        ("IF(metric1, metric2, 5)", [30, 0, 5, 5, None]),
    ],
)
def test_choices_are_those_of_the_guides_tables(expression: str, values: list[Value]) -> None:
    metrics: dict[str, list[Value]] = {
        "metric1": [1, 1, 0, 0, None],
        "metric2": [30, None, 0, 0, 30],
        "metric3": [0, 0, 20, None, 20],
    }
    assert evaluate(expression, metrics, period=60) == values


def test_a_difference_is_to_the_value_before() -> None:
    """ "Returns the difference between each value in the time series and the preceding value from that time series"."""
    assert evaluate("DIFF(m)", {"m": [5, 7, None, 4]}, period=300) == [None, 2, None, -3]


def test_a_rate_is_the_difference_by_the_seconds_between_the_two_values() -> None:
    """ "divided by the time difference in seconds between the two values"."""
    assert evaluate("RATE(m)", {"m": [0, 600, None, 0]}, period=300) == [None, 2, None, -1]


def test_all_metrics_are_no_expressions() -> None:
    """ "The METRICS() function returns all the metrics in the request. Math expressions aren't included."""
    assert evaluate("SUM(METRICS()) + e1", METRICS, period=60, computed={"e1": [1.0]}) == [10.0]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("m3", "no metric has the id 'm3'"),
        ("m1 +", "found the end"),
        ("m1 m2", "unexpected 'm2'"),
        ("ANOMALY_DETECTION_BAND(m1, 2)", "ANOMALY_DETECTION_BAND with 2 arguments is not supported here"),
        ("SUM(m1)", "SUM with 1 arguments is not supported here"),
        ("[m1, m2]", "is a number or an array"),
        ("1 + 1", "is a number or an array"),
        ("m1 + 1 / 0", "divides a number by zero"),
        ("[m1] + [m2]", "between two arrays"),
        ("IF(1, 2, 3)", "IF needs a time series"),
        ("m1 ? m2", "cannot read"),
    ],
)
def test_an_expression_that_is_not_understood_says_so(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message.replace("(", r"\(").replace("?", r"\?")):
        evaluate(expression, METRICS, period=60)
