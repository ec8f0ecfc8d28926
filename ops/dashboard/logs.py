"""Asks the logs what a dashboard's query counts, by CloudWatch Logs Insights."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from .. import insights
from ..aws import Aws
from ..errors import OpsError
from ..page.counted import Points

# In a dashboard a query begins with the log groups that it asks: SOURCE 'a' | SOURCE 'b' | filter ... | stats ...
_SOURCE = re.compile(r"\s*SOURCE '([^']+)'\s*\|")
_BIN = re.compile(r"bin\((\d+)([smhd])\)")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

_NO_GRAPH, _IN_THE_CONSOLE = "has no column bin(), so it is no graph", "look at it in the console"


def period_of(query: str) -> int:
    """How long one of its bins is, in seconds.

    Raises:
        OpsError: it counts by nothing of time.
    """
    match = _BIN.search(query)
    if match is None:
        raise OpsError(f"{query}: {_NO_GRAPH}", remedy=_IN_THE_CONSOLE)
    return int(match[1]) * _UNITS[match[2]]


def counted(aws: Aws, query: str, *, begin: datetime, now: datetime) -> dict[str, Points]:
    """The values of each of its columns, by its name.

    Raises:
        OpsError: it did not end, or not well.
        BotoCoreError, ClientError: CloudWatch Logs refuses it.
    """
    rows = insights.ask(aws, _SOURCE.findall(query), _SOURCE.sub("", query).strip(), begin=begin, now=now)
    found: dict[str, dict[datetime, float]] = {}
    for row in rows:
        at, values = _read(row)
        for name, value in values.items():
            found.setdefault(name, {})[at] = value
    return {name: dict(sorted(points.items())) for name, points in found.items()}


def _read(row: Mapping[str, str]) -> tuple[datetime, dict[str, float]]:
    """When it was, and the numbers of one row: all but its bin, and the pointer that AWS adds to some.

    Raises:
        OpsError: its bin has another name.
    """
    cells = {name: value for name, value in row.items() if not name.startswith("@")}
    time = next((name for name in cells if name.startswith("bin(")), None)
    if time is None:
        raise OpsError(f"{', '.join(cells)}: {_NO_GRAPH}", remedy=_IN_THE_CONSOLE)
    at = datetime.fromisoformat(cells.pop(time)).replace(tzinfo=UTC)
    return at, {name: float(value) for name, value in cells.items()}
