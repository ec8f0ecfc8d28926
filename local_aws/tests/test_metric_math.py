import pytest

from local_aws.alarms.metric_math import ExpressionError, evaluate

METRICS = {"m1": 6.0, "m2": 3.0, "none": None, "zero": 0.0}


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
        ("MAX([FILL(none, 7), m1])", 7.0),
        ("AVG([m1, m2])", 4.5),
        ("SUM(FILL(METRICS(), 1))", 10.0),
    ],
)
def test_an_expression_has_the_value_that_cloudwatch_gives_it(expression: str, value: float | None) -> None:
    assert evaluate(expression, METRICS) == value


@pytest.mark.parametrize("expression", ["none + 1", "m1 / zero", "IF(none, 1, 2)", "SUM([none])", "-none"])
def test_what_is_computed_from_nothing_is_nothing(expression: str) -> None:
    assert evaluate(expression, METRICS) is None


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("m3", "no metric has the id 'm3'"),
        ("m1 +", "found the end"),
        ("m1 m2", "unexpected 'm2'"),
        ("ANOMALY_DETECTION_BAND(m1, 2)", "ANOMALY_DETECTION_BAND with 2 arguments is not supported here"),
        ("[m1, m2]", "is an array"),
        ("m1 ? m2", "cannot read"),
    ],
)
def test_an_expression_that_is_not_understood_says_so(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message.replace("(", r"\(").replace("?", r"\?")):
        evaluate(expression, METRICS)
