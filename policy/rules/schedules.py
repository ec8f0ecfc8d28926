"""Schedules: what they start, how often, and where a tick goes that could not be delivered."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from ..finding import Broken, Rules
from ..model import Environment, Resource
from ..values import Json, as_map, as_number, as_text

RULES = Rules()


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A message that a schedule sends, by its type.

    line: of queues. often: its schedule, UTC. how: the same, for people.
    """

    line: str
    message: str
    often: re.Pattern[str]
    how: str


_TICKS = {
    # Restaurants read forecasts from 05:00 on; restaurants in America close around midnight UTC and later.
    "Compute/QueuesNightly": Tick(
        line="Compute/QueuesForecasts",
        message="forecast.tick",
        often=re.compile(r"cron\(\d+ [0-4] (\* \* \?|\? \* \*|1/1 \* \?) \*\)"),
        how="every night, begun before 05:00",
    ),
    "Compute/QueuesQuarterHourly": Tick(
        line="Compute/QueuesPosSync",
        message="sync.tick",
        often=re.compile(
            r"cron\([0*]/([5-9]|1[0-5]) (\*|0/1|\*/1) (\* \* \?|\? \* \*) \*\)|rate\(([5-9]|1[0-5]) minutes\)"
        ),
        how="every 5 to 15 minutes",
    ),
}
_MOST_ATTEMPTS, _LONGEST_AGE = 185, 86_400  # what EventBridge does by itself
_TARGET = {"Arn", "DeadLetterConfig", "Id", "Input", "RetryPolicy"}


def _target(schedule: Resource) -> Mapping[str, Json]:
    targets = schedule.items("Targets")
    return targets[0] if targets else {}


def _message(schedule: Resource) -> Json:
    try:
        return cast("Json", json.loads(as_text(_target(schedule).get("Input"))))
    except ValueError:
        return None


@RULES.rule("SCHEDULE-TICKS", source="README.md, the nightly forecast and the sync", remedy="restore the tick")
def schedules_tick_as_flux_needs_them(environment: Environment) -> Iterable[Broken]:
    """Enabled, often enough, with their message as it stands, to their queue and nowhere else."""
    for name, tick in _TICKS.items():
        schedule = environment.named(name)
        if schedule is None:
            continue
        if schedule.text("State") not in ("", "ENABLED"):
            yield Broken(resource=schedule, what=f"is {schedule.text('State')}")
        if not tick.often.fullmatch(schedule.text("ScheduleExpression")):
            yield Broken(resource=schedule, what=f"ticks at {schedule.text('ScheduleExpression')}; must be {tick.how}")
        queue = f"${{{tick.line}Queue.Arn}}"
        if schedule.text("Targets.0.Arn") != queue or _message(schedule) != {"type": tick.message}:
            yield Broken(resource=schedule, what=f"does not send {tick.message} to {tick.line}Queue")
        if len(schedule.items("Targets")) > 1:
            yield Broken(resource=schedule, what="starts something else besides")
        for setting in sorted(set(_target(schedule)) - _TARGET):
            yield Broken(resource=schedule, what=f"changes what it sends, or how, by {setting}")


@RULES.rule("SCHEDULE-FAILURE", source="EventBridge User Guide, DLQs", remedy="give each target the queue's DLQ")
def every_schedule_has_a_failure_path(environment: Environment) -> Iterable[Broken]:
    """A tick that cannot be delivered is kept where an alarm sees it, after EventBridge tried for a while."""
    for name, tick in _TICKS.items():
        schedule = environment.named(name)
        if schedule is None:
            continue
        if schedule.text("Targets.0.DeadLetterConfig.Arn") != f"${{{tick.line}DeadLetters.Arn}}":
            yield Broken(resource=schedule, what="has a target whose failures go nowhere, or to the wrong queue")
        retries = as_map(_target(schedule).get("RetryPolicy"))
        attempts = retries.get("MaximumRetryAttempts", _MOST_ATTEMPTS)
        seconds = retries.get("MaximumEventAgeInSeconds", _LONGEST_AGE)
        if (as_number(attempts) or 0) < 3 or (as_number(seconds) or 0) < 900:
            yield Broken(resource=schedule, what=f"gives its target up after {attempts} attempts, or {seconds} s")
