"""What of docs/ is made of lists: indexes, each page with its own title, and the answers to standards."""

from collections.abc import Callable, Mapping
from pathlib import Path

from .alarms import render_alarms
from .api import render_api
from .controls import render_controls
from .cost import render_cost
from .gameday import render_gameday
from .metrics import render_metrics
from .objectives import render_objectives
from .reliability import render_reliability

_DOCS = Path(__file__).parents[1]
_HEAD = "<!-- written by `make docs`; edit the pages, not this list -->\n"


def render_decisions() -> str:
    """Return docs/decisions/README.md."""
    return (
        f"{_HEAD}# Decisions\n\nOne page for each choice that a successor would question: what was decided, and why. "
        "A decision that no longer holds is corrected or removed in the commit that ends it.\n\n"
        + _list(_DOCS / "decisions", prefix="")
    )


def render_docs() -> str:
    """Return docs/README.md."""
    return (
        f"{_HEAD}# Documentation\n\nStart with [architecture](architecture.md). "
        "`make` and `./flux --help` list the commands.\n\n## Pages\n\n"
        + _list(_DOCS, prefix="")
        + "\n## Runbooks\n\nWhat to do, step by step, when something is wrong or must be undone.\n\n"
        + _list(_DOCS / "runbooks", prefix="runbooks/")
        + "\n## Decisions\n\n[Why things are as they are](decisions/README.md).\n"
    )


def _list(folder: Path, *, prefix: str) -> str:
    pages = sorted(page for page in folder.glob("*.md") if page.name != "README.md")
    return "".join(f"- [{_title(page)}]({prefix}{page.name})\n" for page in pages)


def _title(page: Path) -> str:
    lines = page.read_text().splitlines()
    return next(line.removeprefix("# ") for line in lines if line.startswith("# "))


INDEXES: Mapping[str, Callable[[], str]] = {
    "objectives.md": render_objectives,  # before the lists of pages
    "alarms.md": render_alarms,
    "decisions/README.md": render_decisions,
    "controls.md": render_controls,
    "metrics.md": render_metrics,
    "openapi.json": render_api,
    "cost.md": render_cost,
    "gameday.md": render_gameday,
    "reliability.md": render_reliability,
    "README.md": render_docs,  # last: it lists the others by their titles
}
