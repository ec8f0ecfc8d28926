"""Nothing runs, starts or releases anything that nobody planned."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..grants import ROLES
from ..model import Environment
from .inventory import expected

RULES = Rules()

_PLANNED = (
    *("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Stage"),
    *("AWS::CloudFront::Distribution", "AWS::CloudFront::Function", "AWS::CloudFront::KeyValueStore"),
    *("AWS::SageMaker::Endpoint", "AWS::WAFv2::LoggingConfiguration", "AWS::WAFv2::WebACL"),
    *("AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup", "AWS::Events::Rule", "AWS::IAM::Role"),
    *("AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function", "AWS::SQS::Queue"),
    *("Custom::Migrations", "Custom::S3AutoDeleteObjects", "Custom::VpcRestrictDefaultSG"),
)
# aws-cdk-lib's function that closes the default security group, and what empties buckets where nothing is kept.
_LIBRARY = "Network/CustomVpcRestrictDefaultSGCustomResourceProviderHandler"
_EMPTYING = "AutoDeleteObjectsCustomResource"


@RULES.rule("STRANGERS", source="flux_infra/policy/rules/inventory.py", remedy="remove it, or write down what it is")
def nothing_runs_that_nobody_planned(environment: Environment) -> Iterable[Broken]:
    """A function, role, queue, schedule or release more is one that no rule compares with anything."""
    planned = {*expected(environment), *ROLES, _LIBRARY}
    for resource in environment.of(*_PLANNED):
        emptying = not environment.kept and _EMPTYING in resource.name
        if resource.name not in planned and not emptying:
            yield Broken(resource=resource, what=f"is {resource.type} {resource.name}, which nobody planned")
