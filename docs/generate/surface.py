"""The accepted surface of production, as the pictures read it."""

import re
from collections.abc import Iterator
from functools import cache

from policy.accepted import read_accepted

ENVIRONMENT = "prod"
LAYERS = ("Network", "Data", "Ml", "Compute", "Api", "Frontend", "Monitoring")


@cache
def facts() -> tuple[str, ...]:
    """Return production's accepted facts, sorted."""
    return tuple(sorted(read_accepted(ENVIRONMENT) or ()))


def matches(pattern: str) -> Iterator[re.Match[str]]:
    """Yield the facts that the whole pattern fits."""
    for fact in facts():
        if match := re.fullmatch(pattern, fact):
            yield match


def only(pattern: str) -> str:
    """Return the pattern's one group in the one fact that it fits.

    Raises:
        LookupError: no fact fits, or several differ; the picture that asks must be redrawn.
    """
    found = {match[1] for match in matches(pattern)}
    if len(found) != 1:
        raise LookupError(f"policy/surface: {pattern!r} fits {sorted(found)}; mend the picture in docs/generate")
    return found.pop()
