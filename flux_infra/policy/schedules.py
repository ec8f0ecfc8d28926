"""What a schedule's expression says ("Cron expressions", "Rate expressions", EventBridge User Guide)."""

import re

_EVERY_DAY = r"(?:\* \* \?|\? \* \*|1/1 \* \?) \*"
_MINUTES = {"minute": 1, "minutes": 1, "hour": 60, "hours": 60, "day": 1_440, "days": 1_440}


def minutes_between(expression: str) -> float | None:
    """Return the longest time between two ticks, minutes; None of an expression that says it otherwise."""
    rate = re.fullmatch(r"rate\(([1-9][0-9]*) (minutes?|hours?|days?)\)", expression)
    if rate:
        return int(rate[1]) * _MINUTES[rate[2]]
    cron = re.fullmatch(rf"cron\(([0-9,*/]+) \* {_EVERY_DAY}\)", expression)
    if cron is None:
        return None
    ticks = _ticks(cron[1])
    return max((later - earlier for earlier, later in zip(ticks, [*ticks[1:], ticks[0] + 60], strict=True)), default=60)


def _ticks(minutes: str) -> list[int]:
    """Return the minutes of an hour at which a cron expression ticks; empty if it names no minute that there is."""
    found: set[int] = set()
    for part in minutes.split(","):
        start, _, step = part.partition("/")
        if (start != "*" and not start.isdigit()) or (step and not step.isdigit()) or step == "0":
            return []
        first = 0 if start == "*" else int(start)
        every = int(step) if step else (1 if start == "*" else 60)
        found.update(range(first, 60, every))
    return sorted(found)


def hour_of_every_day(expression: str) -> float | None:
    """Return the hour, UTC, of an expression that ticks once every day; None of any other."""
    cron = re.fullmatch(rf"cron\(([0-5]?[0-9]) ([01]?[0-9]|2[0-3]) {_EVERY_DAY}\)", expression)
    return int(cron[2]) + int(cron[1]) / 60 if cron else None
