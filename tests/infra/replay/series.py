"""What a metric recorded minute by minute, and its statistics over windows that end at any minute."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.float64]

DAY = 24 * 60
LEAD = 3 * DAY
"""Minutes before the week: what alarms look back upon at its beginning."""
MINUTES = LEAD + 7 * DAY

EDGES: Numbers = np.concatenate([[0.0], np.geomspace(1, 1e8, 81)])
"""Boundaries of the classes in which distributions are kept: powers of ten (1000 ms among them) and 9 between each."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Each minute's number of observations, their sum, least and greatest; a minute without any is missing.

    spread: how many observations of each minute lie between EDGES, if distributions matter.
    """

    count: Numbers
    total: Numbers
    low: Numbers
    high: Numbers
    spread: Numbers | None = None

    @classmethod
    def of(cls, values: Numbers) -> Self:
        """One observation a minute; NaN: none. A count of events whose sum matters is one, too."""
        known = ~np.isnan(values)
        filled = np.where(known, values, 0.0)
        return cls(
            count=known.astype(float),
            total=filled,
            low=np.where(known, values, np.inf),
            high=np.where(known, values, -np.inf),
        )

    @classmethod
    def shares(cls, number: Numbers, share: Numbers) -> Self:
        """So many observations, of which this share is 1 and the others are 0: failures among requests."""
        hits = np.minimum(np.round(number * share), number)
        none = number == 0
        return cls(
            count=number,
            total=hits,
            low=np.where(none, np.inf, (hits == number).astype(float)),
            high=np.where(none, -np.inf, (hits > 0).astype(float)),
        )

    @classmethod
    def times(cls, number: Numbers, median: Numbers, *, spread: float = 0.6) -> Self:
        """So many durations, log-normal around a median that may change. spread: sigma of their logarithm."""
        with np.errstate(divide="ignore"):
            steps = (np.log(EDGES)[None, :] - np.log(median)[:, None]) / spread
        classes = np.diff(_normal(steps), axis=1) * number[:, None]
        mean = median * np.exp(spread**2 / 2)
        none = number == 0
        return cls(
            count=number,
            total=number * mean,
            low=np.where(none, np.inf, median * np.exp(-3 * spread)),
            high=np.where(none, -np.inf, median * np.exp(3 * spread)),
            spread=classes,
        )

    def __add__(self, other: Self) -> "Recorded":
        """What both observed, as one metric."""
        return Recorded(
            count=self.count + other.count,
            total=self.total + other.total,
            low=np.minimum(self.low, other.low),
            high=np.maximum(self.high, other.high),
            spread=None if self.spread is None or other.spread is None else self.spread + other.spread,
        )

    def statistic(self, name: str, ends: NDArray[np.int64], minutes: int) -> Numbers:
        """The statistic over the `minutes` minutes before each of `ends`; NaN where nothing was observed."""
        begins = np.maximum(ends - minutes, 0)
        count = self._summed[0][ends] - self._summed[0][begins]
        total = self._summed[1][ends] - self._summed[1][begins]
        with np.errstate(divide="ignore", invalid="ignore"):
            match name:
                case "Sum":
                    found = total
                case "SampleCount":
                    found = count
                case "Average":
                    found = total / count
                case "Minimum" | "Maximum":
                    found = self._extreme(name, ends, minutes)
                case _:
                    found = self._ranked(name, ends, begins, count)
        return np.where(count > 0, found, np.nan)

    @cached_property
    def _summed(self) -> tuple[Numbers, Numbers]:
        count, total = (np.concatenate([[0.0], np.cumsum(one)]) for one in (self.count, self.total))
        return count, total

    @cached_property
    def _spread_summed(self) -> Numbers:
        if self.spread is None:
            raise AssertionError("a percentile of a metric whose distribution the week does not keep")
        return np.concatenate([np.zeros((1, self.spread.shape[1])), np.cumsum(self.spread, axis=0)])

    def _extreme(self, name: str, ends: NDArray[np.int64], minutes: int) -> Numbers:
        values, worst, reduce = (self.low, np.inf, np.min) if name == "Minimum" else (self.high, -np.inf, np.max)
        padded = np.concatenate([np.full(minutes, worst), values])
        windows = np.lib.stride_tricks.sliding_window_view(padded, minutes)[ends]
        return np.asarray(reduce(windows, axis=1))

    def _ranked(self, name: str, ends: NDArray[np.int64], begins: NDArray[np.int64], count: Numbers) -> Numbers:
        """pNN and PR(low:high), read off the classes: exact at their boundaries, linear between them."""
        below = np.concatenate(
            [np.zeros((len(ends), 1)), np.cumsum(self._spread_summed[ends] - self._spread_summed[begins], axis=1)],
            axis=1,
        )
        if name.startswith("PR("):
            low, _, high = name[3:-1].partition(":")
            upper, lower = (
                _at(below, float(edge)) if edge else default
                for edge, default in ((high, below[:, -1]), (low, np.zeros(len(ends))))
            )
            return 100 * (upper - lower) / count
        wanted = float(name[1:]) / 100 * below[:, -1]
        return np.array([np.interp(rank, row, EDGES) for rank, row in zip(wanted, below, strict=True)])


def _at(below: Numbers, value: float) -> Numbers:
    return np.array([np.interp(value, EDGES, row) for row in below])


def _normal(steps: Numbers) -> Numbers:
    """The normal distribution, to four digits (a logistic curve fitted to it)."""
    return 1 / (1 + np.exp(-np.clip(1.5976 * steps + 0.070566 * steps**3, -700, 700)))
