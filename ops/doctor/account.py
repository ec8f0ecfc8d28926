"""The account of one environment, as the doctor reads it: clients, and what of the environment is deployed already."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from flux_infra.config import FluxConfig
from flux_infra.constructs.names import LAYERS

from ..aws import Aws
from ..errors import OpsError
from ..stacks import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_backup import BackupClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_elasticache import ElastiCacheClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_service_quotas import ServiceQuotasClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_wafv2 import WAFV2Client


@dataclass(frozen=True)
class Account:
    """Clients that the doctor alone needs; `aws` has the others."""

    aws: Aws

    @property
    def config(self) -> FluxConfig:
        """The environment."""
        return self.aws.config

    @cached_property
    def networks(self) -> "EC2Client":
        """VPCs, addresses and zones."""
        return self.aws.session.client("ec2", endpoint_url=self.aws.url)

    @cached_property
    def zone_names(self) -> Mapping[str, str]:
        """What this account calls each Availability Zone, by the zone's id."""
        found = self.networks.describe_availability_zones()["AvailabilityZones"]
        return {zone["ZoneId"]: zone["ZoneName"] for zone in found}

    @cached_property
    def caches(self) -> "ElastiCacheClient":
        """ElastiCache."""
        return self.aws.session.client("elasticache", endpoint_url=self.aws.url)

    @cached_property
    def roles(self) -> "IAMClient":
        """Roles and identity providers."""
        return self.aws.session.client("iam", endpoint_url=self.aws.url)

    @cached_property
    def quotas(self) -> "ServiceQuotasClient":
        """What AWS lets the account have."""
        return self.aws.session.client("service-quotas", endpoint_url=self.aws.url)

    @cached_property
    def topics(self) -> "SNSClient":
        """Whom alarms reach."""
        return self.aws.session.client("sns", endpoint_url=self.aws.url)

    @cached_property
    def zones(self) -> "Route53Client":
        """Hosted zones."""
        return self.aws.session.client("route53", endpoint_url=self.aws.url)

    @cached_property
    def edge(self) -> "CloudFrontClient":
        """Distributions."""
        return self.aws.session.client("cloudfront", endpoint_url=self.aws.url)

    @cached_property
    def firewalls(self) -> "WAFV2Client":
        """Web ACLs."""
        return self.aws.session.client("wafv2", endpoint_url=self.aws.url)

    @cached_property
    def apis(self) -> "APIGatewayClient":
        """API Gateway's settings of the account."""
        return self.aws.session.client("apigateway", endpoint_url=self.aws.url)

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        """Secrets."""
        return self.aws.session.client("secretsmanager", endpoint_url=self.aws.url)

    def stacks_in(self, region: str) -> "CloudFormationClient":
        """Stacks of a region of the account."""
        return self.aws.session.client("cloudformation", region_name=region, endpoint_url=self.aws.url)

    def backups_in(self, region: str) -> "BackupClient":
        """AWS Backup in a region of the account."""
        return self.aws.session.client("backup", region_name=region, endpoint_url=self.aws.url)

    @cached_property
    def deployed(self) -> Mapping[str, DeployedStack]:
        """The environment's stacks that exist, by layer."""
        found = {}
        for layer in LAYERS:
            try:
                found[layer] = DeployedStack.read(self.aws, layer)
            except OpsError:  # it is not deployed, which the row about stacks says
                continue
        return found

    def own(self, kind: str) -> list[str]:
        """Physical ids of what the environment has already of one CloudFormation type."""
        return [name for stack in self.deployed.values() for name in stack.of_type(kind).values()]
