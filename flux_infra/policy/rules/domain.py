"""A domain of our own: its zone is signed for as long as anybody checks, and only Amazon issues its certificates."""

from collections.abc import Iterable

from ...config import Domain
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
