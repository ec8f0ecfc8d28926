"""Where a name of ours and a property that cannot be changed meet.

CloudFormation makes the new resource first, under the same name: "already exists", for ever. So no resource has a name
of our own beside a property that replaces it, but for those listed here, each with what keeps that property as it is.
docs/runbooks/replace-what-has-a-name.md says how to change it all the same.
"""

import re
from collections.abc import Mapping
from typing import cast

import pytest
from aws_cdk.assertions import Template

from flux_infra.account.stack import AccountStack
from flux_infra.apps.entry import build_app
from flux_infra.config import Backups
from flux_infra.copies.stack import BackupCopiesStack
from flux_infra.delivery.identities import identities
from flux_infra.delivery.stack import DeliveryStack
from flux_infra.environments import DELIVERY, PROD, PROD_ACCOUNT, environments
from policy.registry import schema
from tests.infra.templates import Resource, Templates, properties, resources

_SCOPED = "its name is unique only within the resource that replaces it"
LISTED: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Stage": _SCOPED,
    "AWS::CodeDeploy::DeploymentGroup": _SCOPED,
    "AWS::Lambda::Alias": _SCOPED,
    "AWS::Backup::BackupVault": "operators type it and restores look for it; its lock keeps the old one",
    "AWS::CodeDeploy::Application": "operators type it; its platform is Lambda for as long as Flux runs on Lambda",
    "AWS::ElastiCache::User": "ElastiCache generates no id; this one ends in the user's name",
    "AWS::ElastiCache::UserGroup": "ElastiCache generates no id; its engine is Valkey for as long as the cache's is",
    "AWS::IAM::ManagedPolicy": "operators and roles attach it by its name; it has no description and the default path",
    "AWS::IAM::Role": "the workflows assume it by its name; it has the default path",
    "AWS::RDS::DBInstance": "operators type it, RDS names its log groups by it; a replacement, being empty, is to fail",
    "AWS::SNS::Topic": "alarms of layers deployed before it speak to it by its name; it is not in order (FIFO)",
}
# Names of what is another's: a service, a zone, a prefix list.
_NOT_ITS_OWN = {"AWSServiceName", "AvailabilityZoneId", "DestinationPrefixListId", "ServiceName"}


def names(resource: Resource) -> list[str]:
    """Return the names that the template gives a resource, each a property that replaces it."""
    properties = cast("Resource", resource.get("Properties", {}))
    return [
        name
        for name in schema(cast("str", resource["Type"])).create_only
        if re.search(r"(Name|Id|Identifier)$", name)
        and isinstance(properties.get(name), str)
        and name not in _NOT_ITS_OWN
    ]


def has_a_name_and_more_that_replaces_it(resource: Resource) -> bool:
    return bool(names(resource)) and len(schema(cast("str", resource["Type"])).create_only) > 1


@pytest.fixture(scope="module")
def all_resources(prod: Templates) -> list[Resource]:
    """Production's, and those of the stacks that stand beside it."""
    backups = cast("Backups", PROD.backups)
    beside = (
        AccountStack(build_app(), baseline=PROD_ACCOUNT),
        DeliveryStack(
            build_app(),
            identities=tuple(each for each in identities(DELIVERY, environments()) if each.environment == PROD),
        ),
        BackupCopiesStack(build_app(), config=PROD, settings=backups, region=cast("str", backups.copy_region)),
    )
    templates = (*(layer for _, layer in prod.layers()), *map(Template.from_stack, beside))
    return [resource for template in templates for resource in resources(template).values()]


def test_no_name_of_ours_meets_a_property_that_cannot_be_changed_but_those_listed(
    all_resources: list[Resource],
) -> None:
    found = {resource["Type"] for resource in all_resources if has_a_name_and_more_that_replaces_it(resource)}
    assert found == set(LISTED)


def test_a_policy_with_a_name_says_nothing_that_could_never_be_changed(all_resources: list[Resource]) -> None:
    for resource in all_resources:
        properties = cast("Resource", resource.get("Properties", {}))
        if "ManagedPolicyName" in properties:
            assert (properties["Description"], properties["Path"]) == ("", "/")
        if "RoleName" in properties:
            assert "Path" not in properties


def test_the_id_of_the_caches_user_changes_with_its_name(environment: Templates) -> None:
    (user,) = properties(environment.data, "AWS::ElastiCache::User")
    assert cast("str", user["UserId"]).endswith(f"-{user['UserName']}")
