"""What must outlive a deployment, and what must be there before it is used."""

from collections.abc import Iterable

from ..finding import Rules, Violation
from ..model import Environment, Resource
from ..statements import POLICIES

RULES = Rules()

# What holds something that a new one of its kind would not.
_KEPT_TYPES = (
    *(
        "AWS::Backup::BackupVault",
        "AWS::CloudFront::KeyValueStore",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
    ),
    *("AWS::EFS::FileSystem", "AWS::ElastiCache::ReplicationGroup", "AWS::KMS::Key", "AWS::Logs::LogGroup"),
    *("AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::DBParameterGroup", "AWS::RDS::DBSubnetGroup"),
    *("AWS::S3::Bucket", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Model", "AWS::SecretsManager::Secret"),
)
_KEEPS = ("Retain", "RetainExceptOnCreate", "Snapshot")
# A stack with one of these is gone for good if it is deleted, or takes every other stack with it.
_PROTECTED_TYPES = (
    *("AWS::DynamoDB::Table", "AWS::EC2::VPC", "AWS::EFS::FileSystem", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"),
    *("AWS::SageMaker::Model", "AWS::SecretsManager::Secret"),
)


@RULES.of(
    "STATE-KEPT",
    *_KEPT_TYPES,
    source="CloudFormation Template Reference, DeletionPolicy and UpdateReplacePolicy",
    remedy="apply a removal policy that retains, or declare that the environment keeps no data",
)
def state_survives_its_stack(resource: Resource, environment: Environment) -> Iterable[str]:
    """On deletion and on replacement, where data is kept. A read replica holds nothing of its own."""
    if not environment.kept or resource.get("SourceDBInstanceIdentifier"):
        return
    for policy, event in (
        (resource.deletion_policy, "with its stack"),
        (resource.replace_policy, "when it is replaced"),
    ):
        if policy not in _KEEPS:
            yield f"is deleted {event} ({policy or 'no policy'})"


@RULES.rule(
    "STATE-STACK",
    source="CloudFormation User Guide, Termination protection",
    remedy="set termination_protection=True",
)
def stacks_with_state_cannot_be_deleted_by_mistake(environment: Environment) -> Iterable[Violation]:
    """Termination protection stands in the manifest, so a template without one is not judged."""
    for stack in environment.stacks:
        held = {resource.type for resource in stack.resources} & set(_PROTECTED_TYPES)
        if environment.kept and stack.known and held and not stack.termination_protection:
            message = f"{stack.name} holds {', '.join(sorted(held))} and may be deleted by one command"
            yield Violation(subject=stack.layer, message=message)


_USES_ROLE = {
    "AWS::Lambda::Function": "Role",
    "AWS::RDS::DBInstance": "MonitoringRoleArn",
    "AWS::SageMaker::Model": "ExecutionRoleArn",
}


@RULES.of(
    "ORDER-ROLE",
    *_USES_ROLE,
    source="CloudFormation User Guide, DependsOn: roles and their policies",
    remedy="let it depend on the policies of its role",
)
def roles_are_ready_before_they_are_used(resource: Resource, environment: Environment) -> Iterable[str]:
    """A service that tries its role at once is refused while the role's policies are still being made."""
    role = environment.find(resource.text(_USES_ROLE[resource.type]))
    for policy in environment.of(*POLICIES) if role and role.layer == resource.layer else ():
        if role and role.refers() in policy.texts("Roles") and policy.logical_id not in resource.depends_on:
            yield f"may use its role before {policy.logical_id} is there"
