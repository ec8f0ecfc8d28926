"""Lengths of time: as an operator types them, and how coarse what is old has become."""

import argparse
import re
from datetime import timedelta

_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LONGEST = timedelta(days=455)  # CloudWatch keeps nothing longer

# For how long CloudWatch keeps which periods, in seconds ("Metrics retention").
_KEPT = ((timedelta(days=15), 60), (timedelta(days=63), 300), (_LONGEST, 3_600))


def typed_time(text: str) -> timedelta:
    """An argument's type: `90min`, `3h`, `2d`."""
    match = re.fullmatch(r"([1-9]\d{0,4})(min|h|d)", text)
    if match is None or (found := int(match[1]) * _UNITS[match[2]]) > _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r}: give a time like 90min, 3h or 2d, up to {_LONGEST.days}d")
    return found


def said_time(length: timedelta) -> str:
    """The same back: `3 h`."""
    name, unit = next((name, unit) for name, unit in reversed(_UNITS.items()) if length >= unit and not length % unit)
    return f"{length // unit} {name}"


def kept_period(period: int, *, back: timedelta) -> int:
    """The period, or the next longer one that CloudWatch still keeps of what was so long ago; in seconds."""
    finest = next((seconds for age, seconds in _KEPT if back <= age), _KEPT[-1][1])
    return -(-period // finest) * finest
