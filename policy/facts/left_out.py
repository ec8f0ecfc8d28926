"""What the surface leaves out on purpose; `left_out.yaml` says why."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import cast

import yaml

FILE = Path(__file__).with_name("left_out.yaml")


@cache
def _entries() -> Mapping[str, Mapping[str, str]]:
    return cast("Mapping[str, Mapping[str, str]]", yaml.safe_load(FILE.read_text()))


@cache
def fingerprints() -> tuple[tuple[str, str], ...]:
    """Return types and their properties whose values are written as fingerprints."""
    return tuple((name.rsplit(".", 1)[0], name.rsplit(".", 1)[1]) for name in _entries()["Fingerprints"])


@cache
def is_left_out(kind: str, path: str) -> bool:
    """Whether a property of a type (`Any` stands for every type) is left out of the surface."""
    return any(fnmatchcase(path, entry) for scope in (kind, "Any") for entry in _entries().get(scope, {}))
