"""The buckets of the frontend layer: the site, and the logs of who read it."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..building.removal import state_removal
from ..config import FluxConfig


class LogBucket(Construct):
    """Access logs of the site's bucket and of CloudFront, deleted when they have served.

    CloudFront's standard logging writes by ACL, so this one bucket lets its owner keep ACLs ("Configure standard
    logging (legacy)", CloudFront Developer Guide).

    Attributes:
        bucket: the bucket.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,  # log delivery cannot use a customer key of ours
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
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


class SiteBucket(Construct):
    """The published site: private, read by CloudFront alone. Releases are added to it and never expire.

    Attributes:
        bucket: the bucket.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, logs: s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,  # what it holds is served to everyone anyway
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            server_access_logs_bucket=logs,
            server_access_logs_prefix="site/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=Duration.days(90),  # a quarter in which to look back
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
            removal_policy=state_removal(config),
            auto_delete_objects=config.disposable,  # or a preview could not be deleted: S3 keeps a bucket with objects
        )
