"""Releases that answer, but slowly: what the latency alarm and the gate see of them."""

import numpy as np
import numpy.typing as npt

from ...compute.release_thresholds import GateRule, LatencyRule
from .alarms import first_decision
from .clock import Counts
from .traffic import Traffic

# A healthy version: half of the requests within 60 ms, 99 % within 300 ms, and a tail heavier than a log-normal's
# (log-logistic), which is hard on the alarm: slow requests happen by chance. Assumed; measure it and put it here.
MEDIAN_MILLISECONDS = 60.0
P99_MILLISECONDS = 300.0
_SHAPE = np.log(99) / np.log(P99_MILLISECONDS / MEDIAN_MILLISECONDS)

type Milliseconds = npt.NDArray[np.float64]


def latency_alarm(traffic: Traffic, rule: LatencyRule, *, factor: float, seed: int) -> Counts:
    """When the latency alarm fires, if every request of the new version takes `factor` times as long."""
    random = np.random.default_rng(seed)
    requests = traffic.clock.minutes(traffic.by_new_version(traffic.canary))
    slow = (_order_statistic(random, requests, 0.99) * factor > rule.p99_milliseconds) & (requests > 0)
    windows = np.lib.stride_tricks.sliding_window_view(slow, rule.minutes, axis=1).sum(axis=2) >= rule.breaching
    breaching = np.zeros_like(slow)
    breaching[:, rule.minutes - 1 :] = windows
    return first_decision(traffic, breaching)


def gate_finds_slow(runs: int, rule: GateRule, *, factor: float, seed: int) -> npt.NDArray[np.bool_]:
    """The runs in which the gate's median request is too slow."""
    requests = np.full(runs, rule.requests)
    median = _order_statistic(np.random.default_rng(seed), requests, 0.5) * factor
    return np.asarray(median > rule.median_milliseconds)


def _order_statistic(random: np.random.Generator, requests: Counts, quantile: float) -> Milliseconds:
    """The request that this share of `requests` does not exceed: its rank among uniform numbers is a Beta number."""
    count = np.maximum(requests, 1)
    rank = np.maximum(np.ceil(quantile * count), 1)
    uniform = random.beta(rank, count - rank + 1)
    return np.asarray(MEDIAN_MILLISECONDS * (uniform / (1 - uniform)) ** (1 / _SHAPE))
