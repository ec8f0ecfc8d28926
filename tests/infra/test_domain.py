"""A name of our own: its certificate and records, and the signing of a zone that is ours."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatch
from typing import cast

import pytest
from aws_cdk.assertions import Match, Template

from flux_infra.config import ConfigError, OptOut, Severity
from flux_infra.config.domain import require_own_zones
from flux_infra.constructs.artifacts import BuiltArtifacts
from flux_infra.environments import DEV, PROD
from tests.infra.conftest import DOMAIN
from tests.infra.frontend_template import DISTRIBUTION, Json, distribution_config
from tests.infra.templates import PROJECT, Templates, properties, resources, whole

GUEST = replace(DOMAIN, owns_zone=OptOut(reason="the company's own team signs this zone"))
SIGNERS = ("AWS::Route53::DNSSEC", "AWS::Route53::KeySigningKey", "AWS::KMS::Key")


@pytest.fixture(scope="module")
def with_domain(owner: Templates) -> Template:
    return owner.frontend


@pytest.fixture(scope="module")
def guest(artifacts: BuiltArtifacts, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """A ephemeral environment in a zone that is not its own."""
    outdir = tmp_path_factory.mktemp("guest")
    return Templates.synthesize(replace(DEV, domain=GUEST), artifacts=artifacts, outdir=outdir)


def test_with_a_domain_the_certificate_is_validated_by_dns(with_domain: Template) -> None:
    with_domain.has_resource_properties(
        "AWS::CertificateManager::Certificate",
        {
            "DomainName": DOMAIN.name,
            "ValidationMethod": "DNS",
            "DomainValidationOptions": [{"DomainName": DOMAIN.name, "HostedZoneId": DOMAIN.zone_id}],
        },
    )


def test_with_a_domain_old_tls_is_refused(with_domain: Template) -> None:
    (certificate_id,) = resources(with_domain, "AWS::CertificateManager::Certificate")
    distribution = distribution_config(with_domain)

    assert distribution["Aliases"] == [DOMAIN.name]
    assert distribution["ViewerCertificate"] == {
        "AcmCertificateArn": {"Ref": certificate_id},
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }


@pytest.mark.parametrize("record_type", ["A", "AAAA"])
def test_with_a_domain_its_name_leads_to_cloudfront(with_domain: Template, record_type: str) -> None:
    (distribution_id,) = resources(with_domain, DISTRIBUTION)
    with_domain.has_resource_properties(
        "AWS::Route53::RecordSet",
        {
            "Name": f"{DOMAIN.name}.",
            "Type": record_type,
            "HostedZoneId": DOMAIN.zone_id,
            "AliasTarget": Match.object_like({"DNSName": {"Fn::GetAtt": [distribution_id, "DomainName"]}}),
        },
    )


def test_with_a_domain_people_open_its_name(with_domain: Template) -> None:
    with_domain.has_output("SiteUrl", {"Value": f"https://{DOMAIN.name}"})


# A zone of ours


def test_our_zone_is_signed_by_a_key_of_the_only_kind_that_route_53_uses(with_domain: Template) -> None:
    (key_id,) = resources(with_domain, "AWS::KMS::Key")
    (key_signing_key_id,) = resources(with_domain, "AWS::Route53::KeySigningKey")
    with_domain.has_resource_properties(
        "AWS::KMS::Key", {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "EnableKeyRotation": Match.absent()}
    )
    with_domain.has_resource_properties(
        "AWS::Route53::KeySigningKey",
        {
            "HostedZoneId": DOMAIN.zone_id,
            "KeyManagementServiceArn": {"Fn::GetAtt": [key_id, "Arn"]},
            "Name": "flux_prod",
            "Status": "ACTIVE",
        },
    )
    with_domain.has_resource(
        "AWS::Route53::DNSSEC", {"Properties": {"HostedZoneId": DOMAIN.zone_id}, "DependsOn": [key_signing_key_id]}
    )


def test_the_key_signs_for_this_zone_of_this_account_alone(with_domain: Template) -> None:
    (key,) = properties(with_domain, "AWS::KMS::Key")
    _, signing, granting, _ = cast("list[Json]", cast("Json", key["KeyPolicy"])["Statement"])

    assert signing["Principal"] == granting["Principal"] == {"Service": "dnssec-route53.amazonaws.com"}
    assert signing["Action"] == ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"]
    condition = cast("Json", signing["Condition"])
    assert condition["StringEquals"] == {"aws:SourceAccount": PROD.account}
    assert condition["ArnEquals"] == {"aws:SourceArn": f"arn:aws:route53:::hostedzone/{DOMAIN.zone_id}"}
    assert granting["Action"] == "kms:CreateGrant"
    assert granting["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.mark.parametrize("signer", SIGNERS)
def test_signing_outlives_its_template_but_not_a_failed_creation(with_domain: Template, signer: str) -> None:
    (resource,) = resources(with_domain, signer).values()
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_only_amazon_may_issue_certificates_for_our_name_and_refusals_are_reported(with_domain: Template) -> None:
    with_domain.has_resource_properties(
        "AWS::Route53::RecordSet",
        {
            "Type": "CAA",
            "Name": f"{DOMAIN.name}.",
            "HostedZoneId": DOMAIN.zone_id,
            "ResourceRecords": [
                '0 issue "amazon.com"',
                '0 issuewild ";"',
                f'0 iodef "mailto:{PROD.ticket_email}"',
            ],
        },
    )


@pytest.mark.parametrize(
    ("metric", "severity"),
    [("DNSSECInternalFailure", Severity.PAGE), ("DNSSECKeySigningKeysNeedingAction", Severity.TICKET)],
)
def test_somebody_hears_when_signing_fails(owner: Templates, metric: str, severity: Severity) -> None:
    owner.monitoring.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmActions": [{"Ref": owner.topic(severity)}],
            "Metrics": [
                Match.object_like(
                    {
                        "MetricStat": Match.object_like(
                            {
                                "Metric": {
                                    "Namespace": "AWS/Route53",
                                    "MetricName": metric,
                                    "Dimensions": [{"Name": "HostedZoneId", "Value": DOMAIN.zone_id}],
                                }
                            }
                        )
                    }
                )
            ],
        },
    )


@pytest.mark.slow
def test_somebody_hears_of_a_certificate_that_is_not_renewed_whoever_owns_the_zone(
    owner: Templates, guest: Templates
) -> None:
    for environment in (owner, guest):
        (certificate,) = resources(environment.frontend, "AWS::CertificateManager::Certificate")
        (alarm,) = (
            alarm
            for alarm in properties(environment.monitoring, "AWS::CloudWatch::Alarm")
            if str(alarm["AlarmName"]).endswith("-certificate-expiry")
        )
        (metric,) = cast("list[Json]", alarm["Metrics"]) if "Metrics" in alarm else [alarm]
        assert certificate in str(metric)
        assert alarm["AlarmActions"] == [{"Ref": environment.topic(Severity.TICKET)}]


def test_a_zone_of_others_is_left_to_them(guest: Templates) -> None:
    for signer in SIGNERS:
        assert not resources(guest.frontend, signer)
    assert {record["Type"] for record in properties(guest.frontend, "AWS::Route53::RecordSet")} == {"A", "AAAA"}
    assert "AWS/Route53" not in str(whole(guest.monitoring))


def test_a_zone_belongs_to_one_environment() -> None:
    other = replace(DOMAIN, name="staging.flux.example")
    require_own_zones([DOMAIN, None, replace(other, owns_zone=GUEST.owns_zone)])
    with pytest.raises(ConfigError, match=r"Domain.zone_id='Z0123456789ABCDEFGHIJ': 2 environments own this zone"):
        require_own_zones([DOMAIN, None, other])


def test_the_runbook_of_alarms_has_a_row_for_each_that_pages_and_no_other(owner: Templates) -> None:
    paging = {
        str(alarm["AlarmName"]).removeprefix("flux-prod-")
        for _, layer in owner.layers()
        for kind in ("Alarm", "CompositeAlarm")
        for alarm in properties(layer, f"AWS::CloudWatch::{kind}")
        if alarm.get("AlarmActions")
    }
    rows = set(runbook_rows())

    assert {name for name in paging if not any(fnmatch(name, row) for row in rows)} == set()
    assert {row for row in rows if not any(fnmatch(name, row) for name in paging)} == set()


def runbook_rows() -> Iterator[str]:
    """Yield the alarms in the table's first column; `<function>` and `…` stand for anything."""
    page = (PROJECT / "docs/runbooks/an-alarm-fires.md").read_text()
    table = page.partition("| alarm `flux-<env>-…` ")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        for name in re.findall(r"`([^`]+)`", line.split("|")[1]):
            yield re.sub(r"<function>|…", "*", name)
