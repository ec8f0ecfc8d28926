"""Monitoring of CloudFront."""

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig, Severity
from .section import FIVE_MINUTES, Section

FAILED_PERCENT = 5.0


class SiteSection(Section):
    """What CloudFront answers to everybody: pages, API and webhooks together, which its metrics cannot tell apart.

    So it cannot see that the site alone is down; the probe does (the objective `journey`), and pages.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        distribution: cloudfront.IDistribution,
    ) -> None:
        super().__init__(scope, construct_id, title="Site", config=config)
        failed = _metric(distribution, "5xxErrorRate", "Average", label="5xx, %")
        errors = self._alarm(
            "site-errors",
            severity=Severity.TICKET,
            metric=failed,
            threshold=FAILED_PERCENT,
            periods=3,
            impact=f"CloudFront answers over {FAILED_PERCENT:g} % of all requests, webhooks included, with an error.",
            first="if an objective's alarm fires too, follow that; else see whether the site's bucket and CloudFront "
            "itself are well (AWS Health).",
            runbook="site-errors",
        )
        self._graph("Site: requests", [_metric(distribution, "Requests", "Sum", label="requests")])
        self._graph("Site: failed, %", [failed], alarms=[errors])
        self._graph("Site: refused, %", [_metric(distribution, "4xxErrorRate", "Average", label="4xx, %")])


def _metric(distribution: cloudfront.IDistribution, name: str, statistic: str, *, label: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/CloudFront",
        metric_name=name,
        dimensions_map={"DistributionId": distribution.distribution_id, "Region": "Global"},
        statistic=statistic,
        period=FIVE_MINUTES,
        label=label,
    )
