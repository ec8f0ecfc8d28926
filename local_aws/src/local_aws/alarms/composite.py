"""Composite alarms: their rule, and when they take their actions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..values import InvalidValueError, Properties
from .evaluation import State
from .tokens import Tokens

_TOKEN = re.compile(r'\s*([(),]|"(?:[^"\\]|\\.)*"|[^\s(),"]+)')
_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")


@dataclass(frozen=True, kw_only=True)
class CompositeAlarm:
    """A composite alarm. wait, extension: seconds; without a suppressor they say nothing."""

    rule: str
    suppressor: str | None = None
    wait: int = 0
    extension: int = 0

    @classmethod
    def of(cls, alarm: Properties) -> Self:
        """The alarm that DescribeAlarms or a template describes.

        Raises:
            InvalidValueError: its rule is malformed.
        """
        suppressor = alarm.text("ActionsSuppressor", "")
        made = cls(
            rule=alarm.text("AlarmRule"),
            suppressor=_name(suppressor) if suppressor else None,
            wait=alarm.number("ActionsSuppressorWaitPeriod", 0),
            extension=alarm.number("ActionsSuppressorExtensionPeriod", 0),
        )
        _ = made.children
        return made

    @property
    def children(self) -> frozenset[str]:
        """The names of the alarms in its rule."""
        return _Rule(self.rule, {}).names

    def state(self, states: Mapping[str, State]) -> State:
        """ALARM or OK. states: every child's, by name."""
        return "ALARM" if _Rule(self.rule, states).true else "OK"


class _Rule:
    """Decides while it parses, as metric math does. NOT binds closer than AND, and AND closer than OR."""

    def __init__(self, rule: str, states: Mapping[str, State]) -> None:
        self._states = states
        self._tokens = Tokens(rule, _TOKEN, subject=f"AlarmRule={rule}", error=InvalidValueError)
        self.names: frozenset[str] = frozenset()
        self.true = self._any()
        self._tokens.end()

    def _any(self) -> bool:
        found = self._all()
        while self._tokens.peek() == "OR":
            self._tokens.take()
            found = self._all() or found  # in this order: what is not parsed is not read
        return found

    def _all(self) -> bool:
        found = self._one()
        while self._tokens.peek() == "AND":
            self._tokens.take()
            found = self._one() and found
        return found

    def _one(self) -> bool:
        match self._tokens.take():
            case "NOT":
                return not self._one()
            case "(":
                found = self._any()
                self._tokens.take(")")
                return found
            case "TRUE" | "FALSE" as constant:
                return constant == "TRUE"
            case state if state in _STATES:
                self._tokens.take("(")
                name = _name(self._tokens.take().strip('"'))
                self._tokens.take(")")
                self.names |= {name}
                return self._states.get(name) == state
            case token:
                return self._tokens.fail(f"unexpected {token!r}")


def _name(reference: str) -> str:
    """An alarm's name, from itself or from its ARN."""
    return reference.rpartition(":alarm:")[2]


class Suppression:
    """When a composite alarm takes its actions, told its state and its suppressor's one moment after the other.

    Sources: "Suppressing composite alarm actions", whose six examples are its tests.
    """

    def __init__(self, alarm: CompositeAlarm, state: State) -> None:
        self._alarm = alarm
        self._state = state
        self._suppressed = False
        self._pending = False
        self._until = 0.0
        self._why = ""

    @property
    def reason(self) -> str | None:
        """What stops its actions: `Alarm`, or `WaitPeriod` or `ExtensionPeriod`; None: nothing does."""
        if self._suppressed:
            return "Alarm"
        return self._why if self._pending else None

    def step(self, now: float, state: State, suppressor: State | None) -> State | None:
        """The state whose actions are taken at this moment, if any.

        now: seconds, never less than the time before. suppressor: its state; None: the alarm has none.
        """
        changed, self._state = state != self._state, state
        was, self._suppressed = self._suppressed, suppressor == "ALARM"
        if changed:
            self._begin(now + (self._alarm.wait if suppressor else 0), "WaitPeriod")
        elif was and not self._suppressed:
            self._begin(now + self._alarm.extension, "ExtensionPeriod")
        if self._suppressed or not self._pending or now < self._until:
            return None
        self._pending = False
        return state

    def _begin(self, until: float, why: str) -> None:
        if why == "ExtensionPeriod" and not self._pending:
            return  # the state's actions were taken before the suppressor's alarm
        self._pending, self._until, self._why = True, until, why
