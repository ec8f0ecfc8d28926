"""Releases that answer, but slowly: what the latency alarm and the gate see of them."""

import numpy as np
import numpy.typing as npt

from flux_infra.compute.release_thresholds import LatencyRule
from flux_infra.environments import PROD

from .alarms import first_decision
from .clock import Counts
from .traffic import Traffic

# A healthy version: no request within 40 ms, half of them within 60 ms, 99 % within 300 ms, and a tail heavier than a
# log-normal's (log-logistic), which is hard on the alarm: slow requests happen by chance. Assumed; measure it and put
# it here.
FLOOR_MILLISECONDS = 40.0
MEDIAN_MILLISECONDS = 60.0
P99_MILLISECONDS = 300.0
_SCALE = MEDIAN_MILLISECONDS - FLOOR_MILLISECONDS
_SHAPE = np.log(99) / np.log((P99_MILLISECONDS - FLOOR_MILLISECONDS) / _SCALE)

# The gate's comparison with the live version (lambdas/release_gate/gate.py): the fastest of so many answers to each
# paced check, and how much slower it may be. The api has two paced checks.
PACED_CHECKS = 2
PACE_REQUESTS = 5
PACE_FACTOR = 3.0
PACE_GRACE_MILLISECONDS = 30.0

type Milliseconds = npt.NDArray[np.float64]


def latency_alarm(traffic: Traffic, rule: LatencyRule, *, factor: float, seed: int) -> Counts:
    """When the latency alarm fires, if every request of the new version takes `factor` times as long."""
    random = np.random.default_rng(seed)
    requests = traffic.clock.minutes(traffic.by_new_version(traffic.canary))
    slow = (_order_statistic(random, requests, 0.99) * factor > PROD.functions.api.release_p99_seconds * 1_000) & (
        requests > 0
    )
    windows = np.lib.stride_tricks.sliding_window_view(slow, rule.minutes, axis=1).all(axis=2)
    breaching = np.zeros_like(slow)
    breaching[:, rule.minutes - 1 :] = windows
    return first_decision(traffic, breaching)


def gate_finds_slow(runs: int, *, factor: float, seed: int) -> npt.NDArray[np.bool_]:
    """The runs in which the gate finds one of the paced checks slower than the live version's."""
    random = np.random.default_rng(seed)
    requests = np.full((runs, PACED_CHECKS), PACE_REQUESTS)
    live, new = (_order_statistic(random, requests, 0.0) * each for each in (1, factor))
    return np.asarray((new > PACE_FACTOR * live + PACE_GRACE_MILLISECONDS).any(axis=1))


def _order_statistic(random: np.random.Generator, requests: Counts, quantile: float) -> Milliseconds:
    """The request that this share of `requests` does not exceed: its rank among uniform numbers is a Beta number."""
    count = np.maximum(requests, 1)
    rank = np.maximum(np.ceil(quantile * count), 1)
    uniform = random.beta(rank, count - rank + 1)
    return np.asarray(FLOOR_MILLISECONDS + _SCALE * (uniform / (1 - uniform)) ** (1 / _SHAPE))
