"""Small graphs as SVG's numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 360, 48, 2


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar, in the units of WIDTH and HEIGHT; y counts from above."""

    x: float
    y: float
    width: float
    height: float


def bars(values: Sequence[float]) -> tuple[Bar, ...]:
    """A bar for each value above 0, the greatest as high as the graph; the least is still seen."""
    most = max(values, default=0)
    step = WIDTH / max(len(values), 1)
    heights = [max(HEIGHT * value / most, 1.5) if value > 0 else 0 for value in values]
    return tuple(
        Bar(x=round(place * step, 2), y=round(HEIGHT - height, 2), width=round(step - GAP, 2), height=round(height, 2))
        for place, height in enumerate(heights)
        if height
    )
