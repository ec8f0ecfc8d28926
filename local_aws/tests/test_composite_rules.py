"""Composite alarms' rules and suppressors, by "Composite alarms" and "Suppressing composite alarm actions"."""

from itertools import product

import pytest
from ministack.services import cloudwatch

from local_aws.alarms.composite import CompositeAlarm, Suppression
from local_aws.alarms.evaluation import State
from local_aws.values import InvalidValueError, Properties

STATES: tuple[State, ...] = ("ALARM", "OK", "INSUFFICIENT_DATA")

RULES = (
    "ALARM(a) AND ALARM(b)",
    "ALARM(a) AND NOT ALARM(b)",
    '(ALARM("a") OR ALARM(b)) AND OK(c)',
    "ALARM(a) OR ALARM(b) AND OK(c)",
    "NOT (ALARM(a) OR INSUFFICIENT_DATA(b)) AND TRUE",
    "NOT NOT ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:a) OR FALSE",
)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_the_truth_that_another_implementation_finds(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = CompositeAlarm.of(Properties({"AlarmRule": rule}))
    for given in product(STATES, repeat=3):
        states = dict(zip("abc", given, strict=True))
        monkeypatch.setattr(cloudwatch, "_rule_alarm_state", lambda name, known=states: known[name.rpartition(":")[2]])
        assert alarm.state(states) == cloudwatch._composite_rule_state({"AlarmRule": rule})  # noqa: SLF001


def test_a_rule_names_its_children() -> None:
    assert CompositeAlarm(rule=RULES[2]).children == {"a", "b", "c"}


@pytest.mark.parametrize("rule", ["", "ALARM(a", "ALARM(a) ALARM(b)", "FIRING(a)", "ALARM(a) AND"])
def test_a_malformed_rule_is_refused(rule: str) -> None:
    with pytest.raises(InvalidValueError, match="AlarmRule="):
        CompositeAlarm.of(Properties({"AlarmRule": rule}))


def state_at(now: int, alarm: tuple[int, int]) -> State:
    return "ALARM" if alarm[0] <= now < alarm[1] else "OK"


@pytest.mark.parametrize(
    ("composite", "suppressor", "acted"),
    [
        # In alarm from the first of these moments to before the second; what is done when.
        pytest.param((2, 99), (99, 99), {4: "ALARM"}, id="1: not suppressed after WaitPeriod"),
        pytest.param((2, 99), (3, 99), {}, id="2: suppressed before WaitPeriod expires"),
        pytest.param((2, 3), (99, 99), {5: "OK"}, id="3: changed during WaitPeriod"),
        pytest.param((2, 99), (0, 99), {}, id="4: suppressed by the alarm"),
        pytest.param((2, 99), (3, 6), {9: "ALARM"}, id="5: not suppressed after ExtensionPeriod"),
        pytest.param((2, 7), (3, 6), {9: "OK"}, id="6: changed during ExtensionPeriod"),
    ],
)
def test_actions_are_suppressed_as_in_the_guides_examples(
    composite: tuple[int, int], suppressor: tuple[int, int], acted: dict[int, State]
) -> None:
    """ "WaitPeriod is configured as 2 time units, and ExtensionPeriod is configured as 3 time units"."""
    alarm = CompositeAlarm(rule="ALARM(a)", suppressor="b", wait=2, extension=3)
    suppression = Suppression(alarm, "OK")
    found: dict[int, State] = {}
    for now in range(15):
        state, other = state_at(now, composite), state_at(now, suppressor)
        taken = suppression.step(now, state, other)
        if taken:
            found[now] = taken
    assert found == acted


def test_without_a_suppressor_actions_are_taken_at_once() -> None:
    suppression = Suppression(CompositeAlarm(rule="ALARM(a)"), "OK")
    states: tuple[State, ...] = ("OK", "ALARM", "ALARM", "OK")
    assert [suppression.step(now, state, None) for now, state in enumerate(states)] == [None, "ALARM", None, "OK"]
