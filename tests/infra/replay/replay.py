"""Replays what metrics recorded through all alarms, as CloudWatch evaluates them: every minute, by sliding windows."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flux_infra.config import Severity
from local_aws.alarms import COMPARISONS, EXTRA_PERIODS, Alarm, CompositeAlarm, State, Suppression, decide

from .alarms import Deployed, key
from .series import LEAD, MINUTES, Numbers, Recorded

DELAY_MINUTES = 2
"""From the minute in which something happens to its alarm's evaluation: metrics arrive within a minute or two, and an
alarm is evaluated once a minute."""

_MISSING = 2

_HOURLY_ABOVE = 24 * 60 * 60
"""An alarm that looks back further than a day is evaluated once an hour ("Alarm evaluation", multi-day alarms)."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A notification. minute: counted from the beginning of the week, when the message leaves."""

    minute: int
    alarm: str
    severity: Severity


def missing(alarms: Mapping[str, Deployed], recorded: Mapping[str, Recorded]) -> set[str]:
    """Metrics that alarms watch and the week does not have."""
    return {one for alarm in alarms.values() for one in watched(alarm) if one not in recorded}


def watched(alarm: Deployed) -> set[str]:
    """The keys of what an alarm on metrics watches."""
    definition = alarm.definition
    return {key(metric) for metric in definition.metrics.values()} if isinstance(definition, Alarm) else set()


class Replay:
    """All alarms over a normal week, and over what differs from it.

    Attributes:
        told: who is told of what in the normal week.
    """

    def __init__(self, alarms: Mapping[str, Deployed], normal: Mapping[str, Recorded]) -> None:
        self._alarms = alarms
        self._normal = normal
        self._states = {
            name: metric_states(alarm.definition, normal, LEAD, MINUTES)
            for name, alarm in alarms.items()
            if isinstance(alarm.definition, Alarm)
        }
        self.told = self._notified(self._states, LEAD)

    def differing(self, recorded: Mapping[str, Recorded], begin: int, end: int) -> list[Told]:
        """Who is told of what between two minutes of a week that differs from the normal one since the first."""
        states: dict[str, list[State]] = {}
        for name, alarm in self._alarms.items():
            if not isinstance(alarm.definition, Alarm):
                continue
            if any(recorded[one] is not self._normal[one] for one in watched(alarm)):
                states[name] = metric_states(alarm.definition, recorded, begin, end)
            else:
                states[name] = self._states[name][begin - LEAD : end - LEAD]
        return self._notified(states, begin)

    def _notified(self, states: Mapping[str, list[State]], begin: int) -> list[Told]:
        """The notifications, in the order of time."""
        found = _with_composites(self._alarms, states)
        told = [
            Told(minute=begin + 1 + minute + DELAY_MINUTES, alarm=name, severity=alarm.severity)
            for name, alarm in self._alarms.items()
            if alarm.severity
            for minute in _alarmed(alarm.definition, name, found)
        ]
        return sorted(told, key=lambda one: (one.minute, one.alarm))


def _with_composites(alarms: Mapping[str, Deployed], states: Mapping[str, list[State]]) -> dict[str, list[State]]:
    """The states of all alarms, from those of the alarms on metrics."""
    found = dict(states)
    waiting = {name: alarm.definition for name, alarm in alarms.items() if isinstance(alarm.definition, CompositeAlarm)}
    while waiting:
        ready = {name: one for name, one in waiting.items() if not one.children & waiting.keys()}
        if not ready:
            raise AssertionError(f"composite alarms refer to one another in a circle: {sorted(waiting)}")
        for name, composite in ready.items():
            found[name] = _composite_states(composite, found)
            del waiting[name]
    return found


def metric_states(alarm: Alarm, recorded: Mapping[str, Recorded], begin: int, end: int) -> list[State]:
    """The state after each minute of the span."""
    minutes = alarm.period // 60
    every = minutes if alarm.wall_clock else 60 if alarm.period * alarm.periods > _HOURLY_ABOVE else 1
    evaluated = np.arange(begin + 1, end + 1) // every * every
    # The ends of the periods that each evaluation looks at, and of one before them for DIFF and RATE.
    ends = evaluated[:, None] - minutes * np.arange(alarm.periods + EXTRA_PERIODS, -1, -1)[None, :]
    known = np.unique(ends[ends > 0])
    values = _values(alarm, recorded, known)
    points = np.full(ends[:, 1:].shape, _MISSING, dtype=np.int8)
    found = values[np.searchsorted(known, ends[:, 1:].clip(min=known[0]))]
    there = (ends[:, 1:] > 0) & ~np.isnan(found)
    breaches = COMPARISONS[alarm.comparison]
    points[there] = [breaches(value, alarm.threshold) for value in found[there].tolist()]
    return list(_decided(alarm, points))


def _decided(alarm: Alarm, points: NDArray[np.int8]) -> Iterator[State]:
    seen: dict[tuple[bytes, State], State] = {}
    state: State = "OK"
    for row in points:
        asked = (row.tobytes(), state)
        if asked not in seen:
            seen[asked] = decide(
                [None if point == _MISSING else bool(point) for point in row],
                periods=alarm.periods,
                datapoints=alarm.datapoints,
                missing=alarm.missing,
                current=state,
            )
        state = seen[asked]
        yield state


def _values(alarm: Alarm, recorded: Mapping[str, Recorded], ends: NDArray[np.int64]) -> Numbers:
    """What is compared with the threshold, for the period before each of `ends`."""
    minutes = alarm.period // 60
    series = {
        name: recorded[key(metric)].statistic(metric.statistic, ends, minutes) for name, metric in alarm.metrics.items()
    }
    found = np.full(len(ends), np.nan)
    for phase in np.unique(ends % minutes):
        # The periods of one time series follow one another without gap or overlap.
        chosen = np.flatnonzero(ends % minutes == phase)
        for run in np.split(chosen, np.flatnonzero(np.diff(ends[chosen]) != minutes) + 1):
            given = {name: _optional(one[run]) for name, one in series.items()}
            found[run] = [np.nan if value is None else value for value in alarm.values(given)]
    return found


def _optional(values: Numbers) -> list[float | None]:
    numbers: list[float] = values.tolist()
    return [None if math.isnan(value) else value for value in numbers]


def _composite_states(alarm: CompositeAlarm, states: Mapping[str, list[State]]) -> list[State]:
    names = sorted(alarm.children)
    together = list(zip(*(states[name] for name in names), strict=True))
    decided = {one: alarm.state(dict(zip(names, one, strict=True))) for one in set(together)}
    return [decided[one] for one in together]


def _alarmed(alarm: Alarm | CompositeAlarm, name: str, states: Mapping[str, list[State]]) -> Iterator[int]:
    """The minutes at which the actions of ALARM are taken."""
    definition = alarm if isinstance(alarm, CompositeAlarm) else CompositeAlarm(rule="FALSE")
    suppressor = states[definition.suppressor] if definition.suppressor else None
    suppression = Suppression(definition, "OK")
    for minute, state in enumerate(states[name]):
        if suppression.step(60 * minute, state, suppressor[minute] if suppressor else None) == "ALARM":
            yield minute
