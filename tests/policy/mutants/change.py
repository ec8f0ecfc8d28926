"""One change to the synthesized templates, and the steps that changes are made of."""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from policy.model import WrittenStack

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None
type Template = dict[str, Json]

# CDK ends a logical id in a hash of its path. Before it a model has its archive's hash, after it a version its own.
_HASH = re.compile(r"((?<=ForecastModel)[0-9a-f]{8}|(?<=ForecastConfig)[0-9a-f]{8})?[0-9A-F]{8}([0-9a-f]{32})?$")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. what: a sentence. right: how it may rightly be called. stack: whose template changes."""

    layer: str
    stack: str
    what: str
    apply: Callable[[Template], None]
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
    return next(key for key in resources(template) if name in (key, _HASH.sub("", key)))


def resources(template: Template) -> dict[str, Json]:
    """Return the template's resources by their logical ids."""
    return cast("dict[str, Json]", template["Resources"])


def _key(place: Json, part: str) -> str | int:
    """A key of a mapping; of a list a number, or `~text` for the first item that holds this text."""
    if not isinstance(place, list):
        return part
    if not part.startswith("~"):
        return int(part)
    return next(index for index, item in enumerate(place) if part[1:] in json.dumps(item))


def spot(template: Template, name: str, path: str) -> tuple[dict[str | int, Json], str | int]:
    """Return what holds the end of a path (parts apart by `/`) in the resource called so, and the end's key in it.

    It is a list or a mapping; of no name, the path begins in the template itself.
    """
    place: Json = resources(template)[logical_id(template, name)] if name else template
    *parts, last = path.split("/")
    for part in parts:
        place = cast("dict[str | int, Json]", place)[_key(place, part)]
    return cast("dict[str | int, Json]", place), _key(place, last)


def put(template: Template, name: str, path: str, value: Json) -> None:
    """Set what stands at a path in the resource called so."""
    place, key = spot(template, name, path)
    place[key] = _meant(template, value)


def add(template: Template, name: str, path: str, value: Json, *, first: bool) -> None:
    """Put at the end of the list at a path in the resource called so, or in front of it."""
    place, key = spot(template, name, path)
    found = cast("list[Json]", place[key])
    found.insert(0 if first else len(found), _meant(template, value))


def rename(template: Template, name: str, logical: str) -> None:
    """Give the resource called so another logical id, everywhere it is referred to."""
    before = logical_id(template, name)
    template |= json.loads(json.dumps(template).replace(f'"{before}"', f'"{logical}"'))


def new(template: Template, logical: str, resource: Json) -> None:
    """Add a resource."""
    resources(template)[logical] = _meant(template, resource)


def twin(template: Template, name: str, logical: str, changes: Mapping[str, Json]) -> None:
    """Add a copy of the resource called so, with changes at paths in it."""
    resources(template)[logical] = copy.deepcopy(resources(template)[logical_id(template, name)])
    for path, value in changes.items():
        put(template, logical, path, value)


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
