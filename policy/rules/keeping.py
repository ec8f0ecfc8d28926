"""What must outlive a deployment: removal policies, logical ids, names, termination protection, tags."""

import re
from collections.abc import Iterable, Iterator

from ..finding import Broken, Rules
from ..model import Environment, Resource, plain_id
from ..stateful import (
    PINNED,
    PINNED_WITH_A_DOMAIN,
    PINNED_WITH_BACKUPS,
    ZONAL_TYPES,
)
from ..values import Json, as_map, as_text
from ..wanted import kept
from .domain import signed_domain

RULES = Rules()

# What holds state, and how it may end where data is kept.
_KEEP = {
    "AWS::Backup::BackupVault": {"Retain", "RetainExceptOnCreate"},
    "AWS::RDS::DBInstance": {"Retain", "RetainExceptOnCreate", "Snapshot"},
    "AWS::RDS::DBSubnetGroup": {"Retain", "RetainExceptOnCreate"},
    "AWS::RDS::DBParameterGroup": {"Retain", "RetainExceptOnCreate"},
    "AWS::ElastiCache::ReplicationGroup": {"Retain", "RetainExceptOnCreate", "Snapshot"},
    "AWS::S3::Bucket": {"Retain", "RetainExceptOnCreate"},
    "AWS::CloudFront::KeyValueStore": {"Retain", "RetainExceptOnCreate"},  # what its entry named is not published again
    "AWS::KMS::Key": {"Retain", "RetainExceptOnCreate"},
    "AWS::SecretsManager::Secret": {"Retain", "RetainExceptOnCreate"},
    "AWS::Logs::LogGroup": {"Retain", "RetainExceptOnCreate"},
    # A release of the model rolls back to these.
    "AWS::SageMaker::Model": {"Retain", "RetainExceptOnCreate"},
    "AWS::SageMaker::EndpointConfig": {"Retain", "RetainExceptOnCreate"},
}
# What a kept database stands in.
_KEEP_BY_NAME = {"Data/DatabaseSecurityGroup": {"Retain", "RetainExceptOnCreate"}}
_PROTECTED = ("Network", "Data", "Ml")
_ALL_ZONES = 9

# What takes tags in a template; what aws-cdk-lib makes without them is reached by the stack's tags.
_TAGGED = {
    *("AWS::Backup::BackupPlan", "AWS::Backup::BackupVault"),
    *("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage", "AWS::CloudFront::Distribution"),
    *("AWS::CloudFront::Function", "AWS::CloudFront::KeyValueStore", "AWS::CloudWatch::CompositeAlarm"),
    *("AWS::CloudWatch::Dashboard", "AWS::EC2::VPCEndpoint", "AWS::RDS::EventSubscription"),
    *("AWS::CloudWatch::Alarm", "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"),
    *("AWS::EC2::EIP", "AWS::EC2::FlowLog", "AWS::EC2::InternetGateway", "AWS::EC2::NatGateway"),
    *("AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC"),
    *("AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::SubnetGroup", "AWS::ElastiCache::User"),
    *("AWS::ElastiCache::UserGroup", "AWS::Events::Rule", "AWS::IAM::Role", "AWS::KMS::Key"),
    *("AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::RDS::DBInstance"),
    *("AWS::RDS::DBParameterGroup", "AWS::RDS::DBSubnetGroup", "AWS::S3::Bucket", "AWS::SNS::Topic"),
    *("AWS::SQS::Queue", "AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Model"),
    *("AWS::SecretsManager::Secret", "AWS::WAFv2::WebACL"),
}


@RULES.rule(
    "KEEP-STATE", source="CloudFormation, DeletionPolicy and UpdateReplacePolicy", remedy="state_removal(config)"
)
def state_survives_its_stack(environment: Environment) -> Iterable[Broken]:
    """On deletion and on replacement, where data is kept."""
    if not kept(environment):
        return
    for resource in environment.resources():
        allowed = _KEEP.get(resource.type) or _KEEP_BY_NAME.get(resource.name)
        if allowed is None:
            continue
        if resource.deletion_policy not in allowed:
            yield Broken(resource=resource, what=f"goes with its stack ({resource.deletion_policy or 'no policy'})")
        if resource.replace_policy not in allowed:
            yield Broken(resource=resource, what=f"goes when it is replaced ({resource.replace_policy or 'no policy'})")


@RULES.rule(
    "KEEP-IDS", source="CloudFormation, logical ids", remedy="keep the construct's id, or rename it by cdk refactor"
)
def stateful_resources_keep_their_logical_ids(environment: Environment) -> Iterable[Broken]:
    """Another logical id is another resource, and the old one is lost with all that it holds."""
    found = {(resource.layer, resource.logical_id) for resource in environment.resources()}
    for layer, logical_id in _pinned(environment):
        if (layer, logical_id) not in found:
            yield Broken(subject=logical_id, what=f"{layer} no longer holds {plain_id(logical_id)} under this id")


def _pinned(environment: Environment) -> Iterator[tuple[str, str]]:
    """Yield the layer and the logical id of everything that this environment must hold."""
    pins = [PINNED]
    if environment.backed_up:
        pins.append(PINNED_WITH_BACKUPS)
    if signed_domain(environment):
        pins.append(PINNED_WITH_A_DOMAIN)
    for layers in pins:
        for layer, types in layers.items():
            for kind, ids in types.items():
                most = _most(environment, kind)
                yield from ((layer, logical_id) for logical_id in sorted(ids) if _zone(logical_id) <= most)


def _most(environment: Environment, kind: str) -> int:
    """Return in how many zones the environment has a resource of this kind; one that is not known, in all."""
    network = environment.config.network if environment.config else None
    if network is None or kind not in ZONAL_TYPES:
        return _ALL_ZONES
    return network.nat_gateways if kind == "AWS::EC2::EIP" else len(network.zones)


def _zone(logical_id: str) -> int:
    """Return the number of a zone's resource; 0 for all others."""
    match = re.match(r"Vpc[A-Za-z]+Subnet(\d)", logical_id)
    return int(match[1]) if match else 0


# What has no name of its own, but CloudFormation's: a name given later, or taken away, is a replacement.
_NAMELESS = {
    "AWS::EC2::SecurityGroup": ("GroupName",),
    "AWS::ElastiCache::ReplicationGroup": ("ReplicationGroupId",),
    "AWS::ElastiCache::SubnetGroup": ("CacheSubnetGroupName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::Lambda::Function": ("FunctionName",),
    "AWS::RDS::DBParameterGroup": ("DBParameterGroupName",),
    "AWS::RDS::DBSubnetGroup": ("DBSubnetGroupName",),
    "AWS::S3::Bucket": ("BucketName", "BucketNamePrefix"),
    "AWS::SecretsManager::Secret": ("Name",),
    "AWS::SQS::Queue": ("QueueName", "FifoQueue"),
}


@RULES.rule(
    "KEEP-NAMES", source="CloudFormation, Update requires: Replacement", remedy="leave the name to CloudFormation"
)
def what_is_in_use_is_not_replaced_by_a_namesake(environment: Environment) -> Iterable[Broken]:
    """Another name is another, empty, resource; and one that is kept under its name cannot be made a second time."""
    for resource in environment.resources():
        for name in _NAMELESS.get(resource.type, ()):
            if resource.get(name) not in (None, False):
                yield Broken(resource=resource, what=f"is replaced by one with {name} {resource.text(name)}")


@RULES.rule("KEEP-STACKS", source="CloudFormation, Termination protection", remedy="termination_protection=True")
def stacks_with_state_cannot_be_deleted_by_mistake(environment: Environment) -> Iterable[Broken]:
    """Termination protection stands in the manifest, not in the template."""
    for stack in environment.stacks:
        if kept(environment) and stack.known and stack.layer in _PROTECTED and not stack.termination_protection:
            yield Broken(subject=stack.layer, what=f"{stack.name} may be deleted by one command")


@RULES.rule("TAGS-STACK", source="AWS Tagging best practices", remedy="tag the stack in stage.py")
def stacks_are_tagged(environment: Environment) -> Iterable[Broken]:
    """From the stack, CloudFormation tags what a template cannot."""
    for stack in environment.stacks:
        for key, value in _wanted_tags(environment, stack.layer).items():
            if stack.known and stack.tags.get(key) != value:
                yield Broken(subject=stack.layer, what=f"{stack.name} is not tagged {key}={value}")


@RULES.rule("TAGS", source="AWS Tagging best practices", remedy="Tags.of(layer) in stage.py")
def resources_are_tagged(environment: Environment) -> Iterable[Broken]:
    """Application, Environment and Layer, on everything that takes tags."""
    for resource in environment.resources():
        made_by_cdk = plain_id(resource.logical_id).startswith("Custom")
        if resource.type not in _TAGGED or made_by_cdk:
            continue
        found = _tags(resource)
        for key, value in _wanted_tags(environment, resource.layer).items():
            if found.get(key) != value:
                yield Broken(resource=resource, what=f"is tagged {key}={found.get(key)}; must be {value}")


def _wanted_tags(environment: Environment, layer: str) -> dict[str, str]:
    return {"Application": "flux", "Environment": environment.name, "Layer": layer.lower()}


def _tags(resource: Resource) -> dict[str, str]:
    # AWS Backup's types have names of their own for it (FSBP Backup.3, Backup.5).
    names = ("Tags", "BackupVaultTags", "BackupPlanTags")
    tags: Json = next((found for name in names if (found := resource.get(name))), None)
    if isinstance(tags, dict):
        return {key: as_text(value) for key, value in tags.items()}
    return {as_text(as_map(tag).get("Key")): as_text(as_map(tag).get("Value")) for tag in resource.items("Tags")}
