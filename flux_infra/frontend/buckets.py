"""The buckets of the frontend layer: the site, and the logs of who read it."""

from aws_cdk import aws_s3 as s3
from constructs import Construct

from ..config import FluxConfig
from ..constructs.bucket import build_bucket, keep
from ..constructs.removal import state_removal


class LogBucket(Construct):
    """Access logs of the site's bucket and of CloudFront, deleted when they have served.

    CloudFront's standard logging writes by ACL, so this one bucket lets its owner keep ACLs ("Configure standard
    logging (legacy)", CloudFront Developer Guide).

    Attributes:
        bucket: the bucket.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig) -> None:
        super().__init__(scope, construct_id)
        self.bucket = build_bucket(
            self,
            "Bucket",
            lifecycle=keep(days=config.log_days, old_versions_days=1),
            removal=state_removal(config),
            ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        )


class SiteBucket(Construct):
    """The published site: private, read by CloudFront alone. Releases are added to it and never expire.

    Attributes:
        bucket: the bucket.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, logs: s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        self.bucket = build_bucket(
            self,
            "Bucket",
            lifecycle=keep(old_versions_days=90),  # a quarter in which to look back
            removal=state_removal(config),
            # No key of ours: what it holds is served to everyone anyway.
            access_logs=logs,
            access_logs_prefix="site/",
        )
