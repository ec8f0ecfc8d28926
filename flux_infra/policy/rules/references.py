"""References between stacks, and where an environment lives."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment

RULES = Rules()


@RULES.rule("REF-RESOLVES", source="CloudFormation, Ref, GetAtt, Fn::GetStackOutput", remedy="name what exists")
def every_reference_leads_somewhere(environment: Environment) -> Iterable[Broken]:
    """A reference to nothing fails while deploying, half-way."""
    for stack in environment.stacks:
        resources = {resource.logical_id: resource for resource in stack.resources}
        for where, name in stack.unresolved:
            yield Broken(resource=resources.get(where), subject=where, what=f"refers to {name}, which is nowhere")


@RULES.rule("REF-WEAK", source="decision 0001", remedy="use weak references; no Export, no Fn::ImportValue")
def stacks_do_not_lock_each_other(environment: Environment) -> Iterable[Broken]:
    """An export cannot change while another stack imports it: the deadlock of aws-cdk #7602."""
    for stack in environment.stacks:
        for name in stack.exports:
            yield Broken(subject=name, what=f"{stack.name} exports {name}")
        for resource in stack.resources:
            if "${import:" in repr(resource.properties):
                yield Broken(resource=resource, what="imports another stack's export")


@RULES.rule("ENV-PLACE", source="environments.py", remedy="deploy to the configured account and region")
def environments_stay_in_their_account(environment: Environment) -> Iterable[Broken]:
    """Two environments in one account share its limits and its administrators."""
    config = environment.config
    if config is None:
        yield Broken(subject="environment", what="is not in environments.py, so nothing says what it may lack")
    elif (environment.account, environment.region) != (config.account, config.region):
        yield Broken(subject="environment", what=f"lives in {environment.account}/{environment.region}")
