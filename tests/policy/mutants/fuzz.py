"""Random changes to templates: any leaf altered or deleted, or something added at any place."""

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from policy.assembly import WrittenStack

from .change import Json, Template

type Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Random:
    """One random change. how: alter, delete or add."""

    stack: str
    how: str
    place: Place

    def to(self, stacks: list[WrittenStack]) -> list[WrittenStack]:
        """Return the stacks with this change in one of them."""
        return [self._changed(stack) if stack.layer == self.stack else stack for stack in stacks]

    def _changed(self, stack: WrittenStack) -> WrittenStack:
        template = copy.deepcopy(cast("Template", dict(stack.template)))
        *path, last = self.place
        if self.how == "add":
            _add(_at(template, self.place))
        elif isinstance(where := _at(template, tuple(path)), list):
            where[int(last)] = _other(where[int(last)])
            if self.how == "delete":
                del where[int(last)]
        else:
            body = cast("dict[str, Json]", where)
            body[str(last)] = _other(body[str(last)])
            if self.how == "delete":
                del body[str(last)]
        return replace(stack, template=template)

    def of(self, stacks: list[WrittenStack]) -> str:
        """Return what is changed: type and path, with a `*` for every item of a list."""
        template = next(stack.template for stack in stacks if stack.layer == self.stack)
        section, *path = self.place
        if section == "Resources":
            body = cast("dict[str, dict[str, Json]]", template["Resources"])[str(path.pop(0))]
            section = str(body["Type"])
        return "/".join([str(section), *("*" if isinstance(part, int) else part for part in path)])


def random_changes(stacks: list[WrittenStack], *, count: int, seed: str) -> list[Random]:
    """Return so many different changes to an environment; the same for the same seed."""
    every = [
        Random(stack=stack.layer, how=how, place=place)
        for stack in stacks
        for place, value in _places(cast("Json", dict(stack.template)), ())
        for how in (("add",) if isinstance(value, dict | list) else ("alter", "delete"))
    ]
    return random.Random(seed).sample(every, min(count, len(every)))  # noqa: S311 - repeatable, and no secret


def _places(value: Json, place: Place) -> Iterator[tuple[Place, Json]]:
    if place:
        yield place, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*place, index))


def _at(value: Json, place: Place) -> Json:
    for part in place:
        value = value[int(part)] if isinstance(value, list) else cast("dict[str, Json]", value)[str(part)]
    return value


def _other(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}x"


def _add(where: Json) -> None:
    if isinstance(where, list):
        where.append("x")
    else:
        cast("dict[str, Json]", where)["Extra"] = "x"
