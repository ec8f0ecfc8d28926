"""Draws metrics over time: lines with gaps where there is no data, thresholds, axes on both sides, a legend."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .body import Graph, Side
from .card import BAD, LINE, PADDING, QUIET, Card, shortened, text_width
from .reading import Line

# CloudWatch's own order.
_COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf")
_SMALL = 6.5  # points
_LEGEND_ROW, _LEGEND_ROWS = 0.15, 3  # inches, and how many at most
_BETWEEN = 0.14  # names of a legend

# How far apart the times below a graph may be, the first that makes no more than so many.
_STEPS = [timedelta(minutes=minutes) for minutes in (1, 5, 10, 15, 30, 60, 120, 180, 360)]
_STEPS += [timedelta(days=days) for days in (1, 2, 7, 14, 30, 90)]
_TICKS = 6

_SCALE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def draw_graph(card: Card, graph: Graph, lines: Sequence[Line], *, begin: datetime, now: datetime) -> None:
    """Draw it on its card."""
    top = card.height - card.title(graph.title)
    colors = [line.color or _COLORS[place % len(_COLORS)] for place, line in enumerate(lines)]
    legend = list(_legend([line.label for line in lines], room=card.width - 2 * PADDING))
    sides: list[Side] = ["left", "right"] if any(line.side == "right" for line in lines) else ["left"]
    main = card.plot(
        left=0.5, right=0.5 if len(sides) > 1 else 0.15, below=0.27 + _LEGEND_ROW * len(legend), above=top + 0.02
    )
    for side in sides:
        axes = main if side == "left" else main.twinx()
        _scale(axes, graph, side)
        for line, color in zip(lines, colors, strict=True):
            if line.side == side:
                _draw_line(axes, line, color, begin)
        _thresholds(axes, graph, side, room=card.width - 0.7)
        _limits(axes, graph, side)
    _clock(main, begin, now)
    if not any(line.points for line in lines):
        main.text(0.5, 0.5, "no data", transform=main.transAxes, ha="center", va="center", fontsize=9, color=QUIET)
    for row, names in enumerate(legend):
        height = 0.11 + _LEGEND_ROW * (len(legend) - 1 - row)
        for x, place, name in names:
            if place is not None:
                card.write("■", x=PADDING + x, y=height, points=_SMALL, color=colors[place])
            card.write(name, x=PADDING + x + 0.1, y=height, points=_SMALL, color=QUIET)


def with_gaps(line: Line, *, begin: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield its points, and no number wherever a period is missing between two.

    The period that the graph begins in is drawn at its edge.
    """
    step = timedelta(seconds=line.period)
    before: datetime | None = None
    for at, value in sorted(line.points.items()):
        if before is not None and at - before > step:
            yield before + step, math.nan
        yield max(at, begin), value
        before = at


def amount(value: float) -> str:
    """A number as short as it can be read: 0.02, 500, 1.5k, 3G."""
    for unit, letter in _SCALE:
        if abs(value) >= unit:
            return f"{value / unit:.3g}{letter}"
    return f"{value:.3g}"


def _draw_line(axes: Axes, line: Line, color: str, begin: datetime) -> None:
    drawn = list(with_gaps(line, begin=begin))
    axes.plot([at.timestamp() for at, _ in drawn], [value for _, value in drawn], color=color, linewidth=1.2)
    # A line needs two points; one alone is a dot.
    known = [not math.isnan(value) for _, value in drawn]
    alone = [
        point
        for point, before, here, after in zip(drawn, [False, *known], known, [*known[1:], False], strict=False)
        if here and not before and not after
    ]
    axes.plot(
        [at.timestamp() for at, _ in alone],
        [value for _, value in alone],
        ".",
        color=color,
        markersize=4,
        clip_on=False,
    )


def _scale(axes: Axes, graph: Graph, side: Side) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.spines["bottom"].set_visible(side == "left")
    axes.spines["bottom"].set_color(LINE)
    if side == "left":
        axes.grid(axis="y", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=_SMALL, colors=QUIET, length=0, pad=3)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: amount(value)))
    if (axis := graph.y_axis.get(side)) and axis.label:
        axes.set_ylabel(axis.label, fontsize=_SMALL, color=QUIET)


def _thresholds(axes: Axes, graph: Graph, side: Side, *, room: float) -> None:
    for threshold in graph.annotations.horizontal:
        if threshold.y_axis == side:
            color = threshold.color or BAD
            axes.axhline(threshold.value, color=color, linewidth=0.9, linestyle=(0, (4, 2)))
            label = shortened(threshold.label, room, points=_SMALL - 0.5)
            axes.annotate(
                label,
                (1, threshold.value),
                xycoords=("axes fraction", "data"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="right",
                fontsize=_SMALL - 0.5,
                color=color,
                bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5},
            )


def _limits(axes: Axes, graph: Graph, side: Side) -> None:
    axis = graph.y_axis.get(side)
    low, high = axes.get_ylim()
    if axes.dataLim.height <= 0 and low < 0 < high:  # one value or none: matplotlib puts it in the middle
        low, high = 0, max(1, axes.dataLim.y1 * 1.2 if math.isfinite(axes.dataLim.y1) else 1)
    axes.set_ylim(
        axis.min if axis and axis.min is not None else low,
        axis.max if axis and axis.max is not None else high + (high - low) * 0.05,
    )


def _clock(axes: Axes, begin: datetime, now: datetime) -> None:
    axes.set_xlim(begin.timestamp(), now.timestamp())
    step = next((step for step in _STEPS if (now - begin) / step <= _TICKS), _STEPS[-1])
    first = datetime.fromtimestamp(-(-begin.timestamp() // step.total_seconds()) * step.total_seconds(), UTC)
    ticks = [first + step * place for place in range((now - first) // step + 1)]
    written = "%H:%M" if step < timedelta(days=1) else "%m-%d"
    axes.set_xticks([tick.timestamp() for tick in ticks], [f"{tick:{written}}" for tick in ticks])


def _legend(names: Sequence[str], *, room: float) -> Iterator[list[tuple[float, int | None, str]]]:
    """Yield rows of where a name begins, which line it is of, and the name; what does not fit is counted."""
    rows: list[list[tuple[float, int | None, str]]] = [[]]
    x = 0.0
    for place, name in enumerate(names):
        said = shortened(name, room - 0.1, points=_SMALL)
        width = 0.1 + text_width(said, points=_SMALL)
        if rows[-1] and x + width > room:
            if len(rows) == _LEGEND_ROWS:
                rows[-1][-1] = (rows[-1][-1][0], None, f"and {len(names) - place + 1} more")
                break
            rows.append([])
            x = 0.0
        rows[-1].append((x, place, said))
        x += width + _BETWEEN
    yield from (row for row in rows if row)
