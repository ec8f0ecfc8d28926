"""A name of our own: its certificate, and the records that lead to CloudFront."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from aws_cdk.aws_route53_targets import CloudFrontTarget
from constructs import Construct

from ..config import Domain, FluxConfig
from .signing import ZoneSigning


class SiteDomain(Construct):
    """A certificate validated by DNS in the domain's hosted zone, which must exist; a zone of ours is signed, too.

    In the same stack as the distribution, because Flux lives in us-east-1, where CloudFront reads certificates.

    Attributes:
        certificate: of the domain's name; renewed by ACM for as long as its validation record stands.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, domain: Domain) -> None:
        super().__init__(scope, construct_id)
        self._domain = domain
        self._zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=domain.zone_id, zone_name=domain.zone_name
        )
        self.certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=domain.name,
            validation=acm.CertificateValidation.from_dns(self._zone),
            key_algorithm=acm.KeyAlgorithm.EC_PRIME256_V1,
        )
        if domain.owns_zone is True:
            ZoneSigning(self, "Signing", config=config, zone=self._zone)
            self._let_only_amazon_issue(config)

    def point_to(self, distribution: cloudfront.IDistribution) -> None:
        """Add the alias records, IPv4 and IPv6."""
        target = route53.RecordTarget.from_alias(CloudFrontTarget(distribution))
        name = self._domain.name
        route53.ARecord(self, "Ipv4", zone=self._zone, record_name=name, target=target)
        route53.AaaaRecord(self, "Ipv6", zone=self._zone, record_name=name, target=target)

    def _let_only_amazon_issue(self, config: FluxConfig) -> None:
        """For this name and those below it, not the whole zone: others in it may have other authorities."""
        route53.CaaRecord(
            self,
            "Authority",
            zone=self._zone,
            record_name=self._domain.name,
            values=[
                route53.CaaRecordValue(flag=0, tag=route53.CaaTag.ISSUE, value="amazon.com"),
                route53.CaaRecordValue(flag=0, tag=route53.CaaTag.ISSUEWILD, value=";"),  # nobody, not even Amazon
                route53.CaaRecordValue(flag=0, tag=route53.CaaTag.IODEF, value=f"mailto:{config.ticket_email}"),
            ],
        )
