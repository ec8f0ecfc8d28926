"""A domain of our own: its zone is signed for as long as anybody checks, and only Amazon issues its certificates."""

from collections.abc import Iterable

from flux_infra.config import Domain

from ..finding import Broken, Rules
from ..model import Environment
from ..values import as_texts
from ..wanted import one_of

RULES = Rules()
SIGNING_KEY = "Frontend/DomainSigningKey"
_SIGNERS = ("AWS::Route53::KeySigningKey", "AWS::Route53::DNSSEC")
_SOURCE = "Route 53 Developer Guide, Configuring DNSSEC signing"

RULES.demands(
    SIGNING_KEY,
    ("DNSSEC-KEY-SPEC", "KeySpec", one_of("ECC_NIST_P256"), _SOURCE, "Route 53 signs with no other kind"),
    ("DNSSEC-KEY-USAGE", "KeyUsage", one_of("SIGN_VERIFY"), _SOURCE, "a key for signing"),
)
RULES.demands(
    "AWS::Route53::KeySigningKey",
    ("DNSSEC-KEY", "KeyManagementServiceArn", one_of(f"${{{SIGNING_KEY}.Arn}}"), _SOURCE, "sign with the zone's key"),
    ("DNSSEC-ACTIVE", "Status", one_of("ACTIVE"), _SOURCE, "an inactive key signs nothing"),
)


def signed_domain(environment: Environment) -> Domain | None:
    """Return the domain whose zone the environment owns, if it has one."""
    domain = environment.config.domain if environment.config else None
    return domain if domain and domain.owns_zone is True else None


@RULES.rule("DNSSEC-ZONE", source=_SOURCE, remedy="sign the zone that environments.py names")
def the_configured_zone_is_signed(environment: Environment) -> Iterable[Broken]:
    """And no other."""
    domain = signed_domain(environment)
    for resource in environment.of(*_SIGNERS):
        if domain is None or resource.text("HostedZoneId") != domain.zone_id:
            yield Broken(resource=resource, what=f"signs {resource.text('HostedZoneId')}, which is not ours to sign")


@RULES.rule("DNSSEC-KEPT", source=_SOURCE, remedy="RemovalPolicy.RETAIN, in every environment")
def signing_outlives_its_template(environment: Environment) -> Iterable[Broken]:
    """While the parent zone names the key, resolvers refuse to answer for a zone that is no longer signed."""
    key = environment.named(SIGNING_KEY)
    for resource in (*environment.of(*_SIGNERS), *([key] if key else [])):
        if {resource.deletion_policy, resource.replace_policy} != {"Retain"}:
            yield Broken(resource=resource, what="goes with its stack, and the site with it")


@RULES.rule("DOMAIN-CAA", source="RFC 8659; AWS Certificate Manager User Guide, CAA", remedy="issue: amazon.com alone")
def only_amazon_issues_certificates(environment: Environment) -> Iterable[Broken]:
    """For the site's name, none with a wildcard; and attempts are reported."""
    domain = signed_domain(environment)
    for record in environment.of("AWS::Route53::RecordSet"):
        if record.text("Type").upper() != "CAA":
            continue
        tags = [tuple(text.split(maxsplit=2)) for text in as_texts(record.get("ResourceRecords"))]
        found = {(flag, tag.lower(), value.strip('"')) for flag, tag, value in tags}
        authorities = {(tag, value) for _, tag, value in found if tag.startswith("issue")}
        if authorities != {("issue", "amazon.com"), ("issuewild", ";")}:
            yield Broken(resource=record, what=f"lets {sorted(authorities)} issue certificates")
        if not any(tag == "iodef" and value.startswith("mailto:") for _, tag, value in found):
            yield Broken(resource=record, what="reports refused attempts to nobody")
        if domain and record.text("Name").rstrip(".") != domain.name:
            yield Broken(resource=record, what=f"is about {record.text('Name')}; must be about {domain.name}")


_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"  # of every distribution (Route 53, AWS::Route53::RecordSet AliasTarget)


@RULES.rule("DOMAIN-RECORDS", source="environments.py", remedy="only the site's name, as an alias of the distribution")
def names_lead_to_the_distribution(environment: Environment) -> Iterable[Broken]:
    """A record to something else gives it our name; one to nothing waits for whoever claims it."""
    domain = environment.config.domain if environment.config else None
    for record in environment.of("AWS::Route53::RecordSet"):
        kind = record.text("Type").upper()
        target = (record.text("AliasTarget.DNSName"), record.text("AliasTarget.HostedZoneId"))
        if domain is None or record.text("HostedZoneId") != domain.zone_id:
            yield Broken(resource=record, what="is in a zone that environments.py does not name")
        elif record.text("Name").rstrip(".") != domain.name or kind not in ("A", "AAAA", "CAA"):
            yield Broken(resource=record, what=f"is a {kind} record of {record.text('Name')}")
        elif kind != "CAA" and target != ("${Frontend/EdgeDistribution.DomainName}", _CLOUDFRONT_ZONE):
            yield Broken(resource=record, what=f"leads to {target[0] or record.texts('ResourceRecords')}")
        if any(record.get(choice) is not None for choice in ("Failover", "GeoLocation", "Region", "Weight")):
            yield Broken(resource=record, what="answers some people only")


@RULES.rule("DOMAIN-CERTIFICATE", source="FSBP ACM.1; ACM User Guide, DNS validation", remedy="the site's name alone")
def the_certificate_is_of_the_sites_name(environment: Environment) -> Iterable[Broken]:
    """Validated by DNS, so that ACM renews it; and CloudFront shows this one."""
    domain = environment.config.domain if environment.config else None
    certificates = environment.of("AWS::CertificateManager::Certificate")
    for certificate in certificates:
        names = [certificate.text("DomainName"), *certificate.texts("SubjectAlternativeNames")]
        if domain is None or set(names) != {domain.name}:
            yield Broken(resource=certificate, what=f"is for {', '.join(names)}")
        if certificate.text("ValidationMethod") != "DNS":
            yield Broken(resource=certificate, what="is not renewed without a person")
    for distribution in environment.of("AWS::CloudFront::Distribution"):
        shown = distribution.text("DistributionConfig.ViewerCertificate.AcmCertificateArn")
        if shown != (certificates[0].refers() if domain and certificates else ""):
            yield Broken(resource=distribution, what=f"shows {shown or 'no certificate of ours'}")
        aliases = distribution.texts("DistributionConfig.Aliases")
        if aliases != ([domain.name] if domain else []):
            yield Broken(resource=distribution, what=f"answers to {', '.join(aliases) or 'no name of ours'}")
