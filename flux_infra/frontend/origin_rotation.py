"""The origin secret gets a new value by itself, and CloudFront sends it."""

from aws_cdk import Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from ..compute.function import FluxFunction
from ..compute.rotation import SecretRotation
from ..compute.stack import ComputeStack
from ..config import FluxConfig
from ..constructs.artifacts import Artifacts
from ..constructs.origin import ORIGIN_HEADER
from ..data.stack import DataStack
from ..network.stack import NetworkStack


def build_origin_rotation(  # noqa: PLR0913 - the layers that it joins
    scope: Construct,
    construct_id: str,
    *,
    config: FluxConfig,
    network: NetworkStack,
    data: DataStack,
    compute: ComputeStack,
    artifacts: Artifacts,
    distribution: cloudfront.IDistribution,
    firewall_arn: str,
) -> FluxFunction:
    """Return the function that rotates the origin secret; it may change this one distribution.

    In this layer and not with the other rotations, because the distribution is deployed after them.
    """
    rotation = SecretRotation(
        scope,
        construct_id,
        config=config,
        network=network,
        data=data,
        key=compute.key,
        artifacts=artifacts,
        name="rotate-origin",
        secret=data.secrets.origin,
        strategy="origin",
        environment={
            "DISTRIBUTION_ID": distribution.distribution_id,
            "ORIGIN_HEADER": ORIGIN_HEADER,
            "AUTHORIZER": compute.authorizer.alias.function_arn,
        },
        after=distribution,
    )
    function = rotation.function
    arn = Stack.of(scope).format_arn(
        service="cloudfront", region="", resource="distribution", resource_name=distribution.distribution_id
    )
    for actions, resource in (
        (
            ["cloudfront:GetDistribution", "cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution"],
            arn,
        ),
        # CloudFront lets nobody update a distribution who may not read its web ACL (aws-sdk-java #2901).
        (["wafv2:GetWebACL"], firewall_arn),
        # A value is not sent before the authorizer is seen to take it.
        (["lambda:InvokeFunction"], compute.authorizer.alias.function_arn),
    ):
        iam.Grant.add_to_principal(grantee=function.function, actions=actions, resource_arns=[resource])
    function.connections.allow_to_any_ipv4(ec2.Port.tcp(443), "CloudFront's API, through NAT")
    return function
