"""Writes a page as one HTML file that asks for nothing else: no script, and of styles only its own."""

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flux_infra.config import Severity
from flux_infra.constructs.alarm_words import dashboard_url, runbook_url
from flux_infra.constructs.names import LAYERS
from flux_infra.monitoring.objectives import BUDGET_DAYS, OBJECTIVES

from ..status import Layer
from .graph import HEIGHT, WIDTH, bars
from .reading import DUE, NIGHT_HOURS, SALES_HOURS, TRAFFIC_HOURS, Page, no_data

_HERE = Path(__file__).parent

# Where what `./flux status` calls a layer lives; every other one is a function.
_STACKS = {"database": "Data", "model": "Ml", "site": "Frontend"}
_FUNCTIONS = "Compute"

_ORDINARY = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is said first. tone: `good`, `warning` or `bad`."""

    tone: str
    words: str


def render(page: Page, *, refresh_seconds: int | None = None) -> str:
    """The page as HTML. refresh_seconds: how often its server lets a browser ask anew; None: it is a file."""
    templates = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.filters |= {
        "age": lambda moment: spoken((page.at - moment).total_seconds()),
        "clock": lambda moment: _clock(moment, page.at),
        "day": lambda moment: _day(moment, page.at),
        "number": lambda value: f"{value:,.0f}",
        "percent": _percent,
        "spoken": spoken,
        "stack": _stack_of,
    }
    style = (_HERE / "page.css").read_text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return templates.get_template("page.html.jinja").render(
        page=page,
        config=page.config,
        verdict=verdict(page),
        refresh_seconds=refresh_seconds,
        style=style,
        style_digest=digest,
        layers=LAYERS,
        ordinary=_ORDINARY,
        objectives=[(one, page.objectives[one.name], no_data(page.config, one)) for one in OBJECTIVES],
        days=BUDGET_DAYS,
        hours=TRAFFIC_HOURS,
        sales_hours=SALES_HOURS,
        night_hours=NIGHT_HOURS,
        due=DUE,
        bars=bars,
        graph_size=(WIDTH, HEIGHT),
        runbook=lambda name: runbook_url(page.config, name),
        dashboard=None if page.config.aws_url else dashboard_url(page.config),
    )


def verdict(page: Page) -> Verdict:
    """The worst that the page has to say."""
    alarms = page.alarms.read
    if alarms is None:
        return Verdict(tone="warning", words="The alarms could not be read.")
    pages, tickets = (len(alarms.of(severity)) for severity in (Severity.PAGE, Severity.TICKET))
    if pages:
        return Verdict(tone="bad", words=f"Users are hurt now. {_alarms(pages)}.")
    if tickets:
        return Verdict(tone="warning", words=f"{_alarms(tickets)}. It can wait for the morning.")
    if page.unread:
        what = "One part" if page.unread == 1 else f"{page.unread} parts"
        return Verdict(tone="warning", words=f"No alarm is firing. {what} could not be read.")
    return Verdict(tone="good", words="No alarm is firing.")


def spoken(seconds: float) -> str:
    """A time's length in its two greatest units: 40 s, 3 min 20 s, 5 h 12 min, 2 d 4 h."""
    whole = max(round(seconds), 0)
    for unit, length, lesser, part in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length} {unit}" + (f" {rest} {lesser}" if rest else "")
    return f"{whole} s"


def _alarms(number: int) -> str:
    return "One alarm is firing" if number == 1 else f"{number} alarms are firing"


def _percent(value: float, decimals: int = 2) -> str:
    """Rounded down: 100 % is said of nothing that is less."""
    factor = 10**decimals
    return f"{math.floor(round(value * factor, 6)) / factor:g} %"


def _clock(moment: datetime, now: datetime) -> str:
    there = moment.astimezone(UTC)
    return f"{there:%H:%M} UTC" if there.date() == now.astimezone(UTC).date() else f"{there:%Y-%m-%d %H:%M} UTC"


def _day(moment: datetime, now: datetime) -> str:
    """The day, or the hour where it is today."""
    there = moment.astimezone(UTC)
    return f"{there:%H:%M} UTC" if there.date() == now.astimezone(UTC).date() else f"{there:%Y-%m-%d}"


def _stack_of(rows: Sequence[Layer], stack: str) -> list[Layer]:
    """What of the status lives in this stack."""
    return [row for row in rows if _STACKS.get(row.name, _FUNCTIONS) == stack]
