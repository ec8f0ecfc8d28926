"""The bucket of the account's records, and the record of who read it."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config.account_baseline import AccountBaseline
from ..constructs.bucket import build_bucket, keep


class RecordBucket(Construct):
    """Private, encrypted with our key, versioned, logged, and kept: one per service that records.

    Attributes:
        bucket: the records, under `AWSLogs/<account>/`; deleted after the configured days.
        access_logs: who read them (FSBP CloudTrail.7).
    """

    def __init__(self, scope: Construct, construct_id: str, *, baseline: AccountBaseline, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        lifecycle = keep(days=baseline.audit_days, old_versions_days=30)  # to notice in that a record was overwritten
        removal = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        self.access_logs = build_bucket(self, "AccessLogs", lifecycle=lifecycle, removal=removal)
        self.bucket = build_bucket(
            self,
            "Bucket",
            lifecycle=lifecycle,
            removal=removal,
            key=key,
            access_logs=self.access_logs,
            access_logs_prefix="records/",
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
