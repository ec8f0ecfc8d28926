"""Truth tables of "Configuring how CloudWatch alarms treat missing data": `-` missing, `0` fine, `X` breaching."""

import pytest

from local_aws.alarms.alarm import EXTRA_PERIODS, Alarm, Metric, Read
from local_aws.alarms.evaluation import MissingData, State, decide
from local_aws.alarms.periods import bins, last_boundary
from local_aws.values import InvalidValueError, Json, Properties

POINTS = {"-": None, "0": False, "X": True}
TREATMENTS: tuple[MissingData, ...] = ("missing", "ignore", "breaching", "notBreaching")
KEEP: State = "INSUFFICIENT_DATA"  # what the alarm was before, so that "retain" can be told from a decision

ALL = ("ALARM", "ALARM", "ALARM", "ALARM")
FINE = ("OK", "OK", "OK", "OK")


@pytest.mark.parametrize(
    ("points", "states"),
    [
        ("0-X-X", FINE),
        ("----0", FINE),
        ("-----", ("INSUFFICIENT_DATA", KEEP, "ALARM", "OK")),
        ("0XX-X", ALL),
        ("--X--", ("ALARM", KEEP, "ALARM", "OK")),
    ],
)
def test_three_of_three_datapoints(points: str, states: tuple[State, ...]) -> None:
    breaching = [POINTS[point] for point in points]
    found = tuple(decide(breaching, periods=3, datapoints=3, missing=one, current=KEEP) for one in TREATMENTS)
    assert found == states


@pytest.mark.parametrize(
    ("points", "states"),
    [
        ("0-X-X", ALL),
        ("00X0X", ALL),
        ("0-X--", ("OK", "OK", "ALARM", "OK")),
        ("----0", ("OK", "OK", "ALARM", "OK")),
        ("----X", ("ALARM", KEEP, "ALARM", "OK")),
    ],
)
def test_two_of_three_datapoints(points: str, states: tuple[State, ...]) -> None:
    breaching = [POINTS[point] for point in points]
    found = tuple(decide(breaching, periods=3, datapoints=2, missing=one, current=KEEP) for one in TREATMENTS)
    assert found == states


def errors(**changes: Json) -> Properties:
    alarm: dict[str, Json] = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "api"}, {"Name": "ExecutedVersion", "Value": "2"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    return Properties({**alarm, **changes})


def test_an_alarm_asks_for_exactly_its_own_dimensions() -> None:
    asked: list[Metric] = []

    def read(metric: Metric, periods: int) -> list[float | None]:
        asked.append(metric)
        return [None] * periods

    assert Alarm.of(errors()).evaluate(read, "OK").state == "OK"
    assert [metric.dimensions for metric in asked] == [{"FunctionName": "api", "ExecutedVersion": "2"}]


def last(values: list[float | None]) -> Read:
    """Answer the last of these values, and nothing for the periods before them."""
    return lambda _, periods: ([None] * periods + values)[-periods:]


def test_one_error_in_either_minute_is_an_alarm() -> None:
    assert Alarm.of(errors()).evaluate(last([1.0, 0.0]), "OK").state == "ALARM"


def test_an_alarm_looks_at_more_periods_than_its_own_while_data_are_missing() -> None:
    """ "CloudWatch alarms may repeatedly re-evaluate the last set of data points for a period of time after the metric
    has stopped flowing".
    """
    alarm = Alarm.of(errors(EvaluationPeriods=1))
    assert [alarm.evaluate(last([1.0, *[None] * minutes]), "OK").state for minutes in range(4)] == [
        *["ALARM"] * (1 + EXTRA_PERIODS),
        "OK",
    ]
    assert alarm.evaluate(last([1.0, None]), "OK", extra=0).state == "OK"


@pytest.mark.parametrize(("values", "state"), [([5.0, 5.0], "OK"), ([5.0, 6.0], "ALARM"), ([6.0, 5.0], "OK")])
def test_an_alarm_on_growth_compares_with_the_value_before_its_own_periods(
    values: list[float | None], state: State
) -> None:
    depth: Json = {"Metric": {"Namespace": "AWS/SQS", "MetricName": "Depth"}, "Stat": "Maximum", "Period": 60}
    queries: Json = [{"Id": "grown", "Expression": "DIFF(m1)"}, {"Id": "m1", "MetricStat": depth, "ReturnData": False}]
    alarm = Alarm.of(
        errors(Metrics=queries, EvaluationPeriods=1, Threshold=0.0, ComparisonOperator="GreaterThanThreshold")
    )
    assert alarm.evaluate(last(values), "OK", extra=0).state == state


def test_an_alarms_periods_slide_unless_it_says_otherwise() -> None:
    """PutMetricAlarm, EvaluationWindow: "If you omit this parameter, the alarm uses a sliding window"."""
    assert not Alarm.of(errors()).wall_clock
    assert Alarm.of(errors(EvaluationWindow={"WallClockWindow": {"Timezone": "UTC"}})).wall_clock


def test_an_alarm_on_metric_math_computes_each_period() -> None:
    stat, calls = (
        Properties({"Metric": {"Namespace": "AWS/Lambda", "MetricName": name}, "Stat": "Sum", "Period": 60})
        for name in ("Errors", "Invocations")
    )
    queries: Json = [
        {"Id": "rate", "Expression": "failed * 100"},
        {"Id": "failed", "Expression": "errors / calls", "ReturnData": False},
        {"Id": "errors", "MetricStat": dict(stat.values), "ReturnData": False},
        {"Id": "calls", "MetricStat": dict(calls.values), "ReturnData": False},
    ]
    alarm = Alarm.of(errors(Metrics=queries, Threshold=5.0))
    values = {"Errors": [0.0, 6.0], "Invocations": [100.0, 100.0]}
    verdict = alarm.evaluate(lambda metric, _: [*values[metric.name]], "OK", extra=0)
    assert verdict.state == "ALARM"
    assert verdict.values == (0.0, 6.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "only fixed thresholds"),
        ({"TreatMissingData": "perhaps"}, "TreatMissingData=perhaps"),
        ({"Metrics": [{"Id": "a", "Expression": "b"}, {"Id": "b", "Expression": "a"}]}, "exactly one query"),
        ({"Metrics": [{"Id": "a", "Expression": "1"}]}, "must have the same period"),
        (
            {"Metrics": [{"Id": "a", "Expression": "b"}, {"Id": "b", "Expression": "a", "ReturnData": False}]},
            "in a circle",
        ),
    ],
)
def test_an_alarm_that_cannot_be_evaluated_is_refused(changes: dict[str, Json], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Alarm.of(errors(**changes))


def test_a_point_belongs_to_the_period_that_begins_with_it_and_none_to_what_is_not_over() -> None:
    points = [{"Timestamp": at, "Value": 1.0} for at in (100.0, 179.0, 180.0, 239.9, 240.0, 241.0)]
    found = bins(points, end=240.0, period=60, periods=2)
    assert [[point["Timestamp"] for point in period] for period in found] == [[179.0], [239.9, 180.0]]


@pytest.mark.parametrize(("now", "boundary"), [(240.0, 240.0), (299.9, 240.0), (300.0, 300.0)])
def test_cloudwatchs_own_periods_begin_at_multiples_of_their_length(now: float, boundary: float) -> None:
    """CloudWatch User Guide, "Metrics concepts", "Periods"."""
    assert last_boundary(now, 60) == boundary
