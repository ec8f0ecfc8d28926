"""What a changed alarm does: whether it still fires when it did, or earlier, or no more."""

import re

from .consequence import Consequence

_FIRES = re.compile(
    r"(?P<what>.+) (?P<sign>>=|>|<=|<) (?P<threshold>\S+) in (?P<points>\d+) of (?P<periods>\d+), "
    r"no data is (?P<missing>\S+)"
)
_METRIC = re.compile(r"(?P<statistic>\S+) of (?P<metric>.+) per (?P<period>\d+) s(?P<rest>.*)")
_MISSING = ("notBreaching", "ignore", "missing", "breaching")
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")


def changed_rule(old: str, new: str) -> Consequence:
    """What it means that an alarm fires on something else."""
    a, b = _FIRES.fullmatch(old), _FIRES.fullmatch(new)
    if a is None or b is None:
        return Consequence.WEAKENS
    upward = ">" in a["sign"]
    if (">" in b["sign"]) != upward:
        return Consequence.WEAKENS
    judged = [Consequence.HARMLESS if a["what"] == b["what"] else changed_metric(a["what"], b["what"], upward=upward)]
    try:
        step = (float(b["threshold"]) - float(a["threshold"])) * (1 if upward else -1)
    except ValueError:
        return Consequence.WEAKENS
    later = step > 0 or (step == 0 and "=" in a["sign"] and "=" not in b["sign"])
    rarer = (int(b["points"]), -int(b["periods"])) > (int(a["points"]), -int(a["periods"]))
    known = {a["missing"], b["missing"]} <= set(_MISSING)
    quieter = not known or _MISSING.index(b["missing"]) < _MISSING.index(a["missing"])
    if later or rarer or quieter:
        judged.append(Consequence.WEAKENS)
    elif int(b["periods"]) > int(a["periods"]) or b["missing"] != a["missing"]:
        judged.append(Consequence.CHANGED)
    return min(judged)


def changed_metric(old: str, new: str, *, upward: bool | None) -> Consequence:
    """What it means that an alarm watches another number. upward: whether it fires above its threshold, if known."""
    a, b = _METRIC.fullmatch(old), _METRIC.fullmatch(new)
    if a is None or b is None:
        return _changed_expression(old, new)
    if (a["metric"], a["rest"]) != (b["metric"], b["rest"]):
        return Consequence.WEAKENS
    judged = [Consequence.HARMLESS]
    if a["statistic"] != b["statistic"]:
        ranks = [_rank(x["statistic"]) for x in (a, b)]
        step = (ranks[1] or 0) - (ranks[0] or 0)
        sharper = upward is not None and None not in ranks and (step > 0 if upward else step < 0)
        judged.append(Consequence.HARMLESS if sharper else Consequence.WEAKENS)
    periods = int(a["period"]), int(b["period"])
    adds_up = a["statistic"] in ("Sum", "SampleCount")
    if periods[0] != periods[1]:
        weaker = periods[1] < periods[0] if adds_up and upward is not False else periods[1] > periods[0]
        judged.append(Consequence.WEAKENS if weaker else Consequence.CHANGED)
    return min(judged)


def _rank(statistic: str) -> float | None:
    """Where a statistic lies among the values that it sums up."""
    if match := _PERCENTILE.fullmatch(statistic):
        return float(match[1])
    return {"Minimum": 0.0, "Average": 60.0, "Maximum": 100.0}.get(statistic)


def _changed_expression(old: str, new: str) -> Consequence:
    """A sum or a maximum of more fires no later than before."""
    for glue in (" + ", ", "):
        before, after = set(old.split(glue)), set(new.split(glue))
        if len(before) > 1 and before < after:
            return Consequence.CHANGED
    return Consequence.WEAKENS
