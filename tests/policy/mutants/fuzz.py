"""Random changes to templates: any leaf altered or deleted, or something added at any place."""

import random
from collections.abc import Iterator
from functools import partial
from typing import cast

from policy.model import WrittenStack

from .change import Change, Json, Template

type Place = tuple[str | int, ...]


def random_changes(stacks: list[WrittenStack], *, count: int, seed: str) -> Iterator[Change]:
    """Yield so many different changes to an environment; the same for the same seed."""
    every = [
        (stack, how, place)
        for stack in stacks
        for place, value in _places(cast("Json", dict(stack.template)), ())
        for how in (("add",) if isinstance(value, dict | list) else ("alter", "delete"))
    ]
    chosen = random.Random(seed).sample(every, min(count, len(every)))  # noqa: S311 - repeatable, and no secret
    for stack, how, place in chosen:
        what = f"{how} {_what(cast('Template', stack.template), place)}"
        yield Change(layer=stack.layer, stack=stack.layer, what=what, apply=partial(_carry_out, how, place))


def _what(template: Template, place: Place) -> str:
    """Say what stands there: type and path, with a `*` for every item of a list."""
    section, *path = place
    if section == "Resources" and path:
        section = str(cast("dict[str, dict[str, Json]]", template["Resources"])[str(path.pop(0))]["Type"])
    return "/".join([str(section), *("*" if isinstance(part, int) else part for part in path)])


def _places(value: Json, place: Place) -> Iterator[tuple[Place, Json]]:
    if place:
        yield place, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*place, key))


def _carry_out(how: str, place: Place, template: Template) -> None:
    *path, last = place if how != "add" else (*place, "Extra")
    found: Json = template
    for part in path:
        found = cast("dict[str | int, Json]", found)[part]
    where = cast("dict[str | int, Json]", found)
    if how == "delete":
        del where[last]
    elif isinstance(found, list) and how == "add":
        found.append("x")
    else:
        where[last] = _other(where[last] if how == "alter" else None)


def _other(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}x"
