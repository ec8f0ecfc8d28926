"""What an environment of Flux must have. A resource that is gone is a weakening, whatever it protected."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..workloads import RELEASED, ROTATIONS, WORKLOADS
from .domain import signed_domain

RULES = Rules()

LAYERS = ("Network", "Data", "Ml", "Compute", "Api", "Frontend", "Monitoring")

_FUNCTION_PARTS = {
    "Function": "AWS::Lambda::Function",
    "Live": "AWS::Lambda::Alias",
    "FunctionCurrentVersion": "AWS::Lambda::Version",
    "Role": "AWS::IAM::Role",
    "RoleDefaultPolicy": "AWS::IAM::ManagedPolicy",
    "Logs": "AWS::Logs::LogGroup",
    "SecurityGroup": "AWS::EC2::SecurityGroup",
}

# Name -> type, where other rules would look at whatever is there and not miss what is not.
_EVERYWHERE = {
    "Network/Vpc": "AWS::EC2::VPC",
    "Network/VpcIGW": "AWS::EC2::InternetGateway",
    "Network/VpcVPCGW": "AWS::EC2::VPCGatewayAttachment",
    "Network/VpcRestrictDefaultSecurityGroupCustomResource": "Custom::VpcRestrictDefaultSG",
    "Network/EndpointsSecurityGroup": "AWS::EC2::SecurityGroup",
    "Network/FlowLogsFlowLog": "AWS::EC2::FlowLog",
    "Network/FlowLogsKey": "AWS::KMS::Key",
    "Network/FlowLogsLogGroup": "AWS::Logs::LogGroup",
    "Data/Key": "AWS::KMS::Key",
    "Data/TokenKey": "AWS::KMS::Key",
    "Data/DatabaseInstance": "AWS::RDS::DBInstance",
    "Data/DatabaseParameters": "AWS::RDS::DBParameterGroup",
    "Data/DatabaseSubnets": "AWS::RDS::DBSubnetGroup",
    "Data/DatabaseSecurityGroup": "AWS::EC2::SecurityGroup",
    "Data/DatabaseOwner": "AWS::SecretsManager::Secret",
    "Data/DatabaseFunctions": "AWS::SecretsManager::Secret",
    "Data/DatabasePostgresqlLogs": "AWS::Logs::LogGroup",
    "Data/DatabaseUpgradeLogs": "AWS::Logs::LogGroup",
    "Data/CacheReplicationGroup": "AWS::ElastiCache::ReplicationGroup",
    "Data/CacheSubnets": "AWS::ElastiCache::SubnetGroup",
    "Data/CacheSecurityGroup": "AWS::EC2::SecurityGroup",
    "Data/CacheUser": "AWS::SecretsManager::Secret",
    "Data/CacheFunctionsUser": "AWS::ElastiCache::User",
    "Data/CacheUsers": "AWS::ElastiCache::UserGroup",
    "Data/AssetsBucket": "AWS::S3::Bucket",
    "Data/AssetsAccessLogs": "AWS::S3::Bucket",
    "Data/SecretsTokenKeys": "AWS::SecretsManager::Secret",
    "Data/SecretsOrigin": "AWS::SecretsManager::Secret",
    "Data/SecretsSquareWebhook": "AWS::SecretsManager::Secret",
    "Data/SecretsSquareApplication": "AWS::SecretsManager::Secret",
    "Data/SecretsSquareAccess": "AWS::SecretsManager::Secret",
    "Ml/Key": "AWS::KMS::Key",
    "Ml/ForecastLogs": "AWS::Logs::LogGroup",
    "Ml/ForecastSecurityGroup": "AWS::EC2::SecurityGroup",
    "Ml/ForecastEndpoint": "AWS::SageMaker::Endpoint",
    "Compute/Key": "AWS::KMS::Key",
    "Compute/QueuesPosSyncQueue": "AWS::SQS::Queue",
    "Compute/QueuesPosSyncDeadLetters": "AWS::SQS::Queue",
    "Compute/QueuesForecastsQueue": "AWS::SQS::Queue",
    "Compute/QueuesForecastsDeadLetters": "AWS::SQS::Queue",
    "Compute/QueuesNightly": "AWS::Events::Rule",
    "Compute/QueuesQuarterHourly": "AWS::Events::Rule",
    "Compute/MigrationsRun": "Custom::Migrations",
    "Compute/FunctionsMigrateLiveEventInvokeConfig": "AWS::Lambda::EventInvokeConfig",
    "Compute/ReleasesApplication": "AWS::CodeDeploy::Application",
    "Api/HttpApi": "AWS::ApiGatewayV2::Api",
    "Api/HttpApiOriginLock": "AWS::ApiGatewayV2::Authorizer",
    "Api/FrontDoorStage": "AWS::ApiGatewayV2::Stage",
    "Api/FrontDoorLogs": "AWS::Logs::LogGroup",
    "Frontend/SiteBucket": "AWS::S3::Bucket",
    "Frontend/AccessLogsBucket": "AWS::S3::Bucket",
    "Frontend/FirewallWebAcl": "AWS::WAFv2::WebACL",
    "Frontend/FirewallLogs": "AWS::Logs::LogGroup",
    "Frontend/FirewallLogging": "AWS::WAFv2::LoggingConfiguration",
    "Frontend/EdgeDistribution": "AWS::CloudFront::Distribution",
    "Frontend/EdgeApiHeadersPolicy": "AWS::CloudFront::ResponseHeadersPolicy",
    "Frontend/EdgeSiteHeadersPolicy": "AWS::CloudFront::ResponseHeadersPolicy",
    "Frontend/ReleasesStore": "AWS::CloudFront::KeyValueStore",
    "Frontend/ReleasesRequest": "AWS::CloudFront::Function",
    "Frontend/ReleasesResponse": "AWS::CloudFront::Function",
    "Frontend/PublisherPolicy": "AWS::IAM::ManagedPolicy",
    "Monitoring/AlertsKey": "AWS::KMS::Key",
    "Monitoring/AlertsTopic": "AWS::SNS::Topic",
    "Monitoring/DatabaseEventsInstance": "AWS::RDS::EventSubscription",
    "Monitoring/DatabaseEventsParameters": "AWS::RDS::EventSubscription",
    "Monitoring/DatabaseEventsSecurityGroups": "AWS::RDS::EventSubscription",
    "Monitoring/Dashboard": "AWS::CloudWatch::Dashboard",
}


_WHERE_BACKED_UP = {
    "Data/BackupsVault": "AWS::Backup::BackupVault",
    "Data/BackupsPlan": "AWS::Backup::BackupPlan",
    "Data/BackupsSelection": "AWS::Backup::BackupSelection",
    "Data/BackupsRole": "AWS::IAM::Role",
    "Data/BackupsRoleDefaultPolicy": "AWS::IAM::ManagedPolicy",
    "Data/RestoredSecurityGroup": "AWS::EC2::SecurityGroup",
}

_WITH_A_DOMAIN = {
    "Frontend/DomainCertificate": "AWS::CertificateManager::Certificate",
    "Frontend/DomainIpv4": "AWS::Route53::RecordSet",
    "Frontend/DomainIpv6": "AWS::Route53::RecordSet",
}
_WITH_A_ZONE = {
    "Frontend/DomainSigningKey": "AWS::KMS::Key",
    "Frontend/DomainSigningKeySigningKey": "AWS::Route53::KeySigningKey",
    "Frontend/DomainSigningDnssec": "AWS::Route53::DNSSEC",
    "Frontend/DomainAuthority": "AWS::Route53::RecordSet",
}


def expected(environment: Environment) -> dict[str, str]:
    """Return the names that the environment must hold, and their types."""
    names = dict(_EVERYWHERE)
    for workload in WORKLOADS:
        names.update({workload.part(part): kind for part, kind in _FUNCTION_PARTS.items()})
    for workload in ROTATIONS:
        names[workload.part("BySecretsManager")] = "AWS::Lambda::Permission"
    for workload in RELEASED:
        names[f"Compute/Releases{workload.construct}Group"] = "AWS::CodeDeploy::DeploymentGroup"
    if environment.backed_up:
        names.update(_WHERE_BACKED_UP)
    if environment.config and environment.config.domain:
        names.update(_WITH_A_DOMAIN)
    if signed_domain(environment):
        names.update(_WITH_A_ZONE)
    return names


@RULES.rule("INVENTORY", source="policy/rules/inventory.py", remedy="restore it; if it moved, change the list")
def everything_that_flux_needs_is_there(environment: Environment) -> Iterable[Broken]:
    """By name and type."""
    found = {(resource.name, resource.type) for resource in environment.resources()}
    for name, kind in expected(environment).items():
        if (name, kind) not in found:
            yield Broken(subject=name, what=f"{kind} {name} is gone")


# Of these there may be more: each is judged wherever it stands, and opens nothing by itself.
_MAY_BE_MORE = {
    *("AWS::CloudWatch::Dashboard", "AWS::EC2::SecurityGroup", "AWS::IAM::ManagedPolicy", "AWS::Lambda::Permission"),
    *("AWS::Logs::LogGroup", "AWS::RDS::EventSubscription"),
}

# Of these there may be no more than what is expected.
CLOSED = {
    "AWS::CodeDeploy::DeploymentGroup",
    *(
        kind
        for names in (_EVERYWHERE, _FUNCTION_PARTS, _WHERE_BACKED_UP, _WITH_A_DOMAIN, _WITH_A_ZONE)
        for kind in names.values()
    ),
} - _MAY_BE_MORE


@RULES.rule("INVENTORY-LAYERS", source="README.md", remedy="synthesize the whole stage: cdk synth '**'")
def every_layer_is_there(environment: Environment) -> Iterable[Broken]:
    """All seven, no other, and each in the manifest, if there is one: what it does not name is not deployed."""
    layers = {stack.layer for stack in environment.stacks}
    for layer in LAYERS:
        if layer not in layers:
            yield Broken(subject=layer, what=f"has no layer {layer}")
    for layer in sorted(layers - set(LAYERS)):
        yield Broken(subject=layer, what=f"has a layer {layer}, which no rule knows")
    if any(stack.known for stack in environment.stacks):
        for stack in environment.stacks:
            if not stack.known:
                yield Broken(subject=stack.layer, what=f"{stack.name} is not in the manifest")
