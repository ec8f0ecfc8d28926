"""Monitoring of a hosted zone that Flux signs."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import Domain, FluxConfig, Severity
from .section import Section

MEASURED = Duration.hours(4)  # how often Route 53 does ("Monitoring hosted zones using Amazon CloudWatch")


class DomainSection(Section):
    """Whether the zone is still signed: if not, resolvers that check stop answering for it."""

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, domain: Domain) -> None:
        super().__init__(scope, construct_id, title="Domain", config=config)
        broken = self._alarm(
            "dnssec-failure",
            severity=Severity.PAGE,
            metric=_metric(domain, "DNSSECInternalFailure"),
            threshold=0,
            impact=f"Route 53 can no longer sign {domain.zone_name}; soon nobody who checks finds the site.",
            first="read the zone's DNSSEC status in Route 53.",
            runbook="dnssec",
        )
        needing = self._alarm(
            "dnssec-key",
            severity=Severity.TICKET,
            metric=_metric(domain, "DNSSECKeySigningKeysNeedingAction"),
            threshold=0,
            impact=f"Route 53 cannot use the KMS key that signs {domain.zone_name}.",
            first="see whether the key is enabled and its policy unchanged.",
            runbook="dnssec",
        )
        self._graph("Domain: keys needing action", [needing.metric], alarms=[broken, needing])


def _metric(domain: Domain, name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Route53",
        metric_name=name,
        dimensions_map={"HostedZoneId": domain.zone_id},
        statistic="Sum",
        period=MEASURED,
        label=name,
    )
