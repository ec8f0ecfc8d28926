"""Publishing the built site into its bucket."""

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as s3_deployment
from constructs import Construct

from ..building.artifacts import Artifacts
from ..building.log_group import build_log_group
from ..building.naming import log_group_name
from ..config import FluxConfig

# Next.js puts a hash of its content into the name of every file below this path.
HASHED_FILES = "_next/static/*"


class Publication(Construct):
    """Copies the site: the files that never change first, then the pages that name them.

    Nothing is deleted, because a tab opened before a release still asks for the files of its own. Nothing is
    invalidated either: pages carry `no-cache`, so CloudFront asks the bucket again once its shortest time to live is
    over (one second, policy CachingOptimized), and hashed files have a new name whenever their content changes.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, artifacts: Artifacts, bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = build_log_group(self, "Logs", config=config, name=log_group_name(config, "publication"))
        hashed = s3_deployment.BucketDeployment(
            self,
            "HashedFiles",
            sources=[artifacts.site()],
            destination_bucket=bucket,
            exclude=["*"],
            include=[HASHED_FILES],
            cache_control=[s3_deployment.CacheControl.from_string("public, max-age=31536000, immutable")],  # a year
            prune=False,
            log_group=log_group,
        )
        pages = s3_deployment.BucketDeployment(
            self,
            "Pages",
            sources=[artifacts.site()],
            destination_bucket=bucket,
            exclude=[HASHED_FILES],
            cache_control=[s3_deployment.CacheControl.from_string("no-cache")],
            prune=False,
            log_group=log_group,
        )
        pages.node.add_dependency(hashed)
        # Both are copied by one function, which has the first one's AWS CLI; the second layer would only be uploaded.
        pages.node.try_remove_child("AwsCliLayer")
