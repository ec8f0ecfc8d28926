"""One environment's surface: everything that its templates say, one fact a line, readable in a review.

`subject verb ...`, where the subject is a construct's path, or a layer for what is said of a whole stack. `<...>` is a
reference. What holds only under some conditions of a template begins with `sometimes:`.
"""

from collections.abc import Iterator, Mapping, Sequence

from policy.assembly import readings
from policy.intrinsics import condition_value
from policy.model import Environment, Resource, Stack, WrittenStack
from policy.values import Json, as_list, as_map, as_text

from .left_out import is_left_out
from .names import Names
from .properties import property_lines
from .sentences import SAID_WHOLE, SENTENCES

_TAGS = ("Tags", "BackupPlanTags", "BackupVaultTags", "UserPoolTags")
# Attributes of a resource that have lines of their own.
_SAID = {"Type", "Properties", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "Metadata"}
# How a stack is deployed, as far as it decides what the deployment may do.
_DEPLOYED = (
    *("assumeRoleArn", "cloudFormationExecutionRoleArn", "notificationArns", "parameters", "roleArn"),
    "resourceRetention",
)
SOMETIMES = "sometimes: "


def surface(stacks: Sequence[WrittenStack], *, only: str = "") -> frozenset[str]:
    """Return the lines of the environment that these stacks make, read each way in which its conditions can go.

    only: a layer, where no other's lines are wanted.
    """
    assets = {digest: name for stack in reversed(stacks) for digest, name in stack.assets.items()}
    all_readings = [frozenset(_Writer(environment, assets).lines(only)) for environment in readings(stacks)]
    always, ever = frozenset.intersection(*all_readings), frozenset.union(*all_readings)
    return always | {f"{SOMETIMES}{line}" for line in ever - always}


class _Writer:
    """Writes one reading of one environment."""

    def __init__(self, environment: Environment, assets: Mapping[str, str]) -> None:
        self._environment = environment
        self._names = Names(environment, assets)

    def lines(self, only: str) -> Iterator[str]:
        """Yield every line of one layer, or of all; some more than once."""
        environment = self._environment
        yield f"environment is in account {environment.account} and region {environment.region}"
        for stack in environment.stacks:
            if only not in ("", stack.layer):
                continue
            yield from self._stack(stack)
            for resource in stack.resources:
                yield from self._resource(stack, resource)

    def _stack(self, stack: Stack) -> Iterator[str]:
        text, layer = self._names.text, stack.layer
        guarded = "protected from termination" if stack.termination_protection else "not protected from termination"
        where = f"{text(stack.account)} {text(stack.region)}"
        known = "" if stack.known else ", not in the manifest"
        yield f"{layer} is stack {text(stack.name)} in {where}, {guarded}{known}"
        yield from (f"{layer} tag {key} = {text(value)}" for key, value in stack.tags.items())
        for key, value in stack.outputs.items():
            # CDK names what other stacks refer to; what they refer to is said where they do.
            yield f"{layer} publishes {'' if key.startswith('PublishOutput') else text(key) + ' = '}{text(value)}"
        yield from (f"{layer} refers to nothing: {where}: {text(what)}" for where, what in stack.unresolved)
        yield from (f"{layer} cannot be read: {where}: {text(what)}" for where, what in stack.unreadable)
        for key in _DEPLOYED:
            if key in stack.deployed:
                yield f"{layer} deployed with {key} = {text(stack.deployed[key])}"
        yield from (f"{layer} section {key} = {text(section)}" for key, section in _sections(stack))
        for key, output in as_map(stack.template.get("Outputs")).items():
            if as_map(output).get("Export"):
                yield f"{layer} exports {text(key)}"
            rest = {k: v for k, v in as_map(output).items() if k not in ("Value", "Export")}
            if rest:
                yield f"{layer} output {text(key)} has {text(rest)}"

    def _resource(self, stack: Stack, resource: Resource) -> Iterator[str]:
        names = self._names
        subject, properties = names.of(resource), dict(resource.properties)
        removal = resource.deletion_policy or resource.replace_policy
        attributes = list(self._attributes(stack, resource, subject, properties))
        if resource.type not in SAID_WHOLE or attributes or names.logical_id(resource) or removal:
            yield self._is(resource, subject)
        yield from attributes
        sentence = SENTENCES.get(resource.type)
        if sentence:
            yield from sentence(subject, properties, names)
        yield from property_lines(subject, resource.type, properties, names)

    def _is(self, resource: Resource, subject: str) -> str:
        deleted, replaced = resource.deletion_policy, resource.replace_policy
        parts = [f"{subject} is {resource.type}"]
        if logical_id := self._names.logical_id(resource):
            parts.append(f"logical id {logical_id}")
        if any(key in resource.properties for key in _TAGS):
            parts.append("tagged")
        if deleted == replaced:
            parts += [f"on removal {deleted}"] if deleted else []
        else:
            parts.append(f"on removal {deleted or 'default'} when deleted and {replaced or 'default'} when replaced")
        return ", ".join(parts)

    def _attributes(self, stack: Stack, resource: Resource, subject: str, properties: dict[str, Json]) -> Iterator[str]:
        names, written = self._names, as_map(as_map(stack.template.get("Resources")).get(resource.logical_id))
        waited = {names.sibling(resource, logical_id) for logical_id in resource.depends_on}
        yield from (f"{subject} waits for {other}" for other in self._rolled_up(subject, waited))
        if resource.update_policy:
            yield from property_lines(subject, resource.type, resource.update_policy, names, "UpdatePolicy")
        conditions = as_map(stack.template.get("Conditions"))
        for key, value in written.items():
            always = key == "Condition" and condition_value(conditions.get(as_text(value))) is True
            if key not in _SAID and not always:
                yield f"{subject} attribute {key} = {names.text(value)}"
        for key, value in as_map(written.get("Metadata")).items():
            if not is_left_out(resource.type, f"Metadata.{key}"):
                yield f"{subject} metadata {key} = {names.text(value)}"
        for key in (key for key in _TAGS if key in properties):
            tags = _tags(properties.pop(key))
            for tag, value in tags.items():
                its_path = tag == "Name" and resource.path.startswith(f"{value}/")
                if stack.tags.get(tag) != value and not its_path:
                    yield f"{subject} tag {names.text(tag)} = {names.text(value)}"
            yield from (f"{subject} tag {tag} is not the stack's" for tag in stack.tags.keys() - tags.keys())

    def _rolled_up(self, subject: str, waited: set[str]) -> set[str]:
        """Return `Construct/*` for constructs of which all is waited for; their lines say what that is."""
        if not waited:
            return waited
        prefixes = {"/".join(w.split("/")[:n]) for w in waited for n in range(2, w.count("/") + 2)}
        for prefix in sorted(prefixes, key=len):
            inside = self._names.below(prefix) - {subject}
            if len(inside) > 1 and inside <= waited:
                waited = waited - inside | {f"{prefix}/*"}
        return waited


def _tags(value: Json) -> Mapping[str, str]:
    if isinstance(value, Mapping):
        return {key: as_text(item) for key, item in value.items()}
    return {as_text(as_map(item).get("Key")): as_text(as_map(item).get("Value")) for item in as_list(value)}


def _sections(stack: Stack) -> Iterator[tuple[str, Json]]:
    """Yield what a template says beside its resources and outputs."""
    for key, section in stack.template.items():
        if key in ("Resources", "Outputs") or is_left_out("Any", f"section {key}"):
            continue
        shown = section
        if key == "Metadata":
            said = as_map(section).items()
            shown = {name: value for name, value in said if not is_left_out("Any", f"section {key}.{name}")}
        if shown or not section:
            yield key, shown
