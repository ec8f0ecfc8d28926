"""Reads a dashboard of one environment, and what CloudWatch has counted for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from flux_infra.constructs.names import dashboard_name

from ..aws import Aws, explain
from ..errors import OpsError
from ..page.counted import Points, aligned
from .body import Body, Graph, GraphWidget, Logs, LogsWidget, Metric, Side, States, StatesWidget, Widget
from .logs import counted, period_of
from .times import kept_period

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

# What an operator calls the dashboard that is opened first.
OVERVIEW = "overview"

_ALARMS_A_CALL = 100


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is drawn of a metric. period: in seconds; where points are further apart, there is a gap."""

    label: str
    points: Points
    period: int
    side: Side = "left"
    color: str | None = None


@dataclass(frozen=True, kw_only=True)
class AlarmState:
    """An alarm. state: OK, ALARM or INSUFFICIENT_DATA."""

    name: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A widget with what there is to show in it.

    lines: of a graph or of logs; begin: when it begins. states: of alarms.
    why: what to do, if it could not be read.
    """

    widget: Widget
    begin: datetime
    lines: Sequence[Line] = ()
    states: Sequence[AlarmState] = ()
    why: str = ""

    @property
    def is_without_data(self) -> bool:
        """Whether nobody has counted anything for its graph."""
        return (
            isinstance(self.widget, GraphWidget | LogsWidget)
            and not self.why
            and not any(line.points for line in self.lines)
        )


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """All that there is to draw. since: how far back it looks from `now`."""

    name: str
    now: datetime
    since: timedelta
    widgets: Sequence[Filled]


def read_dashboard(aws: Aws, part: str, *, now: datetime, since: timedelta | None) -> Dashboard:
    """The dashboard of a part with its values; a widget of which they cannot be read says why.

    since: how far back, or None for as far as the dashboard itself looks. A widget with a time of its own keeps it.

    Raises:
        OpsError: there is no such dashboard, or it holds what cannot be drawn.
    """
    name = dashboard_name(aws.config, "" if part == OVERVIEW else part)
    try:
        body = Body.model_validate_json(_body(aws, name))
        back = since or -body.start
        widgets = [_filled(aws, widget, now=now, back=back) for widget in body.widgets]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise OpsError(
            f"dashboard {name}: {where} cannot be drawn: {first['msg']}",
            remedy="look at it in the console; ops/dashboard/body.py says what can be drawn",
        ) from error
    return Dashboard(name=name, now=now, since=back, widgets=widgets)


def _body(aws: Aws, name: str) -> str:
    try:
        return aws.alarms.get_dashboard(DashboardName=name)["DashboardBody"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ResourceNotFound", "DashboardNotFoundError"):
            raise
        found = ", ".join(_parts(aws))
        remedy = f"give --name one of {found}" if found else f"deploy Flux-{aws.config.name}-Monitoring first"
        raise OpsError(f"--env {aws.config.name} has no dashboard {name}", remedy=remedy) from error


def _parts(aws: Aws) -> Iterator[str]:
    """Yield what --name may be. Dashboards of a preview whose number begins with this one's are not meant."""
    first = dashboard_name(aws.config)
    for page in aws.alarms.get_paginator("list_dashboards").paginate(DashboardNamePrefix=first):
        for entry in page["DashboardEntries"]:
            name = entry["DashboardName"]
            if name == first:
                yield OVERVIEW
            elif name.startswith(f"{first}-"):
                yield name.removeprefix(f"{first}-")


def _filled(aws: Aws, widget: Widget, *, now: datetime, back: timedelta) -> Filled:
    begin = now - back
    try:
        match widget:
            case GraphWidget(properties=graph):
                begin = now - (-graph.start if graph.start else back)
                return Filled(widget=widget, begin=begin, lines=_lines(aws, graph, begin=begin, now=now))
            case LogsWidget(properties=logs):
                return Filled(widget=widget, begin=begin, lines=_logged(aws, logs, begin=begin, now=now))
            case StatesWidget(properties=states):
                return Filled(widget=widget, begin=begin, states=_states(aws, states))
            case _:
                return Filled(widget=widget, begin=begin)
    except OpsError as error:
        told = error
    except (BotoCoreError, ClientError) as error:
        told = explain(error, environment=aws.config.name)
    return Filled(widget=widget, begin=begin, why=f"{told.why}. What to do: {told.remedy}.")


def _logged(aws: Aws, logs: Logs, *, begin: datetime, now: datetime) -> list[Line]:
    period = period_of(logs.query)
    found = counted(aws, logs.query, begin=aligned(begin, period), now=now)
    return [Line(label=name, points=points, period=period) for name, points in found.items()]


def _states(aws: Aws, states: States) -> list[AlarmState]:
    names = [arn.rpartition(":")[2] for arn in states.alarms]
    found = {}
    for some in batched(names, _ALARMS_A_CALL, strict=False):
        answer = aws.alarms.describe_alarms(AlarmNames=list(some), AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        for alarm in (*answer["MetricAlarms"], *answer["CompositeAlarms"]):
            found[alarm["AlarmName"]] = alarm["StateValue"]
    return [AlarmState(name=name, state=found.get(name, "INSUFFICIENT_DATA")) for name in names]


def _lines(aws: Aws, graph: Graph, *, begin: datetime, now: datetime) -> list[Line]:
    """What CloudWatch answers for one graph.

    Each is asked alone: ids are unique within one, and METRICS() means its metrics. No graph has more than 500 metrics,
    which is what one request may ask for; values beyond 100,800 come on further pages.
    """
    back = now - begin
    queries: list[MetricDataQueryTypeDef] = []
    metrics: dict[str, tuple[Metric, int]] = {}
    for number, metric in enumerate(graph.drawn):
        name = metric.options.id or f"metric{number}"
        period = kept_period(metric.options.period or graph.period, back=back)
        if graph.set_period_to_time_range:
            period = int(back.total_seconds())
        metrics[name] = metric, period
        queries.append(_query(name, metric, period=period, stat=graph.stat))
    longest = max(period for _, period in metrics.values())
    pages = aws.alarms.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        StartTime=begin if graph.set_period_to_time_range else aligned(begin, longest),
        EndTime=now,
        ScanBy="TimestampAscending",
    )
    found: dict[tuple[str, str], dict[datetime, float]] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            points = found.setdefault((result["Id"], result["Label"]), {})
            points |= dict(zip(result["Timestamps"], result["Values"], strict=True))
    return [
        Line(
            label=label,
            points={at: value for at, value in points.items() if at + timedelta(seconds=period) > begin},
            period=period,
            side=metric.options.y_axis,
            color=metric.options.color,
        )
        for (name, label), points in found.items()
        for metric, period in [metrics[name]]
    ]


def _query(name: str, metric: Metric, *, period: int, stat: str) -> "MetricDataQueryTypeDef":
    options = metric.options
    query: MetricDataQueryTypeDef = {"Id": name, "ReturnData": options.visible}
    if options.expression:
        query["Expression"] = options.expression
    else:
        namespace, title, *dimensions = metric.names
        query["MetricStat"] = {
            "Metric": {
                "Namespace": namespace,
                "MetricName": title,
                "Dimensions": [{"Name": key, "Value": value} for key, value in batched(dimensions, 2, strict=True)],
            },
            "Period": period,
            "Stat": options.stat or stat,
        }
    # Without one CloudWatch makes it of what differs, which is how a SEARCH tells its lines apart.
    if options.label or not options.expression:
        query["Label"] = options.label or metric.names[1]
    return query
