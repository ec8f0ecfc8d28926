"""What a property's value can be asked to be."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .model import Environment, plain
from .values import Json, as_flag, as_list, as_number, as_text, as_texts

# A bound that is fixed, or that follows from the environment's configuration.
type Bound = float | Callable[[Environment], float]


@dataclass(frozen=True, kw_only=True)
class Test:
    """holds: whether a value passes. says: what it must be, for people."""

    holds: Callable[[Json, Environment], bool]
    says: Callable[[Environment], str]


_WINDOW = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun):)?(\d\d):(\d\d)-(?:(\w{3}):)?(\d\d):(\d\d)")


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def _test(says: str, holds: Callable[[Json], bool]) -> Test:
    return Test(holds=lambda value, _: holds(value), says=lambda _: says)


def _bound(bound: Bound, environment: Environment) -> float:
    return bound(environment) if callable(bound) else bound


TRUE = _test("true", lambda value: as_flag(value) is True)
FALSE = _test("false", lambda value: as_flag(value) is False)
NOT_TRUE = _test("false or absent", lambda value: value is None or as_flag(value) is False)
PRESENT = _test("set", lambda value: value not in (None, "", [], {}))
ABSENT = _test("absent", lambda value: value in (None, "", [], {}))
# Restaurants in the United States, Hawaii included, sleep from 09:00 to 11:00 UTC; few are open from 05:00 to 12:00.
AT_NIGHT = _test(
    "a window of an hour or more between 05:00 and 12:00 UTC",
    lambda value: (
        (match := _WINDOW.fullmatch(as_text(value).lower())) is not None
        and match[1] == match[4]
        and 5 * 60 <= _minutes(match[2], match[3]) <= _minutes(match[5], match[6]) - 60 <= 11 * 60
    ),
)


def between(low: Bound, high: Bound) -> Test:
    """From low to high, both included."""

    def holds(value: Json, environment: Environment) -> bool:
        number = as_number(value)
        return number is not None and _bound(low, environment) <= number <= _bound(high, environment)

    return Test(holds=holds, says=lambda env: f"{_bound(low, env):g} to {_bound(high, env):g}")


def at_least(low: Bound) -> Test:
    """`low` or more."""
    return Test(
        holds=lambda value, env: (number := as_number(value)) is not None and number >= _bound(low, env),
        says=lambda env: f"{_bound(low, env):g} or more",
    )


def at_most(high: Bound) -> Test:
    """`high` or less, and more than nothing."""
    return Test(
        holds=lambda value, env: (number := as_number(value)) is not None and 0 < number <= _bound(high, env),
        says=lambda env: f"{_bound(high, env):g} or less",
    )


def one_of(*texts: str) -> Test:
    """One of these texts. `<name>`, `<account>`, `<region>` and `<copy-region>` stand for the environment's."""
    return Test(
        holds=lambda value, env: plain(as_text(value)) in [fill(text, env) for text in texts],
        says=lambda env: " or ".join(fill(text, env) for text in texts),
    )


def contains(*texts: str) -> Test:
    """A list with at least these in it."""
    return Test(
        holds=lambda value, env: {fill(text, env) for text in texts} <= {plain(t) for t in as_texts(value)},
        says=lambda env: "a list with " + ", ".join(fill(text, env) for text in texts),
    )


def exactly(*texts: str) -> Test:
    """A list of these and no others, in any order."""
    return Test(
        holds=lambda value, env: sorted(fill(text, env) for text in texts) == sorted(plain(t) for t in as_texts(value)),
        says=lambda env: "exactly " + ", ".join(fill(text, env) for text in texts),
    )


def within(*texts: str) -> Test:
    """A list of nothing but these, and not empty."""
    return _test("only " + ", ".join(texts), lambda value: bool(as_list(value)) and set(as_texts(value)) <= set(texts))


def fill(text: str, environment: Environment) -> str:
    """Put the environment's name, account, regions and hosted zone into a text."""
    domain = environment.config.domain if environment.config else None
    return (
        text.replace("<name>", environment.name)
        .replace("<account>", environment.account)
        .replace("<region>", environment.region)
        .replace("<zone>", domain.zone_id if domain else "none")
        .replace("<copy-region>", environment.copy_region or environment.region)
    )


def backed_up(environment: Environment) -> bool:
    """Whether the environment's database must be backed up."""
    return environment.backed_up


def kept(environment: Environment) -> bool:
    """Whether the environment's data must survive."""
    return environment.kept
