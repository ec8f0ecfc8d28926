"""Holds the game day: lets each incident happen, waits for on-call to be told, and does what the runbook says."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from .. import runbooks
from ..console import Interrupted, StepFailed, say
from ..platform import Platform, wait_until
from .incidents import Alarm, Cure, Incident
from .on_call import OnCall, on_call
from .traffic import Day, ordinary_day

# An alarm that fired before is over only when its longest window no longer shows it.
OVER_SECONDS = 420.0
# What a worker could not do comes again with growing delays, up to a quarter of an hour.
WELL_SECONDS = 1_200.0


@dataclass(frozen=True, kw_only=True)
class Message:
    """An alarm that told on-call, so many seconds after the incident had begun."""

    alarm: str
    severity: str
    after: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an incident.

    told: every alarm that told, those of other incidents at the same time left out.
    well: seconds from the runbook's first command, or from the incident's end if it has none, until all was as before.
    failed, read: owners' requests meanwhile.
    """

    name: str
    what: str
    alarm: str
    page: str
    commands: tuple[str, ...]
    told: tuple[Message, ...]
    well: float
    failed: int
    read: int


@dataclass(frozen=True, kw_only=True)
class GameDay:
    """A day that is being held."""

    platform: Platform
    day: Day
    on_call: OnCall
    interrupted: Event = field(default_factory=Event)

    def hold(self, shift: Sequence[Incident]) -> list[Outcome]:
        """Let the incidents of a shift happen at the same time.

        Raises:
            StepFailed: an alarm did not tell, a command failed, or something did not get well.
        """
        with ThreadPoolExecutor(max_workers=len(shift)) as pool:
            try:
                return list(pool.map(lambda incident: self._hold(incident, beside=shift), shift))
            except (Interrupted, KeyboardInterrupt):
                self.interrupted.set()  # so that each incident ends, and undoes what it has done
                raise

    def _hold(self, incident: Incident, *, beside: Sequence[Incident]) -> Outcome:
        if incident.alarm is not None:
            self._until_over(incident.alarm)
        say(f"  {incident.name}: {incident.what}")
        began, failed, read = time.monotonic(), self.day.failed(), self.day.read.total()
        cure = incident.cure or Cure(page="", commands=())
        with _happening(incident, self.platform):
            if incident.alarm is None:
                self.interrupted.wait(incident.seconds)
            else:
                self._wait_until(
                    f"the alarm {incident.alarm.name}",
                    partial(self.on_call.has_told, incident.alarm.name, since=began),
                    seconds=incident.seconds,
                )
                say(f"  {incident.name}: {incident.alarm.name} told after {time.monotonic() - began:.0f} s")
            ended = time.monotonic()
            if cure.commands:
                self._do(cure)
                self._until_well(incident)
        if not cure.commands:
            ended = time.monotonic()
            self._until_well(incident)
        others = {each.alarm.name for each in beside if each.alarm and each is not incident}
        well = time.monotonic() - ended
        say(f"  {incident.name}: well {well:.0f} s later")
        return Outcome(
            name=incident.name,
            what=incident.what,
            alarm=incident.alarm.name if incident.alarm else "",
            page=cure.page,
            commands=cure.commands,
            told=tuple(
                Message(alarm=told.alarm, severity=told.severity, after=round(told.at - began, 1))
                for told in self.on_call.since(began)
                if told.alarm not in others
            ),
            well=round(well, 1),
            failed=self.day.failed() - failed,
            read=self.day.read.total() - read,
        )

    def _until_over(self, alarm: Alarm) -> None:
        name = f"{self.on_call.prefix}{alarm.name}"

        def over() -> bool:
            found = self.platform.alarms.describe_alarms(
                AlarmNames=[name], AlarmTypes=["CompositeAlarm", "MetricAlarm"]
            )
            alarms = [*found["CompositeAlarms"], *found["MetricAlarms"]]
            return all(each["StateValue"] != "ALARM" for each in alarms)

        self._wait_until(f"the alarm {alarm.name} of before to be over", over, seconds=OVER_SECONDS)

    def _do(self, cure: Cure) -> None:
        """The runbook's commands, one after the other; what a later one needs is in the first one's answer."""
        values = runbooks.outputs_of(self.platform) | dict(cure.values)
        for command in cure.commands:
            say(f"    $ {command}")
            values |= runbooks.looked_up(runbooks.run(command, values), cure.looks_up)

    def _until_well(self, incident: Incident) -> None:
        self._wait_until(
            f"everything as before {incident.name}", partial(self.day.is_well, self.platform), seconds=WELL_SECONDS
        )

    def _wait_until(self, what: str, is_so: Callable[[], bool], *, seconds: float) -> None:
        """Return when it is so.

        Raises:
            StepFailed: it is not within `seconds`, or the day was interrupted.
        """

        def read() -> bool | None:
            if self.interrupted.is_set():
                raise StepFailed(f"interrupted while waiting for {what}", remedy="hold it again")
            return is_so() or None

        wait_until(what, read, seconds=seconds)


@contextmanager
def _happening(incident: Incident, platform: Platform) -> Iterator[None]:
    yield from incident.begin(platform)


@contextmanager
def game_day(platform: Platform) -> Iterator[GameDay]:
    """A day with ordinary traffic and somebody on call, until the block ends."""
    with on_call(platform) as listener, ordinary_day(platform) as day:
        time.sleep(1)  # some traffic that is well, to compare with
        if not day.read:
            raise StepFailed("owners get no answers before anything has gone wrong", remedy="run 'make status'")
        yield GameDay(platform=platform, day=day, on_call=listener)
