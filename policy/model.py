"""What the rules read: one environment, its stacks and their resources, with every reference followed.

A reference is the text `${Layer/LogicalId}` or `${Layer/LogicalId.Attribute}`, whichever way the template spelled it
(Ref, Fn::GetAtt, Fn::Sub, or Fn::GetStackOutput from another stack). `plain` leaves out CDK's hashes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flux_infra.config import FluxConfig

from .values import Json, as_flag, as_list, as_map, as_number, as_text, as_texts, dig, texts_within

TOKEN = re.compile(r"\$\{([A-Za-z0-9-]+)/([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")

# CDK ends a logical id in eight hexadecimal digits of its path's hash; a version adds its content's.
_HASH = re.compile(r"[0-9A-F]{8}([0-9a-f]{32}|<version>)?$")


def plain_id(logical_id: str) -> str:
    """Return a logical id without its hash: the names of the constructs it lies in."""
    return _HASH.sub("", logical_id)


def plain(text: str) -> str:
    """Return a text with the hashes of all its references left out."""
    return TOKEN.sub(lambda match: f"${{{match[1]}/{plain_id(match[2])}{'.' + match[3] if match[3] else ''}}}", text)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource, its properties resolved.

    layer: the stack's name in its stage, like `Data`. path: the construct's, if the assembly tells it.
    """

    layer: str
    stack: str
    logical_id: str
    type: str
    properties: Mapping[str, Json]
    deletion_policy: str = ""
    replace_policy: str = ""
    update_policy: Mapping[str, Json] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    path: str = ""

    @cached_property
    def name(self) -> str:
        """`Layer/ConstructNames`, the same in every environment."""
        return f"{self.layer}/{plain_id(self.logical_id)}"

    @cached_property
    def every_text(self) -> Sequence[tuple[str, str]]:
        """Every text in its properties, with the keys that lead to it, by dots."""
        return tuple(texts_within(self.properties))

    def get(self, path: str) -> Json:
        """Return the property at a dotted path."""
        return dig(self.properties, path)

    def text(self, path: str) -> str:
        """Return the property as text, references without hashes."""
        return plain(as_text(self.get(path)))

    def texts(self, path: str) -> list[str]:
        """Return the property as a list of texts, references without hashes."""
        return [plain(text) for text in as_texts(self.get(path))]

    def number(self, path: str) -> float | None:
        """Return the property as a number."""
        return as_number(self.get(path))

    def flag(self, path: str) -> bool | None:
        """Return the property as a boolean."""
        return as_flag(self.get(path))

    def items(self, path: str) -> list[Mapping[str, Json]]:
        """Return the property as a list of mappings."""
        return [as_map(item) for item in as_list(self.get(path))]

    def refers(self, attribute: str = "") -> str:
        """Return how others refer to this resource, without hash."""
        return f"${{{self.name}.{attribute}}}" if attribute else f"${{{self.name}}}"


@dataclass(frozen=True, kw_only=True)
class WrittenStack:
    """One stack as written, before its references are followed.

    known: whether a manifest names it. deployed: how that has it deployed: by which role, with what. assets: what each
    hash of its asset manifest is of. file: where the template was read from.
    """

    name: str
    stage: str
    layer: str
    account: str
    region: str
    template: Mapping[str, Json]
    paths: Mapping[str, str]
    termination_protection: bool
    tags: Mapping[str, str]
    known: bool
    deployed: Mapping[str, Json]
    assets: Mapping[str, str] = field(default_factory=dict)
    file: Path = Path()


@dataclass(frozen=True, kw_only=True)
class Stack(WrittenStack):
    """One stack as it would be deployed.

    unresolved, unreadable: what its template refers to in vain, or says in a way that no rule can read; with where.
    """

    resources: tuple[Resource, ...]
    outputs: Mapping[str, Json]
    unresolved: tuple[tuple[str, str], ...]
    unreadable: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Environment:
    """One stage, and equal to no other. config: what environments.py says about it, or None if it says nothing."""

    name: str
    account: str
    region: str
    config: FluxConfig | None
    stacks: tuple[Stack, ...]

    @property
    def kept(self) -> bool:
        """Whether its data must survive; an environment that nobody declared ephemeral keeps its data."""
        return self.config is None or not self.config.ephemeral

    @cached_property
    def _by_name(self) -> Mapping[str, Resource]:
        return {resource.name: resource for resource in self.resources()}

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        kinds = {resource.type for resource in self.resources()}
        return {kind: [resource for resource in self.resources() if resource.type == kind] for kind in kinds}

    def resources(self) -> Iterator[Resource]:
        """Every resource."""
        return (resource for stack in self.stacks for resource in stack.resources)

    def of(self, *types: str) -> list[Resource]:
        """Every resource of the given types, type by type."""
        return [resource for kind in types for resource in self._by_type.get(kind, ())]

    def find(self, reference: str) -> Resource | None:
        """Return the resource that a name or a whole reference means."""
        match = TOKEN.fullmatch(reference)
        return self._by_name.get(f"{match[1]}/{plain_id(match[2])}" if match else reference)
