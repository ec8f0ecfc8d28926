"""What a property's value can be asked to be."""

from collections.abc import Callable
from dataclasses import dataclass

from .values import Json, as_flag, as_number, as_text, as_texts


@dataclass(frozen=True, kw_only=True)
class Matcher:
    """holds: whether a value passes. description: what it must be, for people."""

    holds: Callable[[Json], bool]
    description: str


_NOTHING: tuple[Json, ...] = (None, "", [], {})

TRUE = Matcher(holds=lambda value: as_flag(value) is True, description="true")
FALSE = Matcher(holds=lambda value: as_flag(value) is False, description="false")
NOT_TRUE = Matcher(holds=lambda value: value is None or as_flag(value) is False, description="false or absent")
PRESENT = Matcher(holds=lambda value: value not in _NOTHING, description="set")
ABSENT = Matcher(holds=lambda value: value in _NOTHING, description="absent")


def between(low: float, high: float) -> Matcher:
    """From low to high, both included."""

    def holds(value: Json) -> bool:
        number = as_number(value)
        return number is not None and low <= number <= high

    return Matcher(holds=holds, description=f"{low:g} to {high:g}")


def at_least(low: float) -> Matcher:
    """`low` or more."""
    return Matcher(
        holds=lambda value: (number := as_number(value)) is not None and number >= low, description=f"{low:g} or more"
    )


def one_of(*texts: str) -> Matcher:
    """One of these texts; the empty one stands for a property that is absent."""
    named = " or ".join(text or "absent" for text in texts)
    return Matcher(holds=lambda value: as_text(value) in texts, description=named)


def contains(*texts: str) -> Matcher:
    """A list with at least these in it."""
    return Matcher(
        holds=lambda value: set(texts) <= set(as_texts(value)), description="a list with " + ", ".join(texts)
    )


def or_absent(matcher: Matcher) -> Matcher:
    """Absent, so that AWS's default holds; or what the matcher asks for."""
    return Matcher(
        holds=lambda value: ABSENT.holds(value) or matcher.holds(value), description=f"absent, or {matcher.description}"
    )
