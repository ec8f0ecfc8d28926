"""One row of the doctor's table: what is looked at, what is needed, and what the account answered."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What an answer means for a deployment."""

    OK = "ok"
    MISSING = "missing"  # a deployment, or the next release, would fail
    TO_DO = "to do"  # nothing fails, but something does not work until it is done
    UNKNOWN = "not known here"  # the account did not say


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the account answered.

    present: in the words of whoever must decide what to do.
    remedy: a command to type wherever there is one; "" where nothing is to be done.
    """

    state: State
    present: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question to the account. Nothing is asked until `ask` is called, and one that fails stops no other.

    what, needed: the row's first columns, known without the account.
    ask: reads the account; it never writes.
    emulated: whether AWS on this machine has the thing at all. What it merely pretends to have is not asked there.
    """

    what: str
    needed: str
    ask: Callable[[], Answer]
    emulated: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A check with its answer."""

    what: str
    needed: str
    answer: Answer


def ok(present: str) -> Answer:
    """What is needed is there."""
    return Answer(state=State.OK, present=present)


def missing(present: str, remedy: str) -> Answer:
    """A deployment would fail."""
    return Answer(state=State.MISSING, present=present, remedy=remedy)


def to_do(present: str, remedy: str) -> Answer:
    """Nothing fails, but something does not work yet."""
    return Answer(state=State.TO_DO, present=present, remedy=remedy)


def unknown(reason: str, remedy: str = "") -> Answer:
    """The account did not say; never the same as ok."""
    return Answer(state=State.UNKNOWN, present=reason, remedy=remedy)
