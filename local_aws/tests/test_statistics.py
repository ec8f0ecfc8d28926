"""The value of a period, by "CloudWatch statistics definitions"."""

from statistics import quantiles

import pytest

from local_aws.alarms.statistics import statistic

LATENCIES = ((100.0, 2.0), (300.0, 1.0), (2000.0, 1.0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Sum", 2500.0),
        ("SampleCount", 4.0),
        ("Average", 625.0),
        ("Minimum", 100.0),
        ("Maximum", 2000.0),
        ("PR(:300)", 75.0),  # "the percentage of data points that have a value of 300 or less"
        ("PR(300:)", 25.0),
        ("PR(100:2000)", 50.0),
    ],
)
def test_a_statistic_is_as_the_guide_defines_it(name: str, value: float) -> None:
    assert statistic(name, LATENCIES) == value


def test_neighbouring_ranks_make_a_histogram() -> None:
    """ "Percentile rank enables you to put values into bins of ranges": PR(:1), PR(1:5), PR(5:10) and PR(10:)."""
    bins = [statistic(name, LATENCIES) or 0 for name in ("PR(:100)", "PR(100:300)", "PR(300:2000)", "PR(2000:)")]
    assert bins == [50.0, 25.0, 25.0, 0.0]


@pytest.mark.parametrize("percent", [1, 50, 95, 99])
def test_a_percentile_is_what_the_standard_library_makes_of_it(percent: int) -> None:
    values = [value for value, count in LATENCIES for _ in range(int(count))]
    expected = quantiles(values, n=100, method="inclusive")[percent - 1]
    assert statistic(f"p{percent}", LATENCIES) == pytest.approx(expected)


def test_a_period_without_values_has_no_statistic() -> None:
    assert statistic("PR(:300)", ()) is None


@pytest.mark.parametrize("name", ["tm90", "PR(:)", "IQM"])
def test_a_statistic_that_is_not_known_here_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="are known here"):
        statistic(name, LATENCIES)
