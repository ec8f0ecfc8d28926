"""The value of a period: CloudWatch's statistics ("CloudWatch statistics definitions").

Trimmed means and their kin are not among them: nothing here asks for them.
"""

import re
from collections.abc import Callable, Mapping, Sequence

type Weighted = Sequence[tuple[float, float]]
"""Values, each with how often it was observed."""

_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)", re.IGNORECASE)
_RANK = re.compile(r"PR\((\d*\.?\d*):(\d*\.?\d*)\)")


def statistic(name: str, values: Weighted) -> float | None:
    """The values' statistic, like `Sum`, `p95` or `PR(:1000)`; None without values.

    Raises:
        ValueError: it is none of these.
    """
    seen = [(value, count) for value, count in values if count > 0]
    if not seen:
        return None
    if name in _SIMPLE:
        return _SIMPLE[name](seen)
    if match := _PERCENTILE.fullmatch(name):
        return _percentile(seen, float(match[1]))
    if (match := _RANK.fullmatch(name)) and (match[1] or match[2]):
        return _rank(seen, float(match[1] or "-inf"), float(match[2] or "inf"))
    raise ValueError(f"{name}: only {', '.join(_SIMPLE)}, percentiles like p95 and ranks like PR(:1000) are known here")


def _sum(values: Weighted) -> float:
    return sum(value * count for value, count in values)


def _count(values: Weighted) -> float:
    return sum(count for _, count in values)


_SIMPLE: Mapping[str, Callable[[Weighted], float]] = {
    "Sum": _sum,
    "SampleCount": _count,
    "Average": lambda values: _sum(values) / _count(values),
    "Minimum": lambda values: min(value for value, _ in values),
    "Maximum": lambda values: max(value for value, _ in values),
}


def _percentile(values: Weighted, percent: float) -> float:
    """Between the two nearest ranks, linearly, as if each value stood there as often as it was observed."""
    ordered = sorted(values)
    rank = percent / 100 * (_count(ordered) - 1)

    def at(index: int) -> float:
        seen = 0.0
        for value, count in ordered:
            seen += count
            if index < seen:
                return value
        return ordered[-1][0]

    low, part = at(int(rank)), rank - int(rank)
    return low + part * (at(int(rank) + 1) - low) if part else low


def _rank(values: Weighted, low: float, high: float) -> float:
    """The percentage of values up to `high`, and over `low`: neighbouring ranks share no value and leave none out.

    The guide says "between"; it says of fixed boundaries in general that the higher one is included and the lower is
    not, and makes a histogram of PR(:1), PR(1:5), PR(5:10) and PR(10:).
    """
    return 100 * _count([(value, count) for value, count in values if low < value <= high]) / _count(values)
