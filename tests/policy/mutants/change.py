"""One change to the synthesized templates, and how to make it."""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from policy.model import WrittenStack

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None
type Template = dict[str, Json]
type Step = Callable[[Template], None]

ON, OFF = True, False

# CDK ends a logical id in a hash of its path. Before it a model has its archive's hash, after it a version its own.
_HASH = re.compile(r"((?<=ForecastModel)[0-9a-f]{8}|(?<=ForecastConfig)[0-9a-f]{8})?[0-9A-F]{8}([0-9a-f]{32})?$")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. what: a sentence. right: how it may rightly be called. stack: whose template changes."""

    layer: str
    stack: str
    what: str
    apply: Step
    right: frozenset[str] = frozenset()

    def to(self, stacks: list[WrittenStack]) -> list[WrittenStack]:
        """Return the stacks with this change in one of them."""
        return [self._changed(stack) if stack.layer == self.stack else stack for stack in stacks]

    def _changed(self, stack: WrittenStack) -> WrittenStack:
        template = copy.deepcopy(cast("Template", dict(stack.template)))
        self.apply(template)
        if template == stack.template:
            raise AssertionError(f"{self.what}: changes nothing")
        return replace(stack, template=cast("Mapping[str, Json]", template))


def logical_id(template: Template, name: str) -> str:
    """Return the logical id of the resource called so, without its hash or with it."""
    resources = cast("dict[str, Json]", template["Resources"])
    return next(key for key in resources if name in (key, _HASH.sub("", key)))


def body(template: Template, name: str) -> dict[str, Json]:
    """Return the resource called so; of no name, the template itself."""
    return cast("dict[str, dict[str, Json]]", template["Resources"])[logical_id(template, name)] if name else template


def _key(place: Json, part: str) -> str | int:
    """A key of a mapping; of a list a number, or `~text` for the first item that holds this text."""
    if not isinstance(place, list):
        return part
    if not part.startswith("~"):
        return int(part)
    return next(index for index, item in enumerate(place) if part[1:] in json.dumps(item))


def _spot(template: Template, name: str, path: str) -> tuple[dict[str | int, Json], str | int]:
    """Return what holds the end of a path, a list or a mapping, and the end's key in it."""
    place: Json = body(template, name)
    *parts, last = path.split("/")
    for part in parts:
        place = cast("dict[str | int, Json]", place)[_key(place, part)]
    return cast("dict[str | int, Json]", place), _key(place, last)


def put(name: str, path: str, value: Json) -> Step:
    """Set what stands at a path (parts apart by `/`) in the resource called so."""

    def apply(template: Template) -> None:
        place, key = _spot(template, name, path)
        place[key] = _meant(template, value)

    return apply


def drop(name: str, path: str) -> Step:
    """Remove what stands at a path in the resource called so."""

    def apply(template: Template) -> None:
        place, key = _spot(template, name, path)
        del place[key]

    return apply


def add(name: str, path: str, value: Json, *, first: bool = False) -> Step:
    """Put at the end of the list at a path in the resource called so, or in front of it."""

    def apply(template: Template) -> None:
        place, key = _spot(template, name, path)
        found = cast("list[Json]", place[key])
        found.insert(0 if first else len(found), _meant(template, value))

    return apply


def remove(name: str) -> Step:
    """Remove the resource called so."""

    def apply(template: Template) -> None:
        del cast("dict[str, Json]", template["Resources"])[logical_id(template, name)]

    return apply


def rename(name: str, logical: str) -> Step:
    """Give the resource called so another logical id, everywhere it is referred to."""

    def apply(template: Template) -> None:
        before = logical_id(template, name)
        template |= json.loads(json.dumps(template).replace(f'"{before}"', f'"{logical}"'))

    return apply


def new(logical: str, resource: Json) -> Step:
    """Add a resource."""

    def apply(template: Template) -> None:
        cast("dict[str, Json]", template["Resources"])[logical] = _meant(template, resource)

    return apply


def twin(name: str, logical: str, *changes: tuple[str, Json]) -> Step:
    """Add a copy of the resource called so, with changes at paths in it."""

    def apply(template: Template) -> None:
        cast("dict[str, Json]", template["Resources"])[logical] = copy.deepcopy(body(template, name))
        for path, value in changes:
            put(logical, path, value)(template)

    return apply


def both(*steps: Step) -> Step:
    """Do one after the other, where a change takes two places."""

    def apply(template: Template) -> None:
        for step in steps:
            step(template)

    return apply


_REFERENCE = re.compile(r"<([A-Z]\w+)(?:\.(\w+))?>")


def _meant(template: Template, value: Json) -> Json:
    """Return a value with `<Name>` and `<Name.Attribute>` in it as CloudFormation's references."""
    if isinstance(value, dict):
        return {key: _meant(template, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_meant(template, item) for item in value]
    if not isinstance(value, str) or not _REFERENCE.search(value):
        return value
    if whole := _REFERENCE.fullmatch(value):
        found = logical_id(template, whole[1])
        return {"Fn::GetAtt": [found, whole[2]]} if whole[2] else {"Ref": found}
    return {"Fn::Sub": _REFERENCE.sub(lambda match: f"${{{_spelled(template, match)}}}", value)}


def _spelled(template: Template, match: re.Match[str]) -> str:
    return logical_id(template, match[1]) + (f".{match[2]}" if match[2] else "")
