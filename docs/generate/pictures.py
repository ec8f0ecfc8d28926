"""The pictures of docs/images that are drawn from the accepted surface."""

import hashlib
from collections.abc import Callable, Mapping

from . import data_way, layers, release_way

PICTURES: Mapping[str, Callable[[], str]] = {
    "stacks": layers.draw,
    "data-way": data_way.draw,
    "release-way": release_way.draw,
}


def stamp(graph: str) -> str:
    """Return the comment that says which graph an SVG was drawn from: a test compares it without drawing."""
    return f"<!-- drawn by make docs; graph {hashlib.sha256(graph.encode()).hexdigest()} -->\n"
