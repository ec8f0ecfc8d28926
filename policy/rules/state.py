"""What must outlive a deployment."""

from collections.abc import Iterable

from ..finding import Rules, Violation
from ..model import Environment, Resource
from ..stateful import KEPT_TYPES, PROTECTED_TYPES

RULES = Rules()
_KEEPS = ("Retain", "RetainExceptOnCreate", "Snapshot")


@RULES.of("STATE-KEPT", *KEPT_TYPES)
def state_survives_its_stack(resource: Resource, environment: Environment) -> Iterable[str]:
    """On deletion and on replacement, where data is kept. A read replica holds nothing of its own."""
    if not environment.kept or resource.get("SourceDBInstanceIdentifier"):
        return
    removed = {"with its stack": resource.deletion_policy, "when it is replaced": resource.replace_policy}
    for event, policy in removed.items():
        if policy not in _KEEPS:
            yield f"is deleted {event} ({policy or 'no policy'})"


@RULES.rule("STATE-STACK")
def stacks_with_state_cannot_be_deleted_by_mistake(environment: Environment) -> Iterable[Violation]:
    """Termination protection stands in the manifest, so a template without one is not judged."""
    for stack in environment.stacks:
        held = {resource.type for resource in stack.resources} & PROTECTED_TYPES
        if environment.kept and stack.known and held and not stack.termination_protection:
            message = f"{stack.name} holds {', '.join(sorted(held))} and may be deleted by one command"
            yield stack.layer, message
