"""What stacks tell those who operate them: flux_infra/ops asks for it by name, and acts on what it is told."""

from collections.abc import Iterable, Mapping

from ..finding import Broken, Rules
from ..model import Environment, plain
from ..values import as_text
from ..wanted import fill
from ..workloads import MIGRATE, RELEASE_GATE, RELEASED

RULES = Rules()
_OUTPUTS: Mapping[str, Mapping[str, str]] = {
    "Data": {
        "BackupRoleArn": "${Data/BackupsRole.Arn}",
        "BackupVaultName": "${Data/BackupsVault.BackupVaultName}",
        "RestoredSecurityGroupId": "${Data/RestoredSecurityGroup.GroupId}",
    },
    "Compute": {
        f"{workload.construct}FunctionName": f"${{{workload.name}}}" for workload in (*RELEASED, MIGRATE, RELEASE_GATE)
    },
    "Ml": {"EndpointName": "flux-<name>-forecast"},
    "Frontend": {
        "DistributionId": "${Frontend/EdgeDistribution}",
        "SiteBucketName": "${Frontend/SiteBucket}",
        "SiteReleasesArn": "${Frontend/ReleasesStore.Arn}",
    },
}
_OF_BACKUPS = ("BackupRoleArn", "BackupVaultName", "RestoredSecurityGroupId")


@RULES.rule("OUTPUTS", source="flux_infra/ops", remedy="put out what operators' commands ask for")
def operators_are_told_the_right_names(environment: Environment) -> Iterable[Broken]:
    """A rollback that acts on another function, or a release that is published into another bucket, is an outage."""
    for stack in environment.stacks:
        for name, wanted in _OUTPUTS.get(stack.layer, {}).items():
            if name in _OF_BACKUPS and not environment.backed_up:
                continue
            found = plain(as_text(stack.outputs.get(name)))
            if found != fill(wanted, environment):
                yield Broken(subject=name, what=f"{stack.name} puts out {found or 'no'} {name}; must be {wanted}")


@RULES.rule("OUTPUTS-SITE", source="flux_infra/ops/open_restaurant.py", remedy="the domain, or CloudFront's own name")
def people_are_sent_to_the_site(environment: Environment) -> Iterable[Broken]:
    """Owners are invited by this address, and choose their password behind it."""
    domain = environment.config.domain if environment.config else None
    host = domain.name if domain else "${Frontend/EdgeDistribution.DomainName}"
    for stack in environment.stacks:
        if stack.layer == "Frontend" and plain(as_text(stack.outputs.get("SiteUrl"))) != f"https://{host}":
            yield Broken(
                subject="SiteUrl", what=f"sends people to {as_text(stack.outputs.get('SiteUrl')) or 'nowhere'}"
            )
