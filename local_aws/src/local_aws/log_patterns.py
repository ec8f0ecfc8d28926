"""CloudWatch Logs' filter patterns and Insights queries: evaluated, or refused.

ministack takes every pattern in braces for one that all events match, ignores the filters of a query that it cannot
read, and counts nothing by metric filters.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import re
from collections.abc import Callable, Mapping

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs

from .telemetry.filter_pattern import PatternError, compile_pattern
from .values import Json

type Answer = tuple[int, Mapping[str, str], bytes]
type Action = Callable[[Mapping[str, Json]], Answer]

_FIELD = r"@?\w+"
_STAGE = re.compile(
    rf"(?:fields|display)\s+{_FIELD}(?:\s*,\s*{_FIELD})*|sort\s+@\w+(?:\s+(?:asc|desc))?|limit\s+\d+", re.IGNORECASE
)


def _refuse(code: str, message: str) -> Answer:
    refusal: Answer = error_response_json(code, message, 400)
    return refusal


def _with_pattern(action: Action) -> Action:
    """The action, for patterns that are evaluated here."""

    def checked(data: Mapping[str, Json]) -> Answer:
        try:
            compile_pattern(str(data.get("filterPattern") or ""))
        except PatternError as error:
            return _refuse("InvalidParameterException", str(error))
        return action(data)

    return checked


def _with_query(action: Action) -> Action:
    """StartQuery, for queries whose every command is evaluated here."""

    def checked(data: Mapping[str, Json]) -> Answer:
        for stage in cloudwatch_logs._split_insights_pipes(str(data.get("queryString") or "")):
            if _STAGE.fullmatch(stage.strip()) is None and cloudwatch_logs._compile_insights_filter(stage) is None:
                return _refuse(
                    "MalformedQueryException", f"{stage}: AWS on this machine does not evaluate this command"
                )
        return action(data)

    return checked


def _put_metric_filter(data: Mapping[str, Json]) -> Answer:
    return _refuse(
        "InvalidParameterException",
        f"filterName={data.get('filterName')}: AWS on this machine counts nothing by metric filters; write the metric "
        "in the embedded metric format",
    )


def install() -> None:
    """Evaluate patterns and queries, or refuse them."""
    cloudwatch_logs._compile_filter_pattern = compile_pattern
    cloudwatch_logs._subscription_pattern_matches = lambda pattern, message: compile_pattern(pattern)(message)
    cloudwatch_logs._filter_log_events = _with_pattern(cloudwatch_logs._filter_log_events)
    cloudwatch_logs._put_subscription_filter = _with_pattern(cloudwatch_logs._put_subscription_filter)
    cloudwatch_logs._put_metric_filter = _put_metric_filter
    cloudwatch_logs._start_query = _with_query(cloudwatch_logs._start_query)
