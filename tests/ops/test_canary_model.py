"""The simulation of canary releases: what it computes is right, repeatable, and within the targets."""

import math

import numpy as np
import pytest

from flux_infra.environments import PROD, STAGING
from research.canary.__main__ import DOCUMENT, fill
from research.canary.alarms import NEVER, document_alarm, failure_alarms
from research.canary.clock import HISTORY, MINUTE, Clock
from research.canary.designs import (
    OUR_CANARY,
    alarms_only,
    document,
    gate_refuses,
    slow_release,
    with_gate,
)
from research.canary.study import (
    TARGET_RATES,
    TARGET_SHARES,
    bad_releases,
    good_releases,
    targets,
)
from research.canary.tables import design_table
from research.canary.traffic import LONGEST_CANARY, Scenario, Traffic

# The traffic at which good releases are most often rolled back: enough to see failures, too little to excuse them.
MOST_DOUBTFUL_RATES = (10, 15, 30, 100)


def make_traffic(rate: float, failing: float, *, background: float = 0.0, runs: int = 1_000, seed: int = 7) -> Traffic:
    scenario = Scenario(requests_per_second=rate, failing_share=failing, background_share=background)
    return Traffic.draw(scenario, runs=runs, seed=seed)


def test_our_design_meets_all_three_targets() -> None:
    bad = bad_releases(TARGET_RATES, TARGET_SHARES, runs=500)
    good = good_releases(MOST_DOUBTFUL_RATES, runs=4_000)
    ours, alarms = targets(bad, good)
    assert ours.rolled_back >= 0.99
    assert ours.failed_ratio <= 0.2
    assert ours.false_rollbacks <= 0.005
    assert alarms.rolled_back >= 0.98
    assert alarms.failed_ratio > ours.failed_ratio


def test_production_releases_as_was_simulated() -> None:
    for config in (PROD, STAGING):
        assert config.traffic_shift == f"CANARY_10PERCENT_{OUR_CANARY // MINUTE}MINUTES"


def test_the_same_seed_gives_the_same_result_and_another_seed_another() -> None:
    assert bad_releases((2,), (0.1,), runs=200) == bad_releases((2,), (0.1,), runs=200)
    assert not np.array_equal(make_traffic(2, 0.1, seed=7).canary, make_traffic(2, 0.1, seed=8).canary)


def test_a_release_that_fails_nothing_costs_nothing_and_stays() -> None:
    traffic = make_traffic(100, 0.0)
    for outcome in (document(traffic), alarms_only(traffic, PROD)):
        assert (outcome.rolled_back, outcome.failed, outcome.median_seconds) == (0, 0, None)
    assert with_gate(traffic, PROD, seed=1).rolled_back == 0


def test_a_release_that_fails_everything_never_passes_the_gate() -> None:
    outcome = with_gate(make_traffic(3_000, 1.0, runs=50), PROD, seed=1)
    assert (outcome.rolled_back, outcome.failed, outcome.median_seconds) == (1, 0, 0)


def test_a_release_that_nothing_stops_fails_its_share_of_half_an_hour() -> None:
    traffic = make_traffic(0.1, 0.2, runs=20_000)
    outcome = document(traffic)
    assert outcome.rolled_back == 0
    # A tenth of the traffic for five minutes, then all of it for twenty-five.
    assert outcome.failed == pytest.approx(0.1 * 0.2 * (0.1 * 300 + 1_500), rel=0.01)


def test_the_gate_refuses_as_the_binomial_distribution_says() -> None:
    rule, failing = PROD.release_thresholds.gate, 0.02
    refused = gate_refuses(make_traffic(1, failing, runs=50_000), rule, seed=3).mean()
    # Fewer failures than refuse, and none of them twice in a row.
    passed = sum(
        math.comb(rule.requests, failures)
        * (failing * (1 - failing)) ** failures
        * (1 - failing) ** (rule.requests - failures)
        for failures in range(rule.refused_at)
    )
    assert refused == pytest.approx(1 - passed, abs=0.01)


def test_one_failure_alone_rolls_nothing_back_and_a_burst_does() -> None:
    quiet = make_traffic(0, 0, runs=1)
    for failures, expected in ((1, False), (10, True)):
        quiet.canary[:] = 0
        quiet.broken[:] = 0
        quiet.canary[0, HISTORY + 1] = quiet.broken[0, HISTORY + 1] = failures
        assert (failure_alarms(quiet, PROD)[0] != NEVER) == expected


def test_no_alarm_fires_before_its_datapoint_can_have_appeared() -> None:
    traffic = make_traffic(1_000, 1.0, runs=500)
    fired = failure_alarms(traffic, PROD)
    until_the_minute_ends = MINUTE - traffic.clock.phase
    assert (fired >= until_the_minute_ends + 3).all()
    assert (fired <= until_the_minute_ends + 9 + MINUTE).all()


def test_minutes_are_the_clocks_and_not_the_releases() -> None:
    slots = np.arange(HISTORY + LONGEST_CANARY + MINUTE, dtype=np.int64)[None, :]
    clock = Clock(phase=np.array([2]), decided=np.array([10]))
    minute_of_release = clock.minutes(slots)[0, HISTORY // MINUTE - 1]
    assert minute_of_release == slots[0, HISTORY - 2 : HISTORY + 4].sum()
    assert clock.decisions(8)[0].tolist()[HISTORY // MINUTE - 1 :] == [10, 16, 22]


def test_what_the_old_version_fails_deafens_the_documents_alarm_and_not_ours() -> None:
    traffic = make_traffic(580, 0.0, background=0.001, runs=300)
    assert (document_alarm(traffic) == 0).all()
    assert (failure_alarms(traffic, PROD) == NEVER).mean() > 0.99


def test_ten_times_as_slow_is_caught_and_twice_as_slow_is_within_the_promise() -> None:
    traffic = make_traffic(300, 0.0, runs=300)
    ten, two = (slow_release(traffic, PROD, factor=factor, seed=1, gated=False).rolled_back for factor in (10, 2))
    assert ten > 0.99
    assert two < 0.01


def test_tables_go_where_the_document_has_marks_for_them() -> None:
    assert fill("a\n<!-- x -->\nold\n<!-- end -->\nb\n", {"x": "| new |"}) == (
        "a\n<!-- x -->\n\n| new |\n\n<!-- end -->\nb\n"
    )
    with pytest.raises(ValueError, match="<!-- y -->"):
        fill("a", {"y": ""})


def test_the_document_states_the_thresholds_that_are_deployed() -> None:
    text = DOCUMENT.read_text()
    assert fill(text, {"designs": design_table(PROD)}) == text
