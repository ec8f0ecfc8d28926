"""Reading what `cdk synth` wrote: templates, manifests and metadata of every stage in a folder."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from flux_infra.config import FluxConfig
from flux_infra.environments import environments

from .intrinsics import Resolver, condition_value
from .model import Environment, Resource, Stack, WrittenStack
from .normalize import normalized
from .values import Json, as_flag, as_list, as_map, as_text, as_texts

_STACK_NAME = re.compile(r"Flux-(?P<stage>[a-z0-9-]+)-(?P<layer>[A-Za-z]+)")
_FILE_NAME = re.compile(r"Flux(?P<stage>[a-z0-9]+)(?P<layer>[A-Z][A-Za-z]*?)[0-9A-F]{8}\.template\.json")
_SECTIONS = {
    *("AWSTemplateFormatVersion", "Conditions", "Description", "Mappings", "Metadata"),
    *("Outputs", "Parameters", "Resources", "Rules"),
}
_ATTRIBUTES = {
    *("Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata"),
    *("Properties", "Type", "UpdatePolicy", "UpdateReplacePolicy"),
}
_MOST_LEVELS = 100  # of values within values; Flux's templates have fewer than 20
_MOST_CONDITIONS = 4  # all ways of so many conditions are read; of more, all true, all false and each alone


class AssemblyError(ValueError):
    """The folder holds nothing that could be judged; the message says what is missing."""


def read_stages(folder: Path) -> Mapping[str, list[WrittenStack]]:
    """Return the stacks of every stage that the folder's manifest names, or of the templates in it if it has none.

    What another synthesis left below the folder is not read.

    Raises:
        AssemblyError: there is no template, or a manifest names one that is missing or cannot be read.
    """
    stages: dict[str, list[WrittenStack]] = {}
    for stack in _read_assembly(folder):
        stages.setdefault(stack.stage, []).append(stack)
    if not stages:
        raise AssemblyError(f"{folder}: no *.template.json in it; run 'make synth' first, or name the folder it wrote")
    return dict(sorted(stages.items()))


def _read_assembly(folder: Path) -> Iterator[WrittenStack]:
    if not (folder / "manifest.json").exists():
        templates = sorted(folder.glob("*.template.json"))
        yield from (_read_stack(file, {}) for file in templates)
        for manifest in sorted(folder.glob("*/manifest.json")) if not templates else ():
            yield from _read_assembly(manifest.parent)
        return
    for artifact in map(as_map, as_map(_load(folder / "manifest.json").get("artifacts")).values()):
        properties = as_map(artifact.get("properties"))
        if artifact.get("type") == "cdk:cloud-assembly":
            yield from _read_assembly(folder / as_text(properties.get("directoryName")))
        elif artifact.get("type") == "aws:cloudformation:stack":
            yield _read_stack(folder / as_text(properties.get("templateFile")), artifact)


def _load(file: Path) -> Mapping[str, Json]:
    try:
        document = json.loads(file.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise AssemblyError(f"{file}: is missing or cannot be read ({error}); run 'make synth' again") from error
    if not isinstance(document, dict):
        raise AssemblyError(f"{file}: holds no JSON object; run 'make synth' again")
    level = [(name, body) for section in document.values() for name, body in as_map(section).items()]
    for _ in range(_MOST_LEVELS):
        inner = ((name, as_map(body).values() or body) for name, body in level if isinstance(body, dict | list))
        level = [(name, part) for name, parts in inner for part in parts]
    if level:
        raise AssemblyError(f"{file}: {level[0][0]}: more than {_MOST_LEVELS} values within each other; write fewer")
    return cast("Mapping[str, Json]", document)


def read_stage(folder: Path) -> list[WrittenStack]:
    """Return the stacks in one stage's folder.

    Raises:
        AssemblyError: as `read_stages`, or there are several stages in it.
    """
    stages = read_stages(folder)
    if len(stages) != 1:
        raise AssemblyError(f"{folder}: holds several stages ({', '.join(stages)}); name the folder of one")
    return next(iter(stages.values()))


def _read_stack(file: Path, artifact: Mapping[str, Json]) -> WrittenStack:
    properties = as_map(artifact.get("properties"))
    name = as_text(properties.get("stackName")) or as_text(artifact.get("displayName")).replace("/", "-")
    match = _STACK_NAME.fullmatch(name) or _FILE_NAME.fullmatch(file.name)
    first = file.name.split(".")[0]
    stage, layer = (match["stage"], match["layer"]) if match else (name or first, name or first)
    config = config_of(stage)
    address = re.fullmatch(r"aws://([^/]+)/(.+)", as_text(artifact.get("environment")))
    return WrittenStack(
        name=name or f"Flux-{config.name if config else stage}-{layer}",
        stage=config.name if config else stage,
        layer=layer,
        account=address[1] if address else (config.account if config else ""),
        region=address[2] if address else (config.region if config else ""),
        template=_load(file),
        paths=_paths(file, artifact),
        termination_protection=as_flag(properties.get("terminationProtection")) is True,
        tags={key: as_text(value) for key, value in as_map(properties.get("tags")).items()},
        known=bool(artifact),
        deployed=properties,
        assets=_assets(file),
        file=file.resolve(),
    )


def _assets(template: Path) -> Mapping[str, str]:
    manifest = template.with_name(template.name.replace(".template.", ".assets."))
    files = as_map(_load(manifest).get("files")) if manifest.is_file() else {}
    return {digest: re.sub(r"\s+", "_", as_text(as_map(body).get("displayName"))) for digest, body in files.items()}


def _paths(file: Path, artifact: Mapping[str, Json]) -> Mapping[str, str]:
    """Return construct paths by logical id, from the manifest or the file it names."""
    extra = file.parent / as_text(artifact.get("additionalMetadataFile"))
    metadata = {**as_map(artifact.get("metadata")), **(_load(extra) if extra.is_file() else {})}
    return {
        as_text(as_map(entry).get("data")): path.removeprefix("/")
        for path, entries in metadata.items()
        for entry in as_list(entries)
        if as_map(entry).get("type") == "aws:cdk:logicalId"
    }


def config_of(stage: str) -> FluxConfig | None:
    """Return what environments.py says about a stage, if it does; file names leave the dashes out."""
    preview = re.fullmatch(r"pr-?([0-9]+)", stage)
    known = environments(preview=f"pr-{preview[1]}" if preview else None)
    return next((config for config in known if stage in (config.name, config.name.replace("-", ""))), None)


def readings(stacks: Sequence[WrittenStack]) -> Iterator[Environment]:
    """Yield the stage that these stacks make, once for each way in which its conditions can go.

    One that is named but not defined could go both ways, too: CloudFormation refuses such a template as a whole.
    """
    conditions: dict[tuple[str, str], Json] = {}
    for stack in stacks:
        conditions |= {(stack.name, name): None for name in _named_conditions(stack.template)}
        conditions |= {(stack.name, name): way for name, way in as_map(stack.template.get("Conditions")).items()}
    fixed = {key: value for key, text in conditions.items() if (value := condition_value(text)) is not None}
    open_ones = [key for key in conditions if key not in fixed]
    for ways in _ways(len(open_ones)):
        yield _reading(stacks, {**fixed, **dict(zip(open_ones, ways, strict=True))})


def _named_conditions(value: Json) -> Iterator[str]:
    """Yield the conditions that a template names, wherever it does."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "Condition" and isinstance(item, str):
                yield item
            elif key == "Fn::If" and as_list(item):
                yield as_text(as_list(item)[0])
            yield from _named_conditions(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _named_conditions(item)


def _ways(count: int) -> Iterator[tuple[bool, ...]]:
    if count <= _MOST_CONDITIONS:
        return itertools.product((True, False), repeat=count)
    alone = (tuple(position == index for position in range(count)) for index in range(count))
    return itertools.chain([(True,) * count, (False,) * count], alone)


def _reading(stacks: Sequence[WrittenStack], conditions: Mapping[tuple[str, str], bool]) -> Environment:
    by_name = {stack.name: stack for stack in stacks}

    def resolver(stack: WrittenStack, hops: int) -> Resolver:
        def output(stack_name: str, region: str, output_name: str) -> Json:
            other = by_name.get(stack_name)
            found = as_map(as_map(other.template.get("Outputs")).get(output_name)) if other else {}
            made = conditions.get((stack_name, as_text(found.get("Condition"))), True)
            if other is None or other.region != region or "Value" not in found or not made:
                return None
            return resolver(other, hops + 1).resolve(found["Value"])

        own = {name: way for (stack_name, name), way in conditions.items() if stack_name == stack.name}
        return Resolver(stack=stack, output=output, conditions=own, hops=hops)

    environment = Environment(
        name=stacks[0].stage,
        account=stacks[0].account,
        region=stacks[0].region,
        config=config_of(stacks[0].stage),
        stacks=tuple(_stack(stack, resolver(stack, 0)) for stack in stacks),
    )
    return normalized(environment)


def _stack(stack: WrittenStack, resolver: Resolver) -> Stack:
    resources, written = [], as_map(stack.template.get("Resources"))
    resolver.unreadable.extend((name, f"section {name}") for name in stack.template if name not in _SECTIONS)
    if not isinstance(stack.template.get("Resources", {}), Mapping):
        resolver.unreadable.append(("Resources", "something other than resources by their logical ids"))
    for logical_id, raw in ((key, as_map(body)) for key, body in written.items()):
        resolver.unreadable.extend((logical_id, name) for name in raw if name not in _ATTRIBUTES)
        if not isinstance(raw.get("Type"), str):
            resolver.unreadable.append((logical_id, "a resource without a type"))
        if not resolver.conditions.get(as_text(raw.get("Condition")), True):
            continue
        resolver.where = logical_id
        depends_on = tuple(as_texts(raw.get("DependsOn")))
        resolver.unresolved.extend((logical_id, name) for name in depends_on if name not in written)
        resources.append(
            Resource(
                layer=stack.layer,
                stack=stack.name,
                logical_id=logical_id,
                type=as_text(raw.get("Type")),
                properties=as_map(resolver.resolve(raw.get("Properties"))),
                deletion_policy=as_text(resolver.resolve(raw.get("DeletionPolicy"))),
                replace_policy=as_text(resolver.resolve(raw.get("UpdateReplacePolicy"))),
                update_policy=as_map(resolver.resolve(raw.get("UpdatePolicy"))),
                depends_on=depends_on,
                path=stack.paths.get(logical_id, ""),
            )
        )
    outputs = {}
    for name, body in as_map(stack.template.get("Outputs")).items():
        resolver.where = name
        outputs[name] = resolver.resolve(as_map(body).get("Value"))
    return Stack(
        **vars(stack),
        resources=tuple(resources),
        outputs=outputs,
        unresolved=tuple(resolver.unresolved),
        unreadable=tuple(resolver.unreadable),
    )
