"""One change to the synthesized templates, and the small language to write it in."""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from policy.assembly import WrittenStack
from policy.model import plain_id

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None
type Template = dict[str, Json]

ON, OFF = True, False

# A model and its endpoint's configuration are made anew for each archive, and called after it.
_ARCHIVE = re.compile(r"^(Forecast(?:Model|Config))[0-9a-f]{8}$")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. layer: of rules, for the score. stack: whose template changes. what: a sentence."""

    layer: str
    stack: str
    what: str
    apply: Callable[[Template], None]

    def to(self, stacks: list[WrittenStack]) -> list[WrittenStack]:
        """Return the stacks with this change in one of them."""
        return [self._changed(stack) if stack.layer == self.stack else stack for stack in stacks]

    def _changed(self, stack: WrittenStack) -> WrittenStack:
        template = copy.deepcopy(dict(stack.template))
        before = copy.deepcopy(template)
        self.apply(cast("Template", template))
        if template == before:
            raise AssertionError(f"{self.what}: changes nothing")
        return replace(stack, template=cast("Mapping[str, Json]", template))


def logical_id(template: Template, name: str) -> str:
    """Return the logical id of the resource called so without its hash, and without that of the model's archive."""
    resources = cast("dict[str, Json]", template["Resources"])
    return next(key for key in resources if _ARCHIVE.sub(r"\1", plain_id(key)) == name)


def body(template: Template, name: str) -> dict[str, Json]:
    """Return the resource called so."""
    return cast("dict[str, dict[str, Json]]", template["Resources"])[logical_id(template, name)]


def ref(name: str) -> Callable[[Template], Json]:
    """A Ref to another resource of the same template."""
    return lambda template: {"Ref": logical_id(template, name)}


def att(name: str, attribute: str) -> Callable[[Template], Json]:
    """A GetAtt of another resource of the same template."""
    return lambda template: {"Fn::GetAtt": [logical_id(template, name), attribute]}


def _place(resource: Json, path: str) -> tuple[Json, str]:
    parts = path.split("/")
    for part in parts[:-1]:
        resource = resource[int(part)] if isinstance(resource, list) else cast("dict[str, Json]", resource)[part]
    return resource, parts[-1]


def put(name: str, path: str, value: Json | Callable[[Template], Json]) -> Callable[[Template], None]:
    """Set what stands at a path (parts apart by `/`) in the resource called so."""

    def apply(template: Template) -> None:
        place, key = _place(body(template, name), path)
        new = value(template) if callable(value) else value
        if isinstance(place, list):
            place[int(key)] = new
        else:
            cast("dict[str, Json]", place)[key] = new

    return apply


def drop(name: str, path: str) -> Callable[[Template], None]:
    """Remove what stands at a path in the resource called so."""

    def apply(template: Template) -> None:
        place, key = _place(body(template, name), path)
        if isinstance(place, list):
            del place[int(key)]
        else:
            del cast("dict[str, Json]", place)[key]

    return apply


def add(name: str, path: str, value: Json) -> Callable[[Template], None]:
    """Append to the list at a path in the resource called so."""

    def apply(template: Template) -> None:
        place, key = _place(body(template, name), path)
        found = place[int(key)] if isinstance(place, list) else cast("dict[str, Json]", place)[key]
        cast("list[Json]", found).append(value)

    return apply


def hurry(name: str, before: str) -> Callable[[Template], None]:
    """Let the resource called so no longer wait for the one called `before`."""

    def apply(template: Template) -> None:
        awaited = cast("list[Json]", body(template, name)["DependsOn"])
        awaited.remove(logical_id(template, before))

    return apply


def remove(name: str) -> Callable[[Template], None]:
    """Remove the resource called so."""

    def apply(template: Template) -> None:
        del cast("dict[str, Json]", template["Resources"])[logical_id(template, name)]

    return apply


def rename(name: str, logical: str) -> Callable[[Template], None]:
    """Give the resource called so another logical id, everywhere it is referred to."""

    def apply(template: Template) -> None:
        before = logical_id(template, name)
        text = json.dumps(template).replace(f'"{before}"', f'"{logical}"')
        template |= json.loads(text)

    return apply


def insert(name: str, path: str, value: Json) -> Callable[[Template], None]:
    """Put in front of the list at a path in the resource called so."""

    def apply(template: Template) -> None:
        place, key = _place(body(template, name), path)
        found = place[int(key)] if isinstance(place, list) else cast("dict[str, Json]", place)[key]
        cast("list[Json]", found).insert(0, value)

    return apply


def both(*changes: Callable[[Template], None]) -> Callable[[Template], None]:
    """Do one after the other, where a change takes two places."""

    def apply(template: Template) -> None:
        for change in changes:
            change(template)

    return apply


def section(name: str, value: Json) -> Callable[[Template], None]:
    """Add to a section of the template itself, like Conditions or Outputs."""

    def apply(template: Template) -> None:
        found = template.get(name)
        template[name] = {**found, **value} if isinstance(found, dict) and isinstance(value, dict) else value

    return apply


def new(logical: str, resource: Json) -> Callable[[Template], None]:
    """Add a resource."""

    def apply(template: Template) -> None:
        cast("dict[str, Json]", template["Resources"])[logical] = resource

    return apply


def publish(output: str, value: Json) -> Callable[[Template], None]:
    """Let the stack put out a value, in place of what it put out under this name."""

    def apply(template: Template) -> None:
        cast("dict[str, Json]", template["Outputs"])[output] = {"Value": value}

    return apply


def withhold(output: str) -> Callable[[Template], None]:
    """Let the stack no longer put out what it put out under this name."""

    def apply(template: Template) -> None:
        del cast("dict[str, Json]", template["Outputs"])[output]

    return apply


def state(section: str, value: Json) -> Callable[[Template], None]:
    """Set a section of the template, like its Metadata."""

    def apply(template: Template) -> None:
        template[section] = value

    return apply


def twin(name: str, logical: str, *changes: tuple[str, Json]) -> Callable[[Template], None]:
    """Add a copy of the resource called so, with changes at paths in it."""

    def apply(template: Template) -> None:
        cast("dict[str, Json]", template["Resources"])[logical] = copy.deepcopy(body(template, name))
        for path, value in changes:
            put(logical, path, value)(template)

    return apply
