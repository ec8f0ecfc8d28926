"""Whether an answer says what it must, and nothing of somebody else."""

import datetime as dt
import json
from collections.abc import Iterable

from pydantic import JsonValue


def difference(expected: JsonValue, found: JsonValue, where: str = "body") -> str | None:
    """The first place where `found` is not as expected; None if there is none.

    A version may add members to objects; it may leave none out, and lists are compared item by item. Moments are
    compared as such, however their zone is written, and 1 is 1.0.
    """
    match expected, found:
        case dict(), dict():
            missing = next((name for name in expected if name not in found), None)
            if missing is not None:
                return f"{where}.{missing} is missing"
            return _first(difference(value, found[name], f"{where}.{name}") for name, value in expected.items())
        case list(), list():
            pairs = enumerate(zip(expected, found, strict=False))
            inside = _first(difference(value, other, f"{where}.{number}") for number, (value, other) in pairs)
            if inside is None and len(expected) != len(found):
                return f"{where} has {len(found)} items, must have {len(expected)}"
            return inside
        case _:
            return None if _same(expected, found) else f"{where} is {_short(found)}, must be {_short(expected)}"


def _first(faults: Iterable[str | None]) -> str | None:
    return next(filter(None, faults), None)


def _same(expected: JsonValue, found: JsonValue) -> bool:
    match expected, found:
        case (bool(), _) | (_, bool()):
            return expected is found
        case str(), str() if (moment := _moment(expected)) is not None:
            return moment == _moment(found)
        case ((int() | float()), (int() | float())):
            return expected == found
        case _:
            return type(expected) is type(found) and expected == found


def _moment(text: str) -> dt.datetime | None:
    """A date with a time; without a zone it is UTC, as PostgreSQL writes it in the rehearsal's report."""
    if "T" not in text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment


def _short(value: JsonValue) -> str:
    text = json.dumps(value)
    return text if len(text) <= 100 else f"{text[:100]} ..."
