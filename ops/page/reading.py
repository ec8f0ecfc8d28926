"""Reads a page, part by part: where one cannot be read, the others still stand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from flux_infra.config import FluxConfig, OptOut
from flux_infra.config.promises import FORECASTS_DUE_HOUR
from flux_infra.monitoring.objectives import (
    BUDGET_DAYS,
    HOUR,
    MINUTE,
    OBJECTIVES,
    PEOPLE,
    WEBHOOKS,
    Objective,
    Route,
)
from flux_infra.monitoring.objectives import counted as of_function

from ..aws import Aws, explain
from ..errors import OpsError
from ..queues import WorkQueue, messages, oldest_seconds, work_queues
from ..status import Status, read_status
from .alarms import Alarms, read_alarms
from .counted import Counted, Points, aligned

TRAFFIC_HOURS = 3
TRAFFIC_PERIOD = 5 * MINUTE

DUE = f"{FORECASTS_DUE_HOUR:02}:00 UTC"

# How far back the last sale and the last night are looked for; older ones are news by themselves.
SALES_HOURS = 24
NIGHT_HOURS = 36


@dataclass(frozen=True, kw_only=True)
class Part[Read]:
    """A part of the page. read: None where it could not be read; why: the reason then, with the remedy."""

    read: Read | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An objective, and what was counted for it in BUDGET_DAYS."""

    objective: Objective
    bad: float
    total: float

    @property
    def good_percent(self) -> float | None:
        """How much kept the promise; None where nothing was counted."""
        return 100 * (1 - self.bad / self.total) if self.total else None

    @property
    def budget_left_percent(self) -> float | None:
        """How much of the error budget is left; below 0 where more failed than may."""
        return 100 * (1 - self.bad / self.total / self.objective.budget) if self.total else None


@dataclass(frozen=True, kw_only=True)
class Sales:
    """Sales of the last day. last: the minute of the last one that was stored; late_seconds: the most one took then."""

    last: datetime | None
    late_seconds: float | None
    stored: int


@dataclass(frozen=True, kw_only=True)
class Night:
    """The last night. counted: when restaurants were; made: forecasts that were stored; last: when the last one was."""

    counted: datetime | None
    active: int
    with_forecast: int
    made: int
    last: datetime | None


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A queue. oldest_seconds: of the oldest message, None where CloudWatch has not counted it lately."""

    name: str
    waiting: int
    in_work: int
    oldest_seconds: float | None
    dead_letters: int


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Requests and those answered with a 5xx, by period, the oldest first; none where nothing was counted."""

    name: str
    begin: datetime
    requests: tuple[float, ...]
    errors: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """An environment at a moment. objectives: by their names, in the table's order."""

    config: FluxConfig
    at: datetime
    live: Part[Status]
    alarms: Part[Alarms]
    objectives: Mapping[str, Part[Kept]]
    sales: Part[Sales]
    night: Part[Night]
    queues: Part[tuple[Queue, ...]]
    traffic: Part[tuple[Traffic, ...]]

    @property
    def unread(self) -> int:
        """How many parts could not be read."""
        parts = (self.live, self.alarms, self.sales, self.night, self.queues, self.traffic, *self.objectives.values())
        return sum(part.read is None for part in parts)


def read_page(aws: Aws, *, now: datetime) -> Page:
    """Ask for everything; what AWS refuses is said in its place."""
    counted = Counted(aws=aws, now=now)
    environment = aws.config.name
    return Page(
        config=aws.config,
        at=now,
        live=_part(environment, lambda: read_status(aws, deployments=1)),
        alarms=_part(environment, lambda: read_alarms(aws)),
        objectives={one.name: _part(environment, partial(_kept, counted, one)) for one in OBJECTIVES},
        sales=_part(environment, lambda: _sales(counted)),
        night=_part(environment, lambda: _night(counted)),
        queues=_part(environment, lambda: _queues(counted)),
        traffic=_part(
            environment,
            lambda: (_traffic(counted, "People", PEOPLE), _traffic(counted, "Webhooks", WEBHOOKS)),
        ),
    )


def no_data(config: FluxConfig, objective: Objective) -> str:
    """Why nothing was counted for an objective."""
    if isinstance(config.objectives, OptOut):
        return config.objectives.reason
    if objective.measure.total.name == "RestaurantsActive":
        return f"restaurants are counted once a day, at {DUE}"
    return f"nothing was counted in {BUDGET_DAYS} days"


def _part[Read](environment: str, read: Callable[[], Read]) -> Part[Read]:
    try:
        return Part(read=read())
    except OpsError as error:
        told = error
    except (BotoCoreError, ClientError) as error:
        told = explain(error, environment=environment)
    return Part(read=None, why=f"{told.why}. What to do: {told.remedy}.")


def _kept(counted: Counted, objective: Objective) -> Kept:
    measure = objective.measure
    found = counted.read(
        measure.series, back=timedelta(days=BUDGET_DAYS), period=HOUR, math={"bad_ones": measure.bad_count}
    )
    total = found["total"]
    # Where a period has no total, what its bad ones are a share of is unknown.
    bad = sum(value for at, value in found["bad_ones"].items() if at in total)
    return Kept(objective=objective, bad=bad, total=sum(total.values()))


def _sales(counted: Counted) -> Sales:
    found = counted.read(
        {
            "stored": of_function("sync", "SalesStored"),
            "late": of_function("sync", "SaleFreshness", "Maximum"),
        },
        back=timedelta(hours=SALES_HOURS),
        period=MINUTE,
    )
    last = _last(found["stored"])
    late = found["late"].get(last) if last else None
    return Sales(last=last, late_seconds=late, stored=int(sum(found["stored"].values())))


def _night(counted: Counted) -> Night:
    found = counted.read(
        {
            "active": of_function("forecast", "RestaurantsActive", "Maximum"),
            "with_forecast": of_function("forecast", "RestaurantsForecast", "Maximum"),
            "made": of_function("forecast", "ForecastsMade"),
        },
        back=timedelta(hours=NIGHT_HOURS),
        period=5 * MINUTE,
    )
    census = _last(found["active"])
    return Night(
        counted=census,
        active=int(found["active"][census]) if census else 0,
        with_forecast=int(found["with_forecast"].get(census, 0)) if census else 0,
        made=int(sum(found["made"].values())),
        last=_last(found["made"]),
    )


def _queues(counted: Counted) -> tuple[Queue, ...]:
    return tuple(_queue(counted, queue) for queue in work_queues(counted.aws))


def _queue(counted: Counted, queue: WorkQueue) -> Queue:
    found = messages(counted.aws, queue.url)
    return Queue(
        name=queue.name,
        waiting=found["ApproximateNumberOfMessages"],
        in_work=found["ApproximateNumberOfMessagesNotVisible"],
        oldest_seconds=oldest_seconds(counted, queue.url),
        dead_letters=messages(counted.aws, queue.dead_letters)["ApproximateNumberOfMessages"],
    )


def _traffic(counted: Counted, name: str, route: Route) -> Traffic:
    back = timedelta(hours=TRAFFIC_HOURS)
    found = counted.read(
        {"requests": route.series("Count"), "errors": route.series("5xx")}, back=back, period=TRAFFIC_PERIOD
    )
    begin = aligned(counted.now - back, TRAFFIC_PERIOD)
    clock = [
        begin + timedelta(seconds=TRAFFIC_PERIOD) * step
        for step in range(back // timedelta(seconds=TRAFFIC_PERIOD) + 1)
    ]
    if not found["requests"]:
        clock = []
    return Traffic(
        name=name,
        begin=begin,
        requests=tuple(found["requests"].get(at, 0) for at in clock),
        errors=tuple(found["errors"].get(at, 0) for at in clock),
    )


def _last(points: Points) -> datetime | None:
    return max((at for at, value in points.items() if value > 0), default=None)
