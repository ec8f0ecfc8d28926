"""Periods of time that end now."""

from collections.abc import Mapping, Sequence

LATE_SECONDS = 60.0
"""Points stand in the order in which they came; one may carry a time that much before its neighbour's."""


def bins[Point: Mapping[str, float]](
    points: Sequence[Point], *, now: float, period: int, periods: int
) -> list[list[Point]]:
    """The points of the last `periods` periods of `period` seconds, the oldest period first.

    points: each with a `Timestamp` in seconds since the epoch; one in the future counts as of now.
    """
    found: list[list[Point]] = [[] for _ in range(periods)]
    for point in reversed(points):
        age = max(0.0, now - point["Timestamp"])
        if age >= period * periods + LATE_SECONDS:
            break
        index = int(age // period)
        if index < periods:
            found[periods - 1 - index].append(point)
    return found
