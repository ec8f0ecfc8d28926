"""References between stacks, what a template may be written with, and where an environment lives."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment

RULES = Rules()


@RULES.rule("REF-RESOLVES", source="CloudFormation, Ref, GetAtt, Fn::GetStackOutput", remedy="name what exists")
def every_reference_leads_somewhere(environment: Environment) -> Iterable[Broken]:
    """A reference to nothing fails while deploying, half-way; one to another region finds another stack."""
    for stack in environment.stacks:
        resources = {resource.logical_id: resource for resource in stack.resources}
        for where, name in stack.unresolved:
            yield Broken(resource=resources.get(where), subject=where, what=f"refers to {name}, which is nowhere")


@RULES.rule(
    "REF-READABLE",
    source="CloudFormation Template Reference, Intrinsic functions",
    remedy="write the value, or follow the construct in intrinsics.py",
)
def everything_can_be_read(environment: Environment) -> Iterable[Broken]:
    """What a macro, a parameter or a function of a wrong form stands for, no rule has judged."""
    for stack in environment.stacks:
        resources = {resource.logical_id: resource for resource in stack.resources}
        for where, what in stack.unreadable:
            yield Broken(resource=resources.get(where), subject=where, what=f"is written with {what}: nobody can judge")


@RULES.rule("REF-WEAK", source="decision 0001", remedy="use weak references; no Export, no Fn::ImportValue")
def stacks_do_not_lock_each_other(environment: Environment) -> Iterable[Broken]:
    """An export cannot change while another stack imports it: the deadlock of aws-cdk #7602."""
    for stack in environment.stacks:
        for name in stack.exports:
            yield Broken(subject=name, what=f"{stack.name} exports {name}")
        for name, value in stack.outputs.items():
            if "${import:" in repr(value):
                yield Broken(subject=name, what=f"{stack.name} imports another stack's export")
        for resource in stack.resources:
            if "${import:" in repr(resource.properties):
                yield Broken(resource=resource, what="imports another stack's export")


@RULES.rule("ENV-PLACE", source="environments.py", remedy="deploy to the configured account and region")
def environments_stay_in_their_account(environment: Environment) -> Iterable[Broken]:
    """Two environments in one account share its limits and its administrators."""
    config = environment.config
    if config is None:
        yield Broken(subject="environment", what="is not in environments.py, so nothing says what it may lack")
        return
    for stack in environment.stacks:
        if (stack.account, stack.region) != (config.account, config.region):
            yield Broken(subject=stack.layer, what=f"lives in {stack.account}/{stack.region}")
