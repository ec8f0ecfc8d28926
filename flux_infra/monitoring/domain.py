"""Monitoring of a name of our own: its certificate, and the hosted zone if Flux signs it."""

from aws_cdk import Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import Domain, FluxConfig, Severity
from .section import Section

MEASURED = Duration.hours(4)  # how often Route 53 does ("Monitoring hosted zones using Amazon CloudWatch")


# ACM renews a certificate 45 to 60 days before it ends.
EXPIRES_DAYS = 30


class DomainSection(Section):
    """Whether the name's certificate is renewed, and its zone still signed: if not, browsers or resolvers refuse it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: FluxConfig, domain: Domain, certificate: acm.ICertificate
    ) -> None:
        super().__init__(scope, construct_id, title="Domain", config=config)
        self._renewed(domain, certificate)
        if domain.owns_zone is True:
            self._signed(domain)

    def _renewed(self, domain: Domain, certificate: acm.ICertificate) -> None:
        days = certificate.metric_days_to_expiry(label="days")
        alarm = self._alarm(
            "certificate-expiry",
            severity=Severity.TICKET,
            metric=days,
            threshold=EXPIRES_DAYS,
            below=True,
            impact=f"ACM has not renewed the certificate of {domain.name}, which ends in under {EXPIRES_DAYS} days; "
            "then no browser opens the site any more.",
            first="read in ACM why it is not renewed; most likely its validation record is gone.",
            runbook="an-alarm-fires",
        )
        self._graph("Domain: days until the certificate ends", [days], alarms=[alarm])

    def _signed(self, domain: Domain) -> None:
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
