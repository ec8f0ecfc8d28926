"""Monitoring of CloudFront."""

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import FluxConfig, Severity
from .section import FIVE_MINUTES, Section
from .topics import Topics

FAILED_PERCENT = 5.0  # above the API's own alarm: this one says that the edge itself is at fault


class SiteSection(Section):
    """What viewers get, as CloudFront saw it: the site and the API together."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        topics: Topics,
        distribution: cloudfront.IDistribution,
    ) -> None:
        super().__init__(scope, construct_id, title="Site", config=config, topics=topics)
        failed = _metric(distribution, "5xxErrorRate", "Average", label="5xx, %")
        errors = self._alarm(
            "site-errors",
            severity=Severity.PAGE,
            metric=failed,
            threshold=FAILED_PERCENT,
            periods=3,
            impact=f"CloudFront answers more than {FAILED_PERCENT:g} % of requests with an error.",
            first="if the API's alarms are up too, follow those; else see whether the site's bucket and CloudFront "
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
