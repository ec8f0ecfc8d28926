"""What Datadog should hold of an environment, made from its objectives alone, as Datadog's API writes it."""

import re
from collections.abc import Mapping

from flux_infra.config import FluxConfig, Severity
from flux_infra.constructs.alarm_words import describe_alarm
from flux_infra.monitoring.objectives import OBJECTIVES, Burn, Deployed, Objective, Series

from ..reads import Json
from .names import count, metric, percentile

HOUR = 3_600
# Datadog knows budgets of 7, 30 and 90 days; those of CloudWatch's alarms are of 28.
_BUDGET = "30d"
# The long window of a burn-rate alert; the short one is a twelfth of it ("Burn Rate Alerts", Datadog documentation).
_SHORTEST_WINDOW, _LONGEST_WINDOW = HOUR, 48 * HOUR
_SLICE_SECONDS = 300
# P1 wakes somebody up, P3 waits for the morning.
_PRIORITIES = {Severity.PAGE: 1, Severity.TICKET: 3}

type Places = Mapping[Deployed, str]
type Objects = Mapping[str, Json]


def tag_of(config: FluxConfig, *parts: str) -> str:
    """Return what marks an object as ours: `flux:prod`, `flux:prod:people-availability`."""
    return ":".join(("flux", config.name, *parts))


def title_of(config: FluxConfig) -> str:
    """Return the dashboard's title."""
    return f"Flux {config.name}: objectives"


def metrics() -> list[str]:
    """Return the metrics that the objectives need, as Datadog calls them."""
    names = {
        metric(each) + (f".p{one.target_percent:g}" if each is one.measure.good_percent else "")
        for one in OBJECTIVES
        for each in one.measure.series.values()
    }
    return sorted(names)


def slos(config: FluxConfig, places: Places) -> Objects:
    """Return an SLO for each objective, by its tag."""
    return {
        tag_of(config, one.name): {
            "name": f"Flux {config.name}: {one.name}",
            "tags": [tag_of(config), tag_of(config, one.name)],
            "thresholds": [{"timeframe": _BUDGET, "target": float(one.target_percent)}],
            **_measured(one, places),
        }
        for one in OBJECTIVES
    }


def _measured(objective: Objective, places: Places) -> dict[str, Json]:
    measure = objective.measure
    if measure.good_percent is not None:
        return _sliced(objective, measure.good_percent, places)
    total = count(measure.total, places)
    bad = "" if measure.bad is None else count(measure.bad, places)
    good = f"{total} - {bad}" if measure.good is None else count(measure.good, places)
    query: Json = {"numerator": good, "denominator": total}
    return {"type": "metric", "description": objective.promise, "query": query}


def _sliced(objective: Objective, rank: Series, places: Places) -> dict[str, Json]:
    """Of an objective that CloudWatch measures by a percentile rank, which it does not stream: by the percentile."""
    query = percentile(rank, objective.target_percent, places)
    found = re.fullmatch(r"PR\(0:(\d+)\)", rank.statistic)
    if found is None:
        raise ValueError(f"objective {objective.name}: {rank.statistic} is no rank of what is fast enough")
    return {
        "type": "time_slice",
        "description": f"{objective.promise} Datadog counts slices of {_SLICE_SECONDS // 60} minutes: in how many this "
        f"held for {objective.target_percent:g} % of the answers.",
        "sli_specification": {
            "time_slice": {
                "query": {
                    "formulas": [{"formula": "query1"}],
                    "queries": [{"data_source": "metrics", "name": "query1", "query": query}],
                },
                "comparator": "<=",
                "threshold": float(found[1]),
                "query_interval_seconds": _SLICE_SECONDS,
            }
        },
    }


def monitors(config: FluxConfig, ids: Mapping[str, str]) -> Objects:
    """Return a monitor for each burn rate of each objective, by its tag. ids: of the SLOs, by their tags."""
    return {
        tag_of(config, one.name, burn.name): _monitor(config, one, burn, ids[tag_of(config, one.name)])
        for one in OBJECTIVES
        for burn in one.burns
    }


def _monitor(config: FluxConfig, objective: Objective, burn: Burn, slo_id: str) -> Json:
    hours = min(max(burn.long, _SHORTEST_WINDOW), _LONGEST_WINDOW) // HOUR
    rate = f'burn_rate("{slo_id}").over("{_BUDGET}").long_window("{hours}h").short_window("{hours * 5}m")'
    words = describe_alarm(config, impact=objective.impact, first=objective.first, runbook=objective.name)
    return {
        "name": f"Flux {config.name}: {objective.name}, {burn.name}",
        "type": "slo alert",
        "query": f"{rate} > {burn.rate:g}",
        "message": f"{words} @{config.email(burn.severity)}",
        "priority": _PRIORITIES[burn.severity],
        "tags": [tag_of(config), tag_of(config, objective.name), tag_of(config, objective.name, burn.name)],
        "options": {"thresholds": {"critical": float(burn.rate)}, "include_tags": False},
    }


def dashboards(config: FluxConfig, ids: Mapping[str, str], places: Places) -> Objects:
    """Return the dashboard by its title: of each objective the budget that is left, and what was counted."""
    widgets = [
        widget for one in OBJECTIVES for widget in (_budget(one, ids[tag_of(config, one.name)]), _counted(one, places))
    ]
    return {
        title_of(config): {
            "title": title_of(config),
            "description": "Written by './flux datadog apply' from Flux's objectives; changes made here are undone.",
            "layout_type": "ordered",
            "widgets": [{"definition": widget} for widget in widgets],
        }
    }


def _budget(objective: Objective, slo_id: str) -> Json:
    return {
        "type": "slo",
        "title": f"{objective.name}: {objective.promise}",
        "slo_id": slo_id,
        "view_type": "detail",
        "view_mode": "overall",
        "time_windows": [_BUDGET],
        "show_error_budget": True,
    }


def _counted(objective: Objective, places: Places) -> Json:
    queries = [
        percentile(each, objective.target_percent, places)
        if each is objective.measure.good_percent
        else count(each, places)
        for each in objective.measure.series.values()
    ]
    return {
        "type": "timeseries",
        "title": f"{objective.name}: {', '.join(objective.measure.series)}",
        "requests": [{"q": query, "display_type": "line"} for query in queries],
    }
