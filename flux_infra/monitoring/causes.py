"""What goes wrong as a whole: which alarms one cause sets off, and which of them pages.

The others are quiet while that one fires, and speak if they still fire after it (paging.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..config import FluxConfig, Severity
from .objectives import OBJECTIVES


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One thing that goes wrong. An objective's name stands for its alarms that page.

    pages: the alarm that pages.
    quiet: alarms that page for other causes, and fire with this one.
    tickets: alarms that fire with this one and only open a ticket; they tell on-call which cause it is.
    """

    what: str
    pages: str
    quiet: tuple[str, ...]
    tickets: tuple[str, ...] = ()


CAUSES = (
    Cause(
        what="PostgreSQL is away or hangs",
        pages="people-availability",
        quiet=("people-latency", "journey", "pos-sync-age", "sales-freshness", "forecast-age", "forecasts-on-time"),
        tickets=("database-connections",),
    ),
    Cause(
        what="API Gateway or the authorizer is away",
        pages="people-availability",
        quiet=("webhook-availability", "journey"),
        tickets=("site-errors",),
    ),
    Cause(what="CloudFront is away, or the site's files are", pages="journey", quiet=(), tickets=("site-errors",)),
    Cause(
        what="Square is away, or sync is stuck",
        pages="pos-sync-age",
        quiet=("sales-freshness",),
        tickets=("square-errors",),
    ),
    Cause(
        what="the model is away",
        pages="model-errors",
        quiet=("forecast-age", "forecasts-on-time"),
        tickets=("forecast-dead-letters",),
    ),
    Cause(what="the forecast worker is stuck", pages="forecast-age", quiet=("forecasts-on-time",)),
)


def explanations(alarm: str, config: FluxConfig) -> list[str]:
    """Return the alarms that keep this one quiet while they fire: its objective's next faster one, and its causes'.

    alarm: its subject, without `flux-<environment>-`.
    """
    found = dict.fromkeys([*_faster(alarm), *_causes_of(alarm)])
    return [each for each in found if config.objectives is True or each not in _OF_OBJECTIVES]


def _causes_of(alarm: str) -> Iterator[str]:
    for cause in CAUSES:
        if any(alarm in paging_alarms(subject) for subject in cause.quiet):
            yield from paging_alarms(cause.pages)


def _faster(alarm: str) -> Iterator[str]:
    for objective in OBJECTIVES:
        for faster, slower in pairwise(objective.burns):
            if alarm == f"{objective.name}-{slower.name}":
                yield f"{objective.name}-{faster.name}"


def paging_alarms(subject: str) -> list[str]:
    """Return the subjects of the alarms that page for it: an objective has several."""
    burns = [
        f"{objective.name}-{burn.name}"
        for objective in OBJECTIVES
        if objective.name == subject
        for burn in objective.burns
        if burn.severity is Severity.PAGE
    ]
    return burns or [subject]


_OF_OBJECTIVES = {f"{objective.name}-{burn.name}" for objective in OBJECTIVES for burn in objective.burns}
