"""Draws a dashboard as one picture, laid out as CloudWatch lays it out."""

import re
import textwrap
from datetime import UTC
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .body import Graph, GraphWidget, LogsWidget, StatesWidget, Widget, WordsWidget
from .card import BAD, COLUMN, GAP, GOOD, INK, LINE, PADDING, PAPER, QUIET, ROW, WARNING, Card, shortened
from .graph import amount, draw_graph
from .reading import AlarmState, Dashboard, Filled
from .times import said_time

_COLUMNS = 24
_MARGIN, _HEAD = 0.25, 0.55  # inches
_DOTS_PER_INCH = 110

_STATE_COLORS = {"OK": GOOD, "ALARM": BAD, "INSUFFICIENT_DATA": QUIET}
_STATE_POINTS, _STATE_ROW = 6.5, 0.138


def draw(dashboard: Dashboard, out: Path) -> None:
    """Write the picture; its kind follows from the file's name.

    Raises:
        OSError: there is no such folder, or nobody may write to it.
    """
    rows = max((filled.widget.y + filled.widget.height for filled in dashboard.widgets), default=1)
    width, height = _COLUMNS * COLUMN + 2 * _MARGIN, rows * ROW + _MARGIN + _HEAD
    with mpl.rc_context({"font.family": "DejaVu Sans", "svg.fonttype": "none"}):
        figure = Figure(figsize=(width, height), facecolor=PAPER, dpi=_DOTS_PER_INCH)
        now = dashboard.now.astimezone(UTC)
        figure.text(
            _MARGIN / width, 1 - 0.3 / height, dashboard.name, fontsize=14, weight="bold", color=INK, va="center"
        )
        figure.text(
            1 - _MARGIN / width,
            1 - 0.3 / height,
            f"{said_time(dashboard.since)} until {now:%Y-%m-%d %H:%M} UTC",
            fontsize=9,
            color=QUIET,
            ha="right",
            va="center",
        )
        for filled in dashboard.widgets:
            _fill(_card(figure, filled.widget), filled, dashboard)
        figure.savefig(out)


def _card(figure: Figure, widget: Widget) -> Card:
    width, height = figure.get_size_inches()
    left, below = _MARGIN + widget.x * COLUMN + GAP, height - _HEAD - (widget.y + widget.height) * ROW + GAP
    own_width, own_height = widget.width * COLUMN - 2 * GAP, widget.height * ROW - 2 * GAP
    axes = figure.add_axes((left / width, below / height, own_width / width, own_height / height))
    axes.set_xlim(0, own_width)
    axes.set_ylim(0, own_height)
    axes.axis("off")
    if not isinstance(widget, WordsWidget):
        axes.add_patch(Rectangle((0, 0), own_width, own_height, facecolor="white", edgecolor=LINE, linewidth=1))
    return Card(figure=figure, axes=axes, left=left, below=below, width=own_width, height=own_height)


def _fill(card: Card, filled: Filled, dashboard: Dashboard) -> None:
    match filled.widget:
        case WordsWidget(properties=words):
            _write_words(card, words.markdown)
        case GraphWidget(properties=shown) | LogsWidget(properties=shown) | StatesWidget(properties=shown) if (
            filled.why
        ):
            _write_why(card, shown.title, filled.why)
        case StatesWidget(properties=states):
            _write_states(card, states.title, list(filled.states))
        case GraphWidget(properties=graph) if graph.view == "singleValue":
            _write_values(card, graph, filled)
        case LogsWidget(properties=logs):
            graph = Graph.model_validate({"title": logs.title, "metrics": [], "yAxis": {"left": {"min": 0}}})
            draw_graph(card, graph, filled.lines, begin=filled.begin, now=dashboard.now)
        case GraphWidget(properties=graph):
            draw_graph(card, graph, filled.lines, begin=filled.begin, now=dashboard.now)


def _write_words(card: Card, markdown: str) -> None:
    """A heading, or a line in which links are only their names: a picture leads nowhere."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    heading = text.startswith("#")
    said = text.lstrip("# ")
    card.write(said, x=0, y=card.height / 2, points=12 if heading else 9, bold=heading, color=INK if heading else QUIET)


def _write_why(card: Card, title: str, why: str) -> None:
    top = card.title(title)
    letters = int((card.width - 2 * PADDING) / 0.062)
    lines = textwrap.wrap(f"Could not be read: {why}", letters)[: max(int(top / 0.15), 1)]
    for number, line in enumerate(lines):
        card.write(line, x=PADDING, y=top - 0.1 - number * 0.15, points=7, color=WARNING)


def _write_states(card: Card, title: str, states: list[AlarmState]) -> None:
    """The names in columns, those that fire first; their colour says the state, and a sign does where there is none."""
    firing = sum(state.state == "ALARM" for state in states)
    top = card.title(f"{title}: {firing} of {len(states)} fire")
    prefix = _shared([state.name for state in states])
    rows = max(int((top - 0.05) / _STATE_ROW), 1)
    columns = -(-len(states) // rows) or 1
    room = (card.width - 2 * PADDING) / columns
    order = ["ALARM", "INSUFFICIENT_DATA", "OK"]
    for place, state in enumerate(sorted(states, key=lambda each: order.index(each.state))):
        column, row = divmod(place, rows)
        sign = {"ALARM": "▲", "OK": "●"}.get(state.state, "○")
        name = shortened(f"{sign} {state.name.removeprefix(prefix)}", room, points=_STATE_POINTS)
        card.write(
            name,
            x=PADDING + column * room,
            y=top - 0.1 - row * _STATE_ROW,
            points=_STATE_POINTS,
            color=_STATE_COLORS[state.state],
            bold=state.state == "ALARM",
        )


def _shared(names: list[str]) -> str:
    """What all names begin with, up to its last '-'."""
    first, last = min(names, default=""), max(names, default="")
    same = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return first[:same].rpartition("-")[0] + "-" if "-" in first[:same] else ""


def _write_values(card: Card, graph: Graph, filled: Filled) -> None:
    """The last value of each metric, large, and what it is."""
    top = card.title(graph.title)
    room = card.width / max(len(filled.lines), 1)
    for place, line in enumerate(filled.lines):
        middle = room * (place + 0.5)
        value = amount(line.points[max(line.points)]) if line.points else "no data"
        known = bool(line.points)
        card.write(
            value, x=middle, y=top * 0.68, points=20 if known else 11, color=INK if known else QUIET, align="center"
        )
        for number, words in enumerate(textwrap.wrap(line.label, int((room - 0.1) / 0.054))[:3]):
            card.write(words, x=middle, y=top * 0.68 - 0.27 - number * 0.13, points=6.5, color=QUIET, align="center")
