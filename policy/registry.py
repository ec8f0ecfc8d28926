"""What CloudFormation's own schemas say of a type's properties; `registry.json` is an extract of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Schema:
    """One type: paths by dots, without the numbers of lists' items.

    attributes: what Fn::GetAtt may ask of it. create_only: properties whose change replaces the resource. unordered:
    lists whose order means nothing (`insertionOrder: false`). defaults: what properties are where they are not written.
    """

    attributes: tuple[str, ...] = ()
    create_only: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)


@cache
def _schemas() -> Mapping[str, Schema]:
    written = json.loads(Path(__file__).with_name("registry.json").read_text())
    return {kind: Schema(**schema) for kind, schema in written.items()}


def schema(kind: str) -> Schema:
    """Return what is known of a type; of one without a schema, nothing."""
    return _schemas().get(kind) or Schema()
