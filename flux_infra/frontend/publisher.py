"""What it takes to publish the site, and nothing else."""

from aws_cdk import Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..config import FluxConfig
from ..constructs.names import site_publisher_policy_name
from ..constructs.site_manifest import HASHED_FILES, RELEASES


class SitePublisher(Construct):
    """A policy to attach to whoever publishes: a pipeline's role, an operator's permission set.

    It can add files, read them back and name the live release. It can delete nothing: a published release stays what it
    is, and rolling back finds it.

    Attributes:
        policy: the managed policy, `flux-<environment>-site-publisher`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        bucket: s3.IBucket,
        store: cloudfront.IKeyValueStore,
    ) -> None:
        super().__init__(scope, construct_id)
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            # Without a description: a policy with a name of its own can never be given another one.
            managed_policy_name=site_publisher_policy_name(config),
            statements=[
                *publishing_statements(bucket_arn=bucket.bucket_arn, store_arn=store.key_value_store_arn),
                iam.PolicyStatement(
                    sid="FindBucketAndStore",
                    actions=["cloudformation:DescribeStacks"],
                    resources=[Stack.of(self).stack_id],
                ),
            ],
        )


def publishing_statements(*, bucket_arn: str, store_arn: str) -> list[iam.PolicyStatement]:
    """Return what publishing takes. A pipeline's role has the same rights, by patterns of these ARNs.

    bucket_arn: of the site's bucket. store_arn: of the key value store that names the live release.
    """
    return [
        iam.PolicyStatement(
            sid="AddAndReadBackFiles",
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[f"{bucket_arn}/{prefix}*" for prefix in (RELEASES, HASHED_FILES)],
        ),
        # Without a condition on the prefix: reading a file that is not there has none, and would be "forbidden"
        # instead of "not found" (GetObject, Amazon S3 API Reference).
        iam.PolicyStatement(sid="ListReleases", actions=["s3:ListBucket"], resources=[bucket_arn]),
        iam.PolicyStatement(
            sid="NameTheLiveRelease",
            actions=[
                "cloudfront-keyvaluestore:DescribeKeyValueStore",
                "cloudfront-keyvaluestore:GetKey",
                "cloudfront-keyvaluestore:PutKey",
            ],
            resources=[store_arn],
        ),
    ]
