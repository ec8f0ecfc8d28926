"""From datapoints to periods."""

from collections.abc import Mapping, Sequence

LATE_SECONDS = 60.0
"""Points stand in the order in which they came; one may carry a time that much before its neighbour's."""


def last_boundary(now: float, period: int) -> float:
    """The end of the last period that is over at `now`; periods begin at multiples of their length. All in seconds."""
    return now // period * period


def bins[Point: Mapping[str, float]](
    points: Sequence[Point], *, end: float, period: int, periods: int
) -> list[list[Point]]:
    """The points of the last `periods` periods of `period` seconds before `end`, the oldest period first.

    points: each with a `Timestamp` in seconds since the epoch; those at `end` or later are in none of the periods.
    """
    found: list[list[Point]] = [[] for _ in range(periods)]
    for point in reversed(points):
        age = end - point["Timestamp"]
        if age >= period * periods + LATE_SECONDS:
            break
        # A point at the very beginning of a period is its first, so an age of exactly one period is still in the last.
        index = -int(-age // period) - 1
        if 0 <= index < periods:
            found[periods - 1 - index].append(point)
    return found
