"""Asks the logs by CloudWatch Logs Insights."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from .aws import Aws
from .errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import GetQueryResultsResponseTypeDef

_UNDER_WAY = ("Scheduled", "Running")
_PATIENCE_SECONDS = 60


def ask(aws: Aws, groups: Sequence[str], query: str, *, begin: datetime, now: datetime) -> list[Mapping[str, str]]:
    """The rows that a query finds: values by the names of their columns.

    Raises:
        OpsError: it did not end, or not well.
        BotoCoreError, ClientError: CloudWatch Logs refuses it.
    """
    started = aws.logs.start_query(
        logGroupNames=groups, queryString=query, startTime=int(begin.timestamp()), endTime=int(now.timestamp())
    )["queryId"]

    def look() -> "GetQueryResultsResponseTypeDef":
        return aws.logs.get_query_results(queryId=started)

    ended = aws.poll(look, until=lambda seen: seen["status"] not in _UNDER_WAY, seconds=_PATIENCE_SECONDS)
    if ended["status"] != "Complete":
        raise OpsError(
            f"the logs' query is {ended['status'].lower()} after {_PATIENCE_SECONDS} s",
            remedy="look at it in the console, or ask for a shorter time",
        )
    return [{cell["field"]: cell["value"] for cell in row} for row in ended["results"]]
