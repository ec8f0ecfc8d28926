"""How the standards' files are spelt, and where they are."""

from pathlib import Path
from typing import TypedDict

_HERE = Path(__file__).parent


class WrittenRequirement(TypedDict):
    """A requirement as the file spells it."""

    id: str
    title: str
    service: str


class WrittenStandard(TypedDict):
    """A standard as the file spells it."""

    name: str
    source: str
    licence: str
    requirements: list[WrittenRequirement]


def path_of(short_name: str) -> Path:
    """Return the file of a standard."""
    return _HERE / f"{short_name}.json"
