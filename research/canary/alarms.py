"""The alarms that are compared: for every run, the slot at which the first of them fires."""

import numpy as np
import numpy.typing as npt

from flux_infra.config import FluxConfig

from .clock import Counts
from .traffic import Traffic

NEVER = np.iinfo(np.int64).max

# The deployment document's alarm: Sum(Errors) > 10 in 300 s, of the whole function.
DOCUMENT_ERRORS = 10
DOCUMENT_MINUTES = 5


def document_alarm(traffic: Traffic) -> Counts:
    """When the document's alarm fires; 0 where it already fires as the release begins and CodeDeploy refuses."""
    failures = traffic.clock.minutes(traffic.broken + traffic.background + traffic.others)
    return first_decision(traffic, _window(failures, DOCUMENT_MINUTES) > DOCUMENT_ERRORS)


def failure_alarms(traffic: Traffic, config: FluxConfig) -> Counts:
    """When the first of our alarms on failures of the executed version fires."""
    return first_decision(traffic, failing_minutes(traffic, config))


def failing_minutes(traffic: Traffic, config: FluxConfig) -> npt.NDArray[np.bool_]:
    """By run and minute, whether one of our alarms on failures of the executed version breaches."""
    failures = traffic.clock.minutes(traffic.by_new_version(traffic.broken + traffic.background))
    invocations = traffic.clock.minutes(traffic.by_new_version(traffic.canary))
    sustained = config.release_thresholds.sustained
    minutes = sustained.window_seconds // 60
    lasting = _window(failures, minutes) - sustained.tolerated_share * _window(invocations, minutes) >= sustained.count
    burst = (failures >= config.rollback_errors) & (100 * failures >= config.rollback_error_percent * invocations)
    return np.asarray(burst | lasting)


def _window(minutes: Counts, length: int) -> Counts:
    """At every minute, the sum over the last `length` minutes that are known."""
    total = np.cumsum(minutes, axis=1)
    earlier = np.zeros_like(total)
    earlier[:, length:] = total[:, :-length]
    return np.asarray(total - earlier)


def first_decision(traffic: Traffic, breaching: npt.NDArray[np.bool_]) -> Counts:
    """When an alarm that breaches in these minutes leads to a decision: 0 if it already fires, NEVER if it does not."""
    at = traffic.clock.decisions(breaching.shape[1])
    # An alarm that fires before the release is still firing when the next evaluation is due, which is after it.
    # Only the last evaluation before the release tells whether it fires then.
    latest = np.where(at <= 0, at, -NEVER).max(axis=1, keepdims=True)
    counted = np.where(breaching & (at >= latest), np.maximum(at, 0), NEVER)
    return np.asarray(counted.min(axis=1))
