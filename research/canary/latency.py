"""Releases that answer, but slowly: what the latency alarm and the gate see of them."""

import numpy as np
import numpy.typing as npt

from flux_infra.config import FluxConfig
from flux_infra.config.release_thresholds import GateRule

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

# Checks of the api that the gate also sends to the live version, to compare (lambdas/release_gate/requests.py).
PACED_CHECKS = 2

type Milliseconds = npt.NDArray[np.float64]


def latency_alarm(traffic: Traffic, config: FluxConfig, *, factor: float, seed: int) -> Counts:
    """When the latency alarm fires, if every request of the new version takes `factor` times as long."""
    random = np.random.default_rng(seed)
    requests = traffic.clock.minutes(traffic.by_new_version(traffic.canary))
    objective, minutes = config.functions.api.release_p99_seconds, config.release_thresholds.latency.minutes
    slow = (_order_statistic(random, requests, 0.99) * factor > objective * 1_000) & (requests > 0)
    breaching = np.zeros_like(slow)
    breaching[:, minutes - 1 :] = np.lib.stride_tricks.sliding_window_view(slow, minutes, axis=1).all(axis=2)
    return first_decision(traffic, breaching)


def gate_finds_slow(runs: int, rule: GateRule, *, factor: float, seed: int) -> npt.NDArray[np.bool_]:
    """The runs in which the gate finds one of the paced checks slower than the live version's."""
    random = np.random.default_rng(seed)
    requests = np.full((runs, PACED_CHECKS), rule.pace_requests)
    live, new = (_order_statistic(random, requests, 0.0) * each for each in (1, factor))
    return np.asarray((new > rule.pace_factor * live + rule.pace_grace_ms).any(axis=1))


def _order_statistic(random: np.random.Generator, requests: Counts, quantile: float) -> Milliseconds:
    """The request that this share of `requests` does not exceed: its rank among uniform numbers is a Beta number."""
    count = np.maximum(requests, 1)
    rank = np.maximum(np.ceil(quantile * count), 1)
    uniform = random.beta(rank, count - rank + 1)
    return np.asarray(FLOOR_MILLISECONDS + _SCALE * (uniform / (1 - uniform)) ** (1 / _SHAPE))
