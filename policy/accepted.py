"""The accepted surface: what was last agreed on, in policy/surface/.

`common` holds the lines that all environments have; a file for each environment holds its others.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from flux_infra.environments import DELIVERY, environments

from .changes.difference import changes
from .changes.rows import Row, rows

FOLDER = Path(__file__).with_name("surface")
_COMMON = "common"
_HEAD = "# {what}, one fact a line. `make accept` rewrites this file; review its difference.\n"


def standing() -> tuple[str, ...]:
    """Return the environments that have an accepted surface, in the order in which environments.py has them."""
    return tuple(config.name for config in environments())


def shaped_like(environment: str) -> str:
    """Return the environment whose surface another is compared with: previews have none of their own."""
    return DELIVERY.previews if re.fullmatch(r"pr-?[0-9]+", environment) else environment


def read_accepted(environment: str, folder: Path = FOLDER) -> frozenset[str] | None:
    """Return the accepted lines of an environment; None if it was never accepted."""
    file = folder / shaped_like(environment)
    return _lines(folder / _COMMON) | _lines(file) if file.is_file() else None


def from_accepted(surfaces: Mapping[str, frozenset[str]], folder: Path = FOLDER) -> tuple[list[Row], list[str]]:
    """Return what differs from the accepted surfaces, the worst first, and the environments that have none yet."""
    accepted = {name: read_accepted(name, folder) for name in surfaces}
    known = {name: lines for name, lines in accepted.items() if lines is not None}
    found = rows({name: changes(lines, surfaces[name]) for name, lines in known.items()})
    return found, [name for name in surfaces if name not in known]


def _lines(file: Path) -> frozenset[str]:
    lines = file.read_text().splitlines() if file.is_file() else []
    return frozenset(line for line in lines if line and not line.startswith("#"))


def accept(surfaces: Mapping[str, frozenset[str]], folder: Path = FOLDER) -> list[Path]:
    """Write the surfaces of standing environments; return the files that changed.

    Those of other environments stay as they are; those that no longer stand are removed.
    """
    known = {name: lines for name in standing() if (lines := read_accepted(name, folder)) is not None}
    known |= {name: lines for name, lines in surfaces.items() if name in standing()}
    common = frozenset.intersection(*known.values()) if len(known) > 1 else frozenset[str]()
    wanted = {_COMMON: _text("What all environments share", common)} if known else {}
    wanted |= {name: _text(f"What {name} has besides", lines - common) for name, lines in known.items()}
    folder.mkdir(exist_ok=True)
    changed = [file for file in sorted(folder.iterdir()) if file.name not in wanted]
    for file in changed:
        file.unlink()
    for name, text in wanted.items():
        file = folder / name
        if not file.is_file() or file.read_text() != text:
            file.write_text(text)
            changed.append(file)
    return changed


def _text(what: str, lines: frozenset[str]) -> str:
    return _HEAD.format(what=what) + "".join(f"{line}\n" for line in sorted(lines))
