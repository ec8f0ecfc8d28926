"""The origin secret gets a new value by itself, and CloudFront sends it."""

from aws_cdk import Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..compute.function import FluxFunction
from ..compute.rotation import SecretRotation
from ..compute.stack import ComputeStack
from ..constructs.origin import ORIGIN_HEADER


def build_origin_rotation(  # noqa: PLR0913 - what the function may change, and what that takes
    scope: Construct,
    construct_id: str,
    *,
    compute: ComputeStack,
    distribution: cloudfront.IDistribution,
    firewall_arn: str,
    logs: s3.IBucket,
) -> FluxFunction:
    """Return the function that rotates the origin secret; it may change this one distribution.

    logs: the bucket of the distribution's access logs.

    In this layer and not with the other rotations, because the distribution is deployed after them.
    """
    function = SecretRotation(
        scope,
        construct_id,
        context=compute.context,
        name="rotate-origin",
        secret=compute.context.data.secrets.origin,
        strategy="origin",
        settings="OriginRotationSettings",
        after=distribution,
    ).function
    function.set_variables({"DISTRIBUTION_ID": distribution.distribution_id, "ORIGIN_HEADER": ORIGIN_HEADER})
    arn = Stack.of(scope).format_arn(
        service="cloudfront", region="", resource="distribution", resource_name=distribution.distribution_id
    )
    function.allow(
        "cloudfront:GetDistribution", "cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution", on=[arn]
    )
    # CloudFront lets nobody update a distribution who may not read its web ACL (aws-sdk-java #2901).
    function.allow("wafv2:GetWebACL", on=[firewall_arn])
    # With standard logging, whoever updates a distribution must be able to let CloudFront write to the bucket of its
    # logs ("CloudFront API permissions", CloudFront Developer Guide). No ACL can open it: public ones are blocked.
    function.allow("s3:GetBucketAcl", "s3:PutBucketAcl", on=[logs.bucket_arn])
    # A value is not sent before the authorizer is seen to take it.
    function.use_function("AUTHORIZER", compute.functions.authorizer)
    function.use_internet("CloudFront's API, through NAT")
    return function
