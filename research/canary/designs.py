"""The three designs, and what becomes of a release in each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flux_infra.config import FluxConfig
from flux_infra.config.release_thresholds import GateRule

from .alarms import NEVER, document_alarm, failure_alarms
from .clock import HISTORY, MINUTE, REACTION, SLOT_SECONDS, Counts
from .latency import gate_finds_slow, latency_alarm
from .traffic import Traffic

DOCUMENT_CANARY = 5 * MINUTE  # slots: CodeDeployDefault.LambdaCanary10Percent5Minutes
OUR_CANARY = 10 * MINUTE  # slots: CodeDeployDefault.LambdaCanary10Percent10Minutes

# What a release that nothing has stopped does to users: all of them have it until a person, told by an alarm or by
# customers, rolls it back. The same half hour after the release's beginning for every design.
PERSON = 30 * MINUTE  # slots


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of many releases in one design.

    rolled_back: share of runs that were rolled back before all traffic had moved.
    blocked: share of runs in which the alarm already fired as the release began, so that nothing was released at all.
    median_seconds: until the rollback, of those rolled back; None where there is none.
    failed: mean of the user requests that failed because of the release.
    """

    rolled_back: float
    blocked: float
    median_seconds: float | None
    failed: float


def document(traffic: Traffic) -> Outcome:
    """10 % for five minutes, one alarm on the whole function."""
    return _judge(traffic, fired=document_alarm(traffic), canary=DOCUMENT_CANARY)


def alarms_only(traffic: Traffic, config: FluxConfig, *, canary: int = OUR_CANARY) -> Outcome:
    """Our canary and our alarms on the executed version, without the gate."""
    return _judge(traffic, fired=failure_alarms(traffic, config), canary=canary)


def slow_release(traffic: Traffic, config: FluxConfig, *, factor: float, seed: int, gated: bool) -> Outcome:
    """A release that fails nothing and takes `factor` times as long, in our design with or without the gate."""
    fired = latency_alarm(traffic, config, factor=factor, seed=seed)
    if gated:
        refused = gate_finds_slow(traffic.runs, config.release_thresholds.gate, factor=factor, seed=seed + 1)
        fired = np.where(refused, -1, fired)
    return _judge(traffic, fired=fired, canary=OUR_CANARY)


def good_release(traffic: Traffic, config: FluxConfig, *, seed: int, gated: bool) -> Outcome:
    """A release that changes nothing, before everything in our design that could roll it back."""
    fired = np.minimum(failure_alarms(traffic, config), latency_alarm(traffic, config, factor=1, seed=seed))
    if gated:
        slow = gate_finds_slow(traffic.runs, config.release_thresholds.gate, factor=1, seed=seed + 1)
        fired = np.where(slow | gate_refuses(traffic, config.release_thresholds.gate, seed=seed + 2), -1, fired)
    return _judge(traffic, fired=fired, canary=OUR_CANARY)


def with_gate(traffic: Traffic, config: FluxConfig, *, seed: int, canary: int = OUR_CANARY) -> Outcome:
    """Ours as a whole, for a fault that the gate's requests meet as often as users' requests do."""
    refused = gate_refuses(traffic, config.release_thresholds.gate, seed=seed)
    fired = np.where(refused, -1, failure_alarms(traffic, config))
    return _judge(traffic, fired=fired, canary=canary)


def gate_refuses(traffic: Traffic, rule: GateRule, *, seed: int) -> npt.NDArray[np.bool_]:
    """The runs in which the gate meets enough failures."""
    scenario = traffic.scenario
    failing = 1 - (1 - scenario.failing_share) * (1 - scenario.background_share)
    random = np.random.default_rng(seed)
    failures = random.binomial(rule.requests, failing, traffic.runs)
    again = random.binomial(failures, failing)
    return np.asarray((failures >= rule.refused_at) | (again > 0))


def _judge(traffic: Traffic, *, fired: Counts, canary: int) -> Outcome:
    blocked = fired == 0
    stopped_at = np.where(fired <= 0, 0, np.where(fired == NEVER, NEVER - REACTION, fired) + REACTION)
    caught = stopped_at < canary
    end = np.minimum(stopped_at, canary)
    so_far = np.concatenate(
        [np.zeros((traffic.runs, 1), dtype=np.int64), np.cumsum(traffic.broken[:, HISTORY:], axis=1)], axis=1
    )
    during = np.take_along_axis(so_far, end[:, None], 1)[:, 0].astype(np.float64)
    scenario = traffic.scenario
    # After the canary in expectation only: drawing what nobody watches any more would change no mean.
    everything = scenario.requests_per_second * scenario.failing_share * (PERSON - canary) * SLOT_SECONDS
    seconds = stopped_at[caught] * SLOT_SECONDS
    return Outcome(
        rolled_back=float(caught.mean()),
        blocked=float(blocked.mean()),
        median_seconds=float(np.median(seconds)) if seconds.size else None,
        failed=float((during + np.where(caught, 0.0, everything)).mean()),
    )
