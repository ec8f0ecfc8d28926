"""From datapoints to an alarm's state ("Configuring how CloudWatch alarms treat missing data")."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

type State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
type MissingData = Literal["missing", "ignore", "breaching", "notBreaching"]

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
"""The comparisons with a fixed threshold; the others need anomaly detection, which nothing here has."""


def decide(
    breaching: Sequence[bool | None], *, periods: int, datapoints: int, missing: MissingData, current: State
) -> State:
    """The state of an M-out-of-N alarm.

    breaching: per period, the oldest first, whether its value breaches; None: there was none. May be longer than
        `periods`: the alarm then uses the latest that have a value.
    periods: N, how many datapoints are looked at. datapoints: M, how many of them must breach.
    """
    known = [point for point in breaching if point is not None][-periods:]
    count, gaps = sum(known), periods - len(known)
    if count >= datapoints:
        return "ALARM"
    if not known:
        # The whole range is missing.
        return {
            "missing": "INSUFFICIENT_DATA",
            "ignore": current,
            "breaching": "ALARM",
            "notBreaching": "OK",
        }[missing]
    if missing == "breaching":
        return "ALARM" if count + gaps >= datapoints else "OK"
    if missing == "notBreaching" or gaps == 0 or count < len(known):
        return "OK"
    # Too few datapoints, and every one of them breaches.
    return "ALARM" if missing == "missing" else current
