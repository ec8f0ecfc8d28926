"""Buckets that keep to themselves."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct


def build_bucket(  # noqa: PLR0913 - what differs between buckets
    scope: Construct,
    construct_id: str,
    *,
    lifecycle: s3.LifecycleRule,
    removal: RemovalPolicy,
    key: kms.IKey | None = None,
    access_logs: s3.IBucket | None = None,
    access_logs_prefix: str | None = None,
    ownership: s3.ObjectOwnership = s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
) -> s3.Bucket:
    """Return a private, encrypted, versioned bucket that refuses plain HTTP.

    lifecycle: what becomes of its objects; see `keep`.
    removal: what becomes of the bucket; when it is deleted, its objects are as well.
    key: encrypts it instead of S3's own key. A bucket of access logs has none: they are not delivered to buckets with
        a key of ours (S3 User Guide, "Enabling server access logging").
    access_logs: the bucket that records who reads it, under `access_logs_prefix`.
    ownership: other than this only where somebody still writes by ACL (FSBP S3.12).
    """
    return s3.Bucket(
        scope,
        construct_id,
        encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=key,
        bucket_key_enabled=True if key else None,  # one KMS call per hour instead of one per object
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=ownership,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=True,
        lifecycle_rules=[lifecycle],
        server_access_logs_bucket=access_logs,
        server_access_logs_prefix=access_logs_prefix,
        removal_policy=removal,
        auto_delete_objects=removal is RemovalPolicy.DESTROY,  # S3 keeps a bucket with objects
    )


def keep(*, days: int | None = None, old_versions_days: int) -> s3.LifecycleRule:
    """Return how long objects are kept: for `days`, else for ever; and once overwritten or deleted, some days more."""
    return s3.LifecycleRule(
        expiration=None if days is None else Duration.days(days),
        noncurrent_version_expiration=Duration.days(old_versions_days),
        abort_incomplete_multipart_upload_after=Duration.days(7),
    )
