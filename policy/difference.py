"""The difference between what was accepted and what is written."""

from collections.abc import Mapping
from pathlib import Path

from .accepted import FOLDER, read_accepted
from .changes.consequence import Consequence
from .changes.difference import changes
from .changes.rows import Row, rows

__all__ = ["Consequence", "Row", "differences", "from_accepted"]


def differences(before: frozenset[str], after: frozenset[str]) -> list[Row]:
    """Return what differs between two surfaces of one environment, the worst first; harmless rows included."""
    return rows({"": changes(before, after)})


def from_accepted(surfaces: Mapping[str, frozenset[str]], folder: Path = FOLDER) -> tuple[list[Row], list[str]]:
    """Return what differs from the accepted surfaces, the worst first, and the environments that have none yet."""
    accepted = {name: read_accepted(name, folder) for name in surfaces}
    known = {name: lines for name, lines in accepted.items() if lines is not None}
    found = rows({name: changes(lines, surfaces[name]) for name, lines in known.items()})
    return found, [name for name, lines in accepted.items() if lines is None]
