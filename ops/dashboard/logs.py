"""Asks the logs what a dashboard's query counts, by CloudWatch Logs Insights."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..aws import Aws
from ..errors import OpsError
from ..page.counted import Points

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import GetQueryResultsResponseTypeDef, ResultFieldTypeDef

# In a dashboard a query begins with the log groups that it asks: SOURCE 'a' | SOURCE 'b' | filter ... | stats ...
_SOURCE = re.compile(r"\s*SOURCE '([^']+)'\s*\|")
_BIN = re.compile(r"bin\((\d+)([smhd])\)")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

_NO_GRAPH, _IN_THE_CONSOLE = "has no column bin(), so it is no graph", "look at it in the console"
_UNDER_WAY = ("Scheduled", "Running")
_PATIENCE_SECONDS = 60


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
    started = aws.logs.start_query(
        logGroupNames=_SOURCE.findall(query),
        queryString=_SOURCE.sub("", query).strip(),
        startTime=int(begin.timestamp()),
        endTime=int(now.timestamp()),
    )["queryId"]

    def look() -> "GetQueryResultsResponseTypeDef":
        return aws.logs.get_query_results(queryId=started)

    ended = aws.poll(look, until=lambda seen: seen["status"] not in _UNDER_WAY, seconds=_PATIENCE_SECONDS)
    if ended["status"] != "Complete":
        raise OpsError(
            f"the logs' query is {ended['status'].lower()} after {_PATIENCE_SECONDS} s",
            remedy=f"{_IN_THE_CONSOLE}, or give a shorter time with --since",
        )
    found: dict[str, dict[datetime, float]] = {}
    for row in ended["results"]:
        at, values = _read(row)
        for name, value in values.items():
            found.setdefault(name, {})[at] = value
    return {name: dict(sorted(points.items())) for name, points in found.items()}


def _read(row: "Iterable[ResultFieldTypeDef]") -> tuple[datetime, dict[str, float]]:
    """When it was, and the numbers of one row: all but its bin, and the pointer that AWS adds to some.

    Raises:
        OpsError: its bin has another name.
    """
    cells = {cell["field"]: cell["value"] for cell in row if not cell["field"].startswith("@")}
    time = next((name for name in cells if name.startswith("bin(")), None)
    if time is None:
        raise OpsError(f"{', '.join(cells)}: {_NO_GRAPH}", remedy=_IN_THE_CONSOLE)
    at = datetime.fromisoformat(cells.pop(time)).replace(tzinfo=UTC)
    return at, {name: float(value) for name, value in cells.items()}
