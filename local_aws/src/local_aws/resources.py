"""How to give ministack's CloudFormation a resource type it lacks, or completes one it has."""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import override

from ministack.services.cloudformation import provisioners, stacks

from .values import Json, Properties

CREATE_ONLY = Path(__file__).with_name("create_only.json")
"""By type, the properties whose change makes a new resource; the old one is deleted afterwards, as on AWS."""

type Answer = tuple[str, Mapping[str, Json]]
"""What ministack's handlers answer: physical id and attributes."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What CloudFormation asks of a resource type: the resource's place in the template, and what it shall be.

    stack, logical_id: which resource of which stack.
    properties: its properties, intrinsic functions resolved.
    """

    stack: str
    logical_id: str
    properties: Properties

    def name(self, given: str, *, longest: int, lowercase: bool = False) -> str:
        """The name in property `given`, or a generated one as CloudFormation would: stable until a replacement."""
        if given in self.properties:
            return self.properties.text(given)
        return str(provisioners._physical_name(self.stack, self.logical_id, max_len=longest, lowercase=lowercase))


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource that exists.

    physical_id: what `Ref` answers.
    attributes: what `Fn::GetAtt` answers.
    """

    physical_id: str
    attributes: Mapping[str, Json] = field(default_factory=dict)

    def with_attributes(self, attributes: Mapping[str, Json]) -> "Resource":
        """The same resource, answering these attributes, too."""
        return Resource(physical_id=self.physical_id, attributes={**self.attributes, **attributes})


class ResourceType(ABC):
    """One CloudFormation resource type. Whatever a method raises fails the resource, and CloudFormation rolls back.

    Attributes:
        name: like `AWS::EC2::EIP`.
        fixed_name: the property with a name that must be unique. A replacement is created before the old one is gone,
            so one under the same name fails, as on AWS ("Update behaviors of stack resources", "Replacement").
        slow: it starts processes or calls the emulator, so it runs in a thread of its own; a quick one runs on the
            event loop and must not wait for anything.
        tags: the property that takes the stack's tags as a list, if any.
    """

    name: str
    fixed_name: str | None = None
    slow: bool = False
    tags: str | None = None

    @abstractmethod
    def create(self, request: Request) -> Resource:
        """Make the resource."""

    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        """Change the existing resource from `old` to the request's properties; answers all its attributes again."""
        del physical_id, old
        return self.create(request)

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: B027 - many types leave nothing behind
        """Delete the resource; one that is already gone is no error."""


class Stock(ResourceType):
    """A type as ministack has it: what a module builds upon that only completes the type."""

    def __init__(self) -> None:
        self._handlers = dict(provisioners._RESOURCE_HANDLERS[self.name])

    def complete(self, made: Resource, request: Request) -> Resource:
        """Do what ministack leaves out, when a resource was made or changed."""
        del request
        return made

    def create(self, request: Request) -> Resource:
        """Make the resource as ministack does, completed."""
        create: Callable[..., Answer] = self._handlers["create"]
        return self._completed(create(request.logical_id, request.properties.values, request.stack), request)

    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        """Change the resource as ministack does, which is to create it anew if it knows no better; completed."""
        if "update" not in self._handlers:
            return self.create(request)
        update: Callable[..., Answer] = self._handlers["update"]
        logical_id = (request.logical_id,) if self._handlers.get("update_with_logical_id") else ()
        answer = update(physical_id, old.values, request.properties.values, request.stack, *logical_id)
        return self._completed(answer, request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the resource as ministack does."""
        delete: Callable[..., None] = self._handlers["delete"]
        delete(physical_id, properties.values)

    def _completed(self, answer: Answer, request: Request) -> Resource:
        physical_id, attributes = answer
        return self.complete(Resource(physical_id=physical_id, attributes=attributes), request)


class Completed(Stock):
    """ministack's type, answering attributes that ministack leaves out."""

    def __init__(self, name: str, attributes: Callable[[str, Properties], Mapping[str, Json]]) -> None:
        self.name = name
        super().__init__()
        self._attributes = attributes

    @override
    def complete(self, made: Resource, request: Request) -> Resource:
        return made.with_attributes(self._attributes(made.physical_id, request.properties))


_SLOW: set[str] = set()


def register(*resource_types: ResourceType) -> None:
    """Make ministack's CloudFormation use each of these for the type of its name."""
    for resource_type in resource_types:
        _register(resource_type)


def _register(resource_type: ResourceType) -> None:
    def create(logical_id: str, properties: Mapping[str, Json], stack: str) -> Answer:
        made = resource_type.create(Request(stack=stack, logical_id=logical_id, properties=Properties(properties)))
        return made.physical_id, dict(made.attributes)

    def update(
        physical_id: str, old: Mapping[str, Json], new: Mapping[str, Json], stack: str, logical_id: str | None = None
    ) -> Answer:
        request = Request(stack=stack, logical_id=logical_id or physical_id, properties=Properties(new))
        made = resource_type.update(physical_id, Properties(old), request)
        return made.physical_id, dict(made.attributes)

    def delete(physical_id: str, properties: Mapping[str, Json]) -> None:
        resource_type.delete(physical_id, Properties(properties))

    name = resource_type.name
    provisioners._RESOURCE_HANDLERS[name] = {
        **provisioners._RESOURCE_HANDLERS.get(name, {}),
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }
    if resource_type.fixed_name is not None:
        exists = f"Resource of type '{name}' with identifier '{{name}}' already exists."
        provisioners._CUSTOM_NAME_REPLACEMENT[name] = {"name": resource_type.fixed_name, "exists": exists}
    if resource_type.tags is not None:
        provisioners._STACK_TAG_PROPERTY[name] = (resource_type.tags, "list")
    if resource_type.slow:
        _SLOW.add(name)


def install() -> None:
    """Tell ministack which changes replace a resource, and which types must not run on the event loop."""
    known = stacks._runs_on_worker_thread

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type in _SLOW or bool(known(resource_type))

    stacks._runs_on_worker_thread = runs_on_worker_thread
    for name, properties in json.loads(CREATE_ONLY.read_text()).items():
        before = provisioners._REPLACING_PROPERTIES.get(name, ())
        provisioners._REPLACING_PROPERTIES[name] = tuple(dict.fromkeys((*before, *properties)))
