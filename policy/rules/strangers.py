"""Nothing is there that nobody planned: nothing that runs, starts, stores or lets in."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..grants import ROLES
from ..model import Environment
from .inventory import CLOSED, expected

RULES = Rules()

_PLANNED = (*sorted(CLOSED), "AWS::CodeDeploy::DeploymentGroup", "Custom::S3AutoDeleteObjects")
# aws-cdk-lib's function that closes the default security group, and what empties buckets where nothing is kept.
_LIBRARY = "Network/CustomVpcRestrictDefaultSGCustomResourceProviderHandler"
_EMPTYING = "AutoDeleteObjectsCustomResource"


@RULES.rule("STRANGERS", source="policy/rules/inventory.py", remedy="remove it, or write down what it is")
def nothing_is_there_that_nobody_planned(environment: Environment) -> Iterable[Broken]:
    """A function, role, database, schedule or network more is one that no rule compares with anything."""
    planned = {*expected(environment), *ROLES, _LIBRARY}
    for resource in environment.of(*_PLANNED):
        emptying = not environment.kept and _EMPTYING in resource.name
        if resource.name not in planned and not emptying:
            yield Broken(resource=resource, what=f"is {resource.type} {resource.name}, which nobody planned")
