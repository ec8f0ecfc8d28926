"""What operators' commands read from stacks: each output names what it says it names."""

from collections.abc import Iterable, Mapping

from ..finding import Broken, Rules
from ..model import Environment, plain
from ..values import as_text
from ..wanted import fill

RULES = Rules()

_FUNCTIONS = ("Api", "Webhook", "Sync", "Forecast", "Authorizer", "ReleaseGate", "Migrate")

# Layer -> output -> what it names.
_EVERYWHERE: Mapping[str, Mapping[str, str]] = {
    "Api": {"ApiUrl": "${Api/HttpApi.ApiEndpoint}"},
    "Compute": {
        "PosSyncQueueUrl": "${Compute/QueuesPosSyncQueue}",
        "PosSyncDeadLettersUrl": "${Compute/QueuesPosSyncDeadLetters}",
        "ForecastQueueUrl": "${Compute/QueuesForecastsQueue}",
        "ForecastDeadLettersUrl": "${Compute/QueuesForecastsDeadLetters}",
        "NightlyRuleName": "${Compute/QueuesNightly}",
        "SyncRuleName": "${Compute/QueuesQuarterHourly}",
        **{f"{name}FunctionName": f"${{Compute/Functions{name}Function}}" for name in _FUNCTIONS},
    },
    "Data": {
        "DatabaseHost": "${Data/DatabaseInstance.Endpoint.Address}",
        "DatabasePort": "${Data/DatabaseInstance.Endpoint.Port}",
        "DatabaseSecretName": "${Data/DatabaseFunctions}",
        "OwnerSecretName": "${Data/DatabaseOwner}",
        "OriginSecretName": "${Data/SecretsOrigin}",
        "SquareWebhookSecretName": "${Data/SecretsSquareWebhook}",
        "SquareAccessSecretName": "${Data/SecretsSquareAccess}",
        "SquareApplicationSecretName": "${Data/SecretsSquareApplication}",
        "TokenKeysSecretName": "${Data/SecretsTokenKeys}",
        "CacheSecretName": "${Data/CacheUser}",
        "PosTokenKeyArn": "${Data/TokenKey.Arn}",
    },
    "Frontend": {
        "DistributionId": "${Frontend/EdgeDistribution}",
        "DistributionDomain": "${Frontend/EdgeDistribution.DomainName}",
        "SiteBucketName": "${Frontend/SiteBucket}",
        "SiteReleasesArn": "${Frontend/ReleasesStore.Arn}",
        "SitePublisherPolicyArn": "${Frontend/PublisherPolicy}",
    },
    "Ml": {"EndpointName": "flux-<name>-forecast"},
}
_WHERE_BACKED_UP = {
    "BackupVaultName": "${Data/BackupsVault.BackupVaultName}",
    "BackupRoleArn": "${Data/BackupsRole.Arn}",
    "RestoredSecurityGroupId": "${Data/RestoredSecurityGroup.GroupId}",
}


@RULES.rule("OUTPUTS", source="flux_infra/ops", remedy="put out what the name says; commands act on it")
def commands_are_told_the_right_names(environment: Environment) -> Iterable[Broken]:
    """A rollback, a redrive or a drill that reads another name acts on another thing."""
    for stack in environment.stacks:
        wanted = dict(_EVERYWHERE.get(stack.layer, {}))
        if stack.layer == "Data" and environment.backed_up:
            wanted.update(_WHERE_BACKED_UP)
        for output, text in wanted.items():
            found = plain(as_text(stack.outputs.get(output)))
            if found != fill(text, environment):
                yield Broken(
                    subject=output, what=f"{stack.name} puts out {output}={found or 'nothing'}; must be {text}"
                )
