"""Rules about what properties of one type of resource must be, as `properties.yaml` lists them."""

from collections.abc import Callable, Iterable, Mapping
from math import inf
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import yaml

from ..finding import Rule, Violation
from ..model import Environment, Resource
from ..values import Json, as_flag, as_number, as_text, as_texts

_LONGEST = 120  # characters of a value in a message

type _Wanted = bool | str | Mapping[str, Json]


class _Other(TypedDict):
    type: str
    property: str
    attribute: NotRequired[str]


class _Written(TypedDict):
    """One rule in the file, whose head says what the keys mean."""

    rule: str
    type: str | list[str]
    properties: NotRequired[dict[str, _Wanted]]
    source: str
    remedy: str
    by: NotRequired[_Other]
    kept: NotRequired[bool]
    unless: NotRequired[str]
    opt_out: NotRequired[str]


def lacks(value: Json, wanted: _Wanted) -> str:
    """Return what a value must be and is not; empty if it is.

    Raises:
        ValueError: the file asks for something that this function does not know.
    """
    nothing = value in (None, "", [], {})
    match wanted:
        case bool():
            return "" if as_flag(value) is wanted else str(wanted).lower()
        case "not true":
            return "" if value is None or as_flag(value) is False else "false or absent"
        case "present" | "absent":
            return "" if nothing == (wanted == "absent") else wanted
        case Mapping():
            return "" if wanted.get("optional") and nothing else _outside(value, wanted)
    raise ValueError(f"properties.yaml asks for {wanted!r}; its head says what it may ask for")


def _outside(value: Json, wanted: Mapping[str, Json]) -> str:
    if texts := as_texts(wanted.get("any_of")):
        return "" if as_text(value) in texts else " or ".join(texts)
    least, most = as_number(wanted.get("from")) or 0, as_number(wanted.get("to")) or inf
    return "" if least <= (as_number(value) or 0) <= most else f"{least:g} to {most:g}"


def _bearers(written: _Written, resource: Resource, environment: Environment) -> list[Resource]:
    """Return what must have the properties: the resource itself, or those beside it that name it."""
    if "by" not in written:
        return [resource]
    other, name = written["by"], resource.refers(written["by"].get("attribute", ""))
    return [one for one in environment.of(other["type"]) if one.text(other["property"]) == name]


def _check(written: _Written) -> Callable[[Environment], Iterable[Violation]]:
    def check(environment: Environment) -> Iterable[Violation]:
        for resource in environment.of(*as_texts(written["type"])):
            if (written.get("kept") and not environment.kept) or resource.get(written.get("unless", "")):
                continue
            bearers = _bearers(written, resource, environment)
            if not bearers:
                yield resource, f"has no {written['by']['type']}"
            for bearer in bearers:
                for path, wanted in written.get("properties", {}).items():
                    value = bearer.get(path)
                    if missing := lacks(value, wanted):
                        shown = "absent" if value is None else repr(value)[:_LONGEST]
                        yield resource, f"{path} is {shown}; it must be {missing}"

    return check


RULES = tuple(
    Rule(
        rule_id=written["rule"],
        source=written["source"],
        remedy=written["remedy"],
        check=_check(written),
        opt_out=written.get("opt_out", ""),
    )
    for written in cast("list[_Written]", yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text()))
)
