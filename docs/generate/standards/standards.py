"""The standards, as data: the ids and titles of their requirements.

The two files beside this one are extracts from prowler's wheel (Apache-2.0), which each names with its digest.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One requirement. service: the standard's own heading, like `RDS` or `4 Logging`."""

    id: str
    title: str
    service: str


@dataclass(frozen=True, kw_only=True)
class Standard:
    """One standard, as its publisher numbers it. key: in answers.yaml. short: for tables. source: of the list."""

    key: str
    short: str
    name: str
    source: str
    requirements: tuple[Requirement, ...]


def _read(key: str, short: str) -> Standard:
    written = json.loads(Path(__file__).with_name(f"{key}.json").read_text())
    return Standard(
        key=key,
        short=short,
        name=written["name"],
        source=f"{written['source']}, {written['licence']}",
        requirements=tuple(Requirement(**item) for item in written["requirements"]),
    )


FSBP = _read("fsbp", "FSBP")
CIS = _read("cis", "CIS 7.0")
STANDARDS = (FSBP, CIS)
