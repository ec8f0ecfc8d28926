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


def _test(says: str, holds: Callable[[Json], bool]) -> Test:
    return Test(holds=lambda value, _: holds(value), says=lambda _: says)


def _bound(bound: Bound, environment: Environment) -> float:
    return bound(environment) if callable(bound) else bound


TRUE = _test("true", lambda value: as_flag(value) is True)
FALSE = _test("false", lambda value: as_flag(value) is False)
NOT_TRUE = _test("false or absent", lambda value: value is None or as_flag(value) is False)
PRESENT = _test("set", lambda value: value not in (None, "", [], {}))
ABSENT = _test("absent", lambda value: value in (None, "", [], {}))


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


def contains_words(*words: str) -> Test:
    """A text with at least these words in it, apart by spaces."""
    return _test("a text with " + ", ".join(words), lambda value: set(words) <= set(" ".join(as_texts(value)).split()))


def or_absent(test: Test) -> Test:
    """Not there, so that AWS's default holds; or what the test asks for."""
    return Test(
        holds=lambda value, env: ABSENT.holds(value, env) or test.holds(value, env),
        says=lambda env: f"absent, or {test.says(env)}",
    )


_WINDOW = re.compile(r"(?:([a-z]{3}):)?(\d\d):(\d\d)-(?:([a-z]{3}):)?(\d\d):(\d\d)")
_ASLEEP = (5 * 60, 12 * 60)  # minutes of the day, UTC: forecasts are made, and restaurants in America sleep


def window(value: Json) -> tuple[int, int] | None:
    """Return when a window opens and closes, in minutes of its day; None if it is none, or reaches into the next."""
    match = _WINDOW.fullmatch(as_text(value).lower())
    if match is None or match[1] != match[4]:
        return None
    opens, closes = (int(match[hours]) * 60 + int(match[hours + 1]) for hours in (2, 5))
    return (opens, closes) if opens < closes else None


def _asleep(value: Json) -> bool:
    found = window(value)
    return found is not None and _ASLEEP[0] <= found[0] and found[1] <= _ASLEEP[1]


WHILE_ASLEEP = _test("a window between 05:00 and 12:00 UTC, while restaurants sleep", _asleep)


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
