"""The game day as a picture: how long each incident hurt until on-call was told, and how soon all was well."""

import io
import json
from collections.abc import Mapping

import matplotlib as mpl
from matplotlib.figure import Figure

from .gameday import Held, read_gameday
from .pictures import stamp

_UNTOLD, _PAGE, _TICKET, _WELL = "#d9d9d9", "#b2443c", "#d99a2b", "#7fb3a0"


def draw() -> str:
    """Return docs/images/gameday.svg, the same bytes for the same day."""
    held = read_gameday()
    with mpl.rc_context():
        mpl.rcParams["svg.fonttype"] = "none"
        mpl.rcParams["svg.hashsalt"] = "flux"
        drawn = io.StringIO()
        _figure(held).savefig(drawn, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    lines = "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())  # matplotlib ends some with a blank
    return f"{lines}\n{stamp(day())}"


def day() -> str:
    """What the picture is drawn from."""
    return json.dumps(read_gameday())


def _figure(held: Mapping[str, Held]) -> Figure:
    figure = Figure(figsize=(9.5, 0.42 * len(held) + 1))
    axes = figure.add_subplot()
    for row, incident in enumerate(held.values()):
        told = next((each for each in incident["told"] if each["alarm"] == incident["alarm"]), None)
        after = told["after"] if told else 0.0
        if told:
            axes.barh(row, after, color=_UNTOLD)
            axes.plot(after, row, marker="D", color=_PAGE if told["severity"] == "page" else _TICKET)
        axes.barh(row, incident["well"], left=after, color=_WELL)
        label = told["alarm"] if told else "nobody is hurt, nobody is told"
        axes.annotate(f"  {label}", (after + incident["well"], row), va="center")
    axes.set_yticks(range(len(held)), list(held))
    axes.invert_yaxis()
    axes.set_xscale("symlog", linthresh=10)
    axes.set_xlim(0, 10_000)
    axes.set_xticks([0, 10, 60, 300, 900], ["0", "10 s", "1 min", "5 min", "15 min"])
    axes.set_xlabel("grey: until on-call is told (red: page, orange: ticket) · green: until all is well again")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure
