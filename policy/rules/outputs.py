"""What operators and `flux ops` read of a deployed stack: each output is there, and means what it says."""

from collections.abc import Iterable, Mapping

from ..finding import Broken, Rules
from ..model import Environment, plain
from ..values import as_text
from ..wanted import fill

RULES = Rules()

# Layer -> output -> what it means.
_OUTPUTS: Mapping[str, Mapping[str, str]] = {
    "Data": {
        "CacheSecretName": "${Data/CacheUser}",
        "DatabaseHost": "${Data/DatabaseInstance.Endpoint.Address}",
        "DatabasePort": "${Data/DatabaseInstance.Endpoint.Port}",
        "DatabaseSecretName": "${Data/DatabaseFunctions}",
        "OriginSecretName": "${Data/SecretsOrigin}",
        "OwnerSecretName": "${Data/DatabaseOwner}",
        "PosTokenKeyArn": "${Data/TokenKey.Arn}",
        "SquareAccessSecretName": "${Data/SecretsSquareAccess}",
        "SquareApplicationSecretName": "${Data/SecretsSquareApplication}",
        "SquareWebhookSecretName": "${Data/SecretsSquareWebhook}",
        "TokenKeysSecretName": "${Data/SecretsTokenKeys}",
    },
    "Compute": {
        **{
            f"{name}FunctionName": f"${{Compute/Functions{name}Function}}"
            for name in ("Api", "Authorizer", "Forecast", "Migrate", "ReleaseGate", "Sync", "Webhook")
        },
        "ForecastDeadLettersUrl": "${Compute/QueuesForecastsDeadLetters}",
        "ForecastQueueUrl": "${Compute/QueuesForecastsQueue}",
        "NightlyRuleName": "${Compute/QueuesNightly}",
        "PosSyncDeadLettersUrl": "${Compute/QueuesPosSyncDeadLetters}",
        "PosSyncQueueUrl": "${Compute/QueuesPosSyncQueue}",
        "SyncRuleName": "${Compute/QueuesQuarterHourly}",
    },
    "Api": {"ApiUrl": "${Api/HttpApi.ApiEndpoint}"},
    "Ml": {"EndpointName": "flux-<name>-forecast"},
    "Frontend": {
        "DistributionDomain": "${Frontend/EdgeDistribution.DomainName}",
        "DistributionId": "${Frontend/EdgeDistribution}",
        "SiteBucketName": "${Frontend/SiteBucket}",
        "SitePublisherPolicyArn": "${Frontend/PublisherPolicy}",
        "SiteReleasesArn": "${Frontend/ReleasesStore.Arn}",
    },
}
# These besides, where the database is backed up: what a restore drill works with.
_WITH_BACKUPS = {
    "BackupRoleArn": "${Data/BackupsRole.Arn}",
    "BackupVaultName": "${Data/BackupsVault.BackupVaultName}",
    "RestoredSecurityGroupId": "${Data/RestoredSecurityGroup.GroupId}",
}


@RULES.rule("OUTPUTS", source="docs/runbooks; ops", remedy="put out what operators read, under its name")
def operators_are_told_the_right_names(environment: Environment) -> Iterable[Broken]:
    """A drill in the live database's group, or a redrive into another queue, is an outage made by hand."""
    for stack in environment.stacks:
        wanted = dict(_OUTPUTS.get(stack.layer, {}))
        if stack.layer == "Data" and environment.backed_up:
            wanted.update(_WITH_BACKUPS)
        for name, meaning in wanted.items():
            found = plain(as_text(stack.outputs.get(name)))
            if found != fill(meaning, environment):
                yield Broken(subject=name, what=f"{stack.name} puts out {found or 'nothing'}; must be {meaning}")


@RULES.rule("OUTPUTS-SITE", source="ops/open_restaurant.py", remedy="the domain, or CloudFront's own name")
def people_are_sent_to_the_site(environment: Environment) -> Iterable[Broken]:
    """Owners are invited by this address, and choose their password behind it."""
    domain = environment.config.domain if environment.config else None
    host = domain.name if domain else "${Frontend/EdgeDistribution.DomainName}"
    for stack in environment.stacks:
        found = plain(as_text(stack.outputs.get("SiteUrl")))
        if stack.layer == "Frontend" and found != f"https://{host}":
            yield Broken(subject="SiteUrl", what=f"sends people to {found or 'nowhere'}")
