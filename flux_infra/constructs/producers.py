"""What a stack takes from others is part of its own template.

A stack reads another's outputs when it is deployed (`Fn::GetStackOutput`), and its template names them without their
values. So the template stays the same where the other stack's VPC is replaced by a new one, and `cdk deploy` skips a
stack whose template is as it was deployed (aws-cdk #38829): its functions would stay in a VPC that is going. A hash of
what would replace those resources, in the template's metadata, makes it differ exactly then.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

import jsii
from aws_cdk import IStableStringProducer, Lazy, Stack, Stage

type Json = str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None

# The properties of each type whose change replaces a resource: CloudFormation's own schemas, as the gate has them, too.
_SCHEMAS = Path(__file__).parents[2] / "policy" / "registry.json"
_REFERENCES = ("Ref", "Fn::GetAtt")


def name_producers(stack: Stack) -> None:
    """Write into the template of a stack a hash of what it takes from those before it."""
    metadata = dict(stack.template_options.metadata or {})
    stack.template_options.metadata = {**metadata, "Producers": Lazy.string(_Producers(stack))}


@jsii.implements(IStableStringProducer)
class _Producers:
    """Asked when the stack's template is written: those of the stacks that it depends on are written before it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def produce(self) -> str:
        """Return the hash."""
        producers = sorted(self._stack.dependencies, key=lambda each: each.stack_name)
        folder = Path(cast("Stage", Stage.of(self._stack)).outdir)
        templates = [json.loads((folder / each.template_file).read_text()) for each in producers]
        return hashlib.sha256(json.dumps([identity(each) for each in templates]).encode()).hexdigest()[:16]


def identity(template: Mapping[str, Json]) -> Json:
    """Return what makes a stack's outputs speak of these resources and no others, whatever they are called."""
    resources = cast("Mapping[str, Mapping[str, Json]]", template.get("Resources", {}))
    found: dict[str, Json] = {}
    open_ids = list(dict.fromkeys(_referred(template.get("Outputs", {}), resources)))
    while open_ids:
        logical_id = open_ids.pop()
        if logical_id in found:
            continue
        replaced_by = _replaced_by(resources[logical_id])
        found[logical_id] = replaced_by
        # What it stands in, like a subnet's VPC: if that is replaced, so is this.
        open_ids += _referred(replaced_by, resources)
    # What this stack takes from others itself counts for those that take from it.
    upstream = cast("Mapping[str, Json]", template.get("Metadata", {})).get("Producers")
    return {"upstream": upstream, "resources": dict(sorted(found.items()))}


def _replaced_by(resource: Mapping[str, Json]) -> Mapping[str, Json]:
    kind = cast("str", resource["Type"])
    properties = cast("Mapping[str, Json]", resource.get("Properties", {}))
    wanted = {path.partition(".")[0] for path in _create_only().get(kind, ())}
    return {"Type": kind, **{name: value for name, value in sorted(properties.items()) if name in wanted}}


def _referred(value: Json, resources: Mapping[str, Json]) -> Iterator[str]:
    """Yield the logical ids of resources that a value of a template refers to."""
    if isinstance(value, str):
        yield from (name for name in re.findall(r"\$\{([A-Za-z0-9]+)[}.]", value) if name in resources)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in _REFERENCES:
                name = inner if isinstance(inner, str) else cast("Sequence[str]", inner)[0]
                if name in resources:
                    yield name
            else:
                yield from _referred(inner, resources)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _referred(inner, resources)


@cache
def _create_only() -> Mapping[str, Sequence[str]]:
    schemas: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(_SCHEMAS.read_text())
    return {kind: schema.get("create_only", ()) for kind, schema in schemas.items()}
