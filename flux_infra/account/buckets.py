"""The bucket of the account's records, and the record of who read it."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..config.account_baseline import AccountBaseline


class RecordBucket(Construct):
    """Private, encrypted with our key, versioned, logged, and kept: one per service that records.

    Attributes:
        bucket: the records, under `AWSLogs/<account>/`; deleted after the configured days.
        access_logs: who read them (FSBP CloudTrail.7).
    """

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.access_logs = s3.Bucket(
            self,
            "AccessLogs",
            # Access logs are delivered to buckets with S3's own keys (S3 User Guide, "Enabling server access logging").
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            lifecycle_rules=[_forget(baseline.audit_days)],
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,  # one KMS call per hour instead of one per object
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            lifecycle_rules=[_forget(baseline.audit_days)],
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix="records/",
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )

    def accept(self, *, service: str, reads: list[str], conditions: dict[str, dict[str, str]], prefix: str) -> None:
        """Let one AWS service write records for this account.

        service: like `cloudtrail.amazonaws.com`. reads: what it asks about the bucket first.
        conditions: on whose behalf it may come; without them it could come for another account (confused deputy).
        prefix: where the objects lie, below the bucket.
        """
        principal = iam.ServicePrincipal(service)
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[principal], actions=reads, resources=[self.bucket.bucket_arn], conditions=conditions
            )
        )
        with_owner = {
            **conditions,
            "StringEquals": {**conditions["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"},
        }
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[principal],
                actions=["s3:PutObject"],
                resources=[self.bucket.arn_for_objects(f"{prefix}/*")],
                conditions=with_owner,
            )
        )


def _forget(days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        expiration=Duration.days(days),
        noncurrent_version_expiration=Duration.days(30),  # time to notice that a record was overwritten
        abort_incomplete_multipart_upload_after=Duration.days(7),
    )
