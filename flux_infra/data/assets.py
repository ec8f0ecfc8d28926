"""Files of Flux that belong to no release."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..building.removal import state_removal
from ..config import FluxConfig


class AssetsBucket(Construct):
    """A versioned, encrypted, private bucket that refuses plain HTTP, and the record of who read it.

    Attributes:
        bucket: the assets. Overwritten or deleted ones can be had back for 90 days.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        access_logs = s3.Bucket(
            self,
            "AccessLogs",
            # Access logs are delivered to buckets with S3's own keys (S3 User Guide, "Enabling server access logging").
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(config.log_days),
                    noncurrent_version_expiration=Duration.days(1),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
            removal_policy=state_removal(config),
            auto_delete_objects=config.disposable,  # or a preview could not be deleted: S3 keeps a bucket with objects
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
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=Duration.days(90),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="assets/",
            removal_policy=state_removal(config),
            auto_delete_objects=config.disposable,  # or a preview could not be deleted: S3 keeps a bucket with objects
        )
