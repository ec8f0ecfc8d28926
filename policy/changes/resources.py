"""What it does that a stack or a resource is another, is gone, or says another sentence."""

from policy.stateful import RELEASED_TYPES, STATEFUL_TYPES

from .consequence import Consequence
from .directions import table


def changed_stack(old: str, new: str) -> Consequence:
    """A stack that has another name is another stack."""
    if "not protected" in new and "not protected" not in old:
        return Consequence.WEAKENS
    if old.replace("not protected", "protected") == new:
        return Consequence.HARMLESS
    same = old.partition(",")[0] == new.partition(",")[0]
    return Consequence.CHANGED if same else Consequence.LOSES_DATA


def _keeps(value: str) -> bool:
    """Whether a resource is kept when it goes."""
    removal = value.partition("on removal ")[2]
    return bool(removal) and "Delete" not in removal and "default" not in removal


def changed_resource(old: str, new: str) -> Consequence:
    """Another type or logical id is another resource."""
    a, b = (value.split(", tagged")[0].split(", on removal")[0] for value in (old, new))
    if a != b:
        return lost_resource(a.split(",")[0])
    stateful = a.split(",")[0] in STATEFUL_TYPES or a.split(",")[0] in RELEASED_TYPES
    if _keeps(new) != _keeps(old):
        worse = Consequence.LOSES_DATA if stateful else Consequence.CHANGED
        return worse if _keeps(new) < _keeps(old) else Consequence.HARMLESS
    return Consequence.CHANGED if ", tagged" in old and ", tagged" not in new else Consequence.HARMLESS


def lost_resource(kind: str) -> Consequence:
    """What it means that a resource of some type is gone."""
    if kind in STATEFUL_TYPES:
        return Consequence.LOSES_DATA
    return Consequence.WEAKENS if kind in table()["protective"] else Consequence.INTERRUPTS


def changed_logs(old: str, new: str) -> Consequence:
    """What it means that a log is kept for another time, or under another key."""
    (days, key), (new_days, new_key) = (value.removeprefix("for ").split(" under ") for value in (old, new))
    a, b = (float("inf") if x == "ever" else float(x.split()[0]) for x in (days, new_days))
    if b < a or ("<" in key and "<" not in new_key):
        return Consequence.WEAKENS
    return Consequence.CHANGED if b == float("inf") != a or (key != new_key and "<" in key) else Consequence.HARMLESS


def changed_route(old: str, new: str) -> Consequence:
    """What it means that a route goes elsewhere, or has its caller checked by something else."""
    before, after = (value.partition(", caller checked by ") for value in (old, new))
    if before[2] != after[2]:
        return Consequence.WIDENS if before[2] != "NONE" else Consequence.CHANGED
    return Consequence.INTERRUPTS
