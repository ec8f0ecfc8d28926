"""Frontend layer: the site, and the one address under which people and providers reach Flux."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from ..compute.stack import ComputeStack
from ..config import FluxConfig
from ..constructs.library_functions import keep_logs_of
from .buckets import LogBucket, SiteBucket
from .distribution import FluxDistribution
from .domain import SiteDomain
from .firewall import Firewall
from .origin_rotation import build_origin_rotation
from .publisher import SitePublisher
from .releases import SiteReleases


class FrontendStack(Stack):
    """CloudFront with its firewall, in front of the site's bucket and the HTTP API.

    The site itself is published by ops/site.py, not by this stack (docs/decisions/0008-site-releases.md).

    Attributes:
        distribution: the CloudFront distribution.
        certificate: of a name of our own, if it has one.
        host: the name under which people find it.
        site_bucket: the site's releases.
        releases: which of them is live.
        origin_rotation: the function that gives CloudFront new values to prove itself by.
    """

    def __init__(
        self, scope: Construct, *, config: FluxConfig, compute: ComputeStack, http_api: apigateway.HttpApi
    ) -> None:
        super().__init__(scope, "Frontend", description=f"Flux {config.name}: site and edge")
        logs = LogBucket(self, "AccessLogs", config=config).bucket
        self.site_bucket = SiteBucket(self, "Site", config=config, logs=logs).bucket
        self.releases = SiteReleases(self, "Releases", config=config)
        firewall = Firewall(self, "Firewall", config=config, key=compute.key)
        domain = SiteDomain(self, "Domain", config=config, domain=config.domain) if config.domain else None
        self.certificate = domain.certificate if domain else None
        self.distribution = FluxDistribution(
            self,
            "Edge",
            config=config,
            site=self.site_bucket,
            releases=self.releases,
            logs=logs,
            http_api=http_api,
            origin_secret=compute.context.data.secrets.origin,
            firewall_arn=firewall.arn,
            certificate=self.certificate,
        ).distribution
        self.host = config.domain.name if config.domain else self.distribution.distribution_domain_name
        self.origin_rotation = build_origin_rotation(
            self, "Origin", compute=compute, distribution=self.distribution, firewall_arn=firewall.arn, logs=logs
        )
        if domain:
            domain.point_to(self.distribution)
        publisher = SitePublisher(
            self, "Publisher", config=config, bucket=self.site_bucket, store=self.releases.store
        ).policy
        if config.ephemeral:
            keep_logs_of("Custom::S3AutoDeleteObjects", stack=self, config=config, key=compute.key)
        self._outputs(publisher)

    def _outputs(self, publisher: iam.ManagedPolicy) -> None:
        CfnOutput(self, "SiteUrl", value=f"https://{self.host}", description="What people open")
        CfnOutput(self, "DistributionId", value=self.distribution.distribution_id)
        CfnOutput(self, "DistributionDomain", value=self.distribution.distribution_domain_name)
        CfnOutput(self, "SiteBucketName", value=self.site_bucket.bucket_name)
        CfnOutput(self, "SiteReleasesArn", value=self.releases.store.key_value_store_arn)
        CfnOutput(self, "SitePublisherPolicyArn", value=publisher.managed_policy_arn)
