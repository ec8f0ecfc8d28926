"""What must be there before the model and its endpoint: CloudFormation makes side by side what does not wait."""

from collections.abc import Iterable, Iterator

from ..finding import Broken, Rules
from ..model import Environment
from .model import ENDPOINT, MODEL

RULES = Rules()


def _waits(environment: Environment) -> Iterator[tuple[str, str]]:
    """Yield names of what must wait, and of what it waits for."""
    for model in environment.of(MODEL):
        # The artifact is fetched with the role, through the group.
        yield model.name, "Ml/ForecastRolePolicy"
        for rule in environment.of("AWS::EC2::SecurityGroupEgress"):
            if rule.text("GroupId") in model.texts("VpcConfig.SecurityGroupIds"):
                yield model.name, rule.name
    for endpoint in environment.of(ENDPOINT):
        # Or SageMaker makes a group of the same name: not encrypted, for ever, and ours can be made no more.
        yield endpoint.name, "Ml/ForecastLogs"


@RULES.rule("ML-ORDER", source="CloudFormation, DependsOn", remedy="add the dependency")
def model_and_endpoint_wait_for_what_they_need(environment: Environment) -> Iterable[Broken]:
    """Without it a first deployment fails half-way, now and then."""
    for name, before in _waits(environment):
        resource, awaited = environment.named(name), environment.named(before)
        if resource and awaited and awaited.logical_id not in resource.depends_on:
            yield Broken(resource=resource, what=f"may be made before {before}")
