"""The replay computes windows in bulk; what it finds is what the evaluator finds one moment after the other."""

from typing import cast

import numpy as np
import pytest

from local_aws.alarms import Alarm, Metric, Properties, State, statistic
from tests.infra.replay.replay import metric_states
from tests.infra.replay.series import MINUTES, Numbers, Recorded
from tests.infra.templates import Json

RANDOM = np.random.default_rng(7)


def alarm(expression: str, of: tuple[int, int], silent: str, **more: Json) -> Alarm:
    stat = {"Metric": {"Namespace": "Flux", "MetricName": "Depth"}, "Stat": "Maximum", "Period": 300}
    queries: list[Json] = [
        {"Id": "watched", "Expression": expression},
        {"Id": "depth", "MetricStat": cast("dict[str, Json]", stat), "ReturnData": False},
    ]
    return Alarm.of(
        Properties(
            {
                "Metrics": queries,
                "EvaluationPeriods": of[1],
                "DatapointsToAlarm": of[0],
                "Threshold": 4.0,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": silent,
                **more,
            }
        )
    )


def values_of(share: float) -> Numbers:
    """Values in this share of all minutes."""
    return np.where(RANDOM.random(MINUTES) < share, RANDOM.normal(0, 2, MINUTES), np.nan)


@pytest.mark.parametrize("silent", ["missing", "ignore", "breaching", "notBreaching"])
@pytest.mark.parametrize("of", [(1, 1), (2, 3)])
@pytest.mark.parametrize(("expression", "share"), [("2 * depth", 0.15), ("DIFF(depth)", 1.0)])
@pytest.mark.parametrize("window", [{}, {"EvaluationWindow": {"WallClockWindow": {"Timezone": "UTC"}}}])
def test_a_replayed_state_is_that_of_the_evaluator(
    of: tuple[int, int], silent: str, expression: str, share: float, window: dict[str, Json]
) -> None:
    tried, recorded = alarm(expression, of, silent, **window), Recorded.of(values_of(share))
    begin, end = 5000, 5100
    found = metric_states(tried, {"Flux Depth": recorded}, begin, end)
    state: State = "OK"
    for minute in range(begin, end):
        moment = (minute + 1) // 5 * 5 if tried.wall_clock else minute + 1

        def read(metric: Metric, count: int, moment: int = moment) -> list[float | None]:
            ends = moment - 5 * np.arange(count - 1, -1, -1)
            values = recorded.statistic(metric.statistic, ends, 5).tolist()
            return [None if np.isnan(value) else value for value in values]

        state = tried.evaluate(read, state).state
        assert found[minute - begin] == state


@pytest.mark.parametrize("name", ["Sum", "SampleCount", "Average", "Minimum", "Maximum"])
def test_a_windows_statistic_is_that_of_its_values(name: str) -> None:
    values = values_of(0.5)
    for end, minutes in ((600, 30), (5000, 360), (9000, 1440)):
        window = [(value, 1.0) for value in values[end - minutes : end].tolist() if not np.isnan(value)]
        assert Recorded.of(values).statistic(name, np.array([end]), minutes)[0] == pytest.approx(
            statistic(name, window)
        )


@pytest.mark.parametrize(("name", "tolerance"), [("PR(:1000)", 0.5), ("PR(200:1000)", 0.5), ("p50", 20), ("p95", 90)])
def test_a_windows_rank_is_that_of_as_many_random_durations(name: str, tolerance: float) -> None:
    number, median = np.full(MINUTES, 1000.0), np.full(MINUTES, 300.0)
    drawn = [(float(one), 1.0) for one in 300 * RANDOM.lognormal(0, 0.6, 50_000)]
    found = Recorded.times(number, median).statistic(name, np.array([600]), 5)[0]
    assert found == pytest.approx(statistic(name, drawn), abs=tolerance)
