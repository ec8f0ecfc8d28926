"""What CloudFormation's own schemas say of a type's properties; `registry.json` is an extract of them."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict, cast

FILE = Path(__file__).with_name("registry.json")


class Schema(TypedDict, total=False):
    """One type: paths by dots, without the numbers of lists' items."""

    attributes: Sequence[str]
    create_only: Sequence[str]
    unordered: Sequence[str]
    defaults: Mapping[str, str]


@cache
def _schemas() -> Mapping[str, Schema]:
    return cast("Mapping[str, Schema]", json.loads(FILE.read_text()))


@cache
def attributes(kind: str) -> frozenset[str]:
    """Return what Fn::GetAtt may ask of a type."""
    return frozenset(_schemas().get(kind, {}).get("attributes", ()))


@cache
def unordered(kind: str) -> frozenset[str]:
    """Return the lists whose order means nothing (`insertionOrder: false`)."""
    return frozenset(_schemas().get(kind, {}).get("unordered", ()))


@cache
def create_only(kind: str) -> frozenset[str]:
    """Return the properties whose change replaces the resource (`createOnlyProperties`)."""
    return frozenset(_schemas().get(kind, {}).get("create_only", ()))


@cache
def defaults(kind: str) -> Mapping[str, str]:
    """Return what properties are where they are not written (`default`)."""
    return _schemas().get(kind, {}).get("defaults", {})
