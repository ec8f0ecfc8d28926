"""The standards, as data: the ids and titles of their requirements.

The two files beside this one are extracts from prowler (Apache-2.0), made by `extract.py`; each names its source.
"""

import json
from dataclasses import dataclass
from typing import cast

from .written import WrittenStandard, path_of


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One requirement. service: the standard's own heading, like `RDS` or `4 Logging`."""

    requirement_id: str
    title: str
    service: str


@dataclass(frozen=True, kw_only=True)
class Standard:
    """One standard, as its publisher numbers it. short: for tables. source: where the list is from."""

    short: str
    name: str
    source: str
    requirements: tuple[Requirement, ...]


def _read(short_name: str, short: str) -> Standard:
    written = cast("WrittenStandard", json.loads(path_of(short_name).read_text()))
    return Standard(
        short=short,
        name=written["name"],
        source=f"{written['source']}, {written['licence']}",
        requirements=tuple(
            Requirement(requirement_id=item["id"], title=item["title"], service=item["service"])
            for item in written["requirements"]
        ),
    )


FSBP = _read("fsbp", "FSBP")
CIS = _read("cis", "CIS 7.0")
STANDARDS = (FSBP, CIS)
