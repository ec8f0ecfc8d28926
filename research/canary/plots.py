"""The simulation's results as pictures: small, and the same bytes for the same numbers."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .study import SHARES, Comparison
from .tables import DESIGNS, amount

_TITLES = ("deployment document", "ours, alarms alone", "ours with the gate")
_COLOURS = ("#b2443c", "#d99a2b", "#2f6f8f")


def draw(folder: Path, *, bad: Sequence[Comparison], good: Sequence[Comparison]) -> None:
    """Write canary-rollback.svg, canary-failed.svg and canary-false.svg."""
    with mpl.rc_context():
        # Text stays text, and the ids of an SVG do not depend on chance.
        mpl.rcParams["svg.fonttype"] = "none"
        mpl.rcParams["svg.hashsalt"] = "flux"
        figures = {"rollback": _rollback(bad), "failed": _failed(bad), "false": _false(good)}
        for name, figure in figures.items():
            path = folder / f"canary-{name}.svg"
            figure.savefig(path, metadata={"Date": None, "Creator": None}, bbox_inches="tight")
            # matplotlib ends some lines with a blank.
            path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def _rollback(bad: Sequence[Comparison]) -> Figure:
    """How probable the rollback is, by traffic and failing share."""
    figure = Figure(figsize=(9.5, 3))
    rates = sorted({each.scenario.requests_per_second for each in bad})
    by_place = {(each.scenario.requests_per_second, each.scenario.failing_share): each for each in bad}
    for number, ((_, outcome), title) in enumerate(zip(DESIGNS, _TITLES, strict=True)):
        axes = figure.add_subplot(1, 3, number + 1)
        shares = [[outcome(by_place[rate, share]).rolled_back for rate in rates] for share in SHARES]
        axes.imshow(shares, origin="lower", aspect="auto", cmap="RdYlGn", vmin=0, vmax=1, interpolation="nearest")
        for row, line in enumerate(shares):
            for column, share in enumerate(line):
                axes.text(column, row, f"{share * 100:.0f}", ha="center", va="center", fontsize=6)
        axes.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates], rotation=60)
        axes.set_yticks(range(len(SHARES)), [f"{share * 100:g} %" for share in SHARES] if number == 0 else [])
        axes.set_title(title)
        axes.set_xlabel("requests/s")
        if number == 0:
            axes.set_ylabel("requests that fail")
    figure.suptitle("Bad releases rolled back, % of runs", y=1.04)
    return figure


def _failed(bad: Sequence[Comparison]) -> Figure:
    """User requests that failed, by traffic, for a small and a great fault."""
    figure = Figure(figsize=(9.5, 3))
    for number, share in enumerate((0.05, 0.5)):
        chosen = [each for each in bad if each.scenario.failing_share == share]
        axes = figure.add_subplot(1, 2, number + 1)
        rates = [each.scenario.requests_per_second for each in chosen]
        for (_, outcome), title, colour in zip(DESIGNS, _TITLES, _COLOURS, strict=True):
            # On a logarithmic scale nothing is drawn as a tenth of a request.
            failed = [max(outcome(each).failed, 0.1) for each in chosen]
            axes.plot(rates, failed, marker="o", markersize=3, color=colour, label=title)
            axes.annotate(amount(outcome(chosen[-1]).failed), (rates[-1], failed[-1]), fontsize=6)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_title(f"{share * 100:g} % of requests fail")
        _label(axes, "user requests failed, mean")
    return figure


def _false(good: Sequence[Comparison]) -> Figure:
    """Good releases that were rolled back."""
    figure = Figure(figsize=(5, 3))
    axes = figure.add_subplot()
    rates = [each.scenario.requests_per_second for each in good]
    for (_, outcome), title, colour in zip(DESIGNS, _TITLES, _COLOURS, strict=True):
        shares = [max(outcome(each).rolled_back * 100, 0.01) for each in good]
        axes.plot(rates, shares, marker="o", markersize=3, color=colour, label=title)
    axes.axhline(0.5, color="grey", linewidth=0.8, linestyle="--")
    axes.set_xscale("log")
    axes.set_yscale("log")
    _label(axes, "good releases rolled back, %")
    return figure


def _label(axes: Axes, what: str) -> None:
    axes.set_xlabel("requests/s")
    axes.set_ylabel(what)
    axes.grid(visible=True, linewidth=0.3)
    axes.legend(fontsize=7)
