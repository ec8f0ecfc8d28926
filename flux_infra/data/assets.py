"""Files of Flux that belong to no release."""

from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import FluxConfig
from ..constructs.bucket import build_bucket, keep
from ..constructs.removal import state_removal


class AssetsBucket(Construct):
    """A versioned, encrypted, private bucket that refuses plain HTTP, and the record of who read it.

    Attributes:
        bucket: the assets. Overwritten or deleted ones can be had back for 90 days.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        removal = state_removal(config)
        access_logs = build_bucket(
            self, "AccessLogs", lifecycle=keep(days=config.log_days, old_versions_days=1), removal=removal
        )
        self.bucket = build_bucket(
            self,
            "Bucket",
            lifecycle=keep(old_versions_days=90),
            removal=removal,
            key=key,
            access_logs=access_logs,
            access_logs_prefix="assets/",
        )
