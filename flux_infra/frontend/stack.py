"""Frontend layer: the site, and the one address under which people and providers reach Flux."""

from aws_cdk import CfnOutput, Stack, Tags
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from ..building.artifacts import Artifacts
from ..config import FluxConfig
from .buckets import LogBucket, SiteBucket
from .distribution import FluxDistribution
from .domain import SiteDomain
from .firewall import Firewall
from .publication import Publication


class FrontendStack(Stack):
    """CloudFront with its firewall, in front of the site's bucket and the HTTP API.

    Attributes:
        distribution: the CloudFront distribution.
        site_bucket: the published site.
    """

    def __init__(
        self, scope: Construct, *, config: FluxConfig, http_api: apigateway.HttpApi, artifacts: Artifacts
    ) -> None:
        super().__init__(scope, "Frontend", description=f"Flux {config.name}: site and edge")
        Tags.of(self).add("Layer", "frontend")
        logs = LogBucket(self, "AccessLogs", config=config).bucket
        self.site_bucket = SiteBucket(self, "Site", config=config, logs=logs).bucket
        domain = SiteDomain(self, "Domain", domain=config.domain) if config.domain else None
        self.distribution = FluxDistribution(
            self,
            "Edge",
            config=config,
            site=self.site_bucket,
            logs=logs,
            http_api=http_api,
            firewall_arn=Firewall(self, "Firewall", config=config).arn,
            certificate=domain.certificate if domain else None,
        ).distribution
        if domain:
            domain.point_to(self.distribution)
        Publication(self, "Publication", config=config, artifacts=artifacts, bucket=self.site_bucket)
        self._outputs(config)

    def _outputs(self, config: FluxConfig) -> None:
        host = config.domain.name if config.domain else self.distribution.distribution_domain_name
        CfnOutput(self, "SiteUrl", value=f"https://{host}", description="What people open")
        CfnOutput(self, "DistributionId", value=self.distribution.distribution_id)
        CfnOutput(self, "DistributionDomain", value=self.distribution.distribution_domain_name)
