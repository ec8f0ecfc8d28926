"""What every role may do, and must be able to do. A permission that stands here is the reason it exists."""

from collections.abc import Mapping
from dataclasses import dataclass

from .statements import Grant


@dataclass(frozen=True, kw_only=True)
class RoleGrants:
    """One role: which service assumes it, under which conditions, what it may do, and AWS's policies it carries.

    where_kept, where_backed_up, where_copied: what it may do besides in environments whose data must survive, whose
        database is backed up, and whose backups are copied to a second region.
    only_for_backups: whether the role itself exists only where the database is backed up.
    """

    service: str
    grants: tuple[Grant, ...] = ()
    managed: tuple[str, ...] = ()
    trusted_if: Mapping[str, tuple[str, ...]] | None = None
    where_kept: tuple[Grant, ...] = ()
    where_backed_up: tuple[Grant, ...] = ()
    where_copied: tuple[Grant, ...] = ()
    only_for_backups: bool = False


_AWS = "arn:aws:iam::aws:policy/service-role/"
_SECRETS = {"equals kms:viaservice": ("secretsmanager.<region>.amazonaws.com",)}

# Lambda places functions into the VPC and X-Ray takes traces; AWS defines no narrower resource for either
# (Service Authorization Reference, EC2 and X-Ray).
_RUNS = Grant(
    actions=(
        *("ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
        *("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"),
        *("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
    ),
    resources=("*",),
)
_SEND = ("sqs:SendMessage",)
_ENCRYPT_MESSAGES = ("kms:Decrypt", "kms:GenerateDataKey")
_WORK = (
    *("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"),
    *("sqs:GetQueueAttributes", "sqs:GetQueueUrl", *_SEND),
)


def _logs(construct: str) -> Grant:
    return Grant(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(f"${{{construct}Logs.Arn}}",))


def _reads(function: str, *secrets: str, group: str = "Compute/Functions") -> tuple[Grant, ...]:
    return (
        _RUNS,
        _logs(f"{group}{function}"),
        Grant(actions=("secretsmanager:GetSecretValue",), resources=tuple(f"${{Data/{name}}}" for name in secrets)),
        Grant(actions=("kms:Decrypt",), resources=("${Data/Key.Arn}",), conditions=_SECRETS),
    )


def _rotates(rotation: str, secret: str, *also_reads: str, group: str = "Compute/Rotations") -> tuple[Grant, ...]:
    """One secret, and no other, may be given new values."""
    return (
        *_reads(f"{rotation}Rotate", secret, *also_reads, group=group),
        Grant(
            actions=(
                *("secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"),
                "secretsmanager:UpdateSecretVersionStage",
            ),
            resources=(f"${{Data/{secret}}}",),
        ),
        Grant(actions=("kms:GenerateDataKey",), resources=("${Data/Key.Arn}",), conditions=_SECRETS),
    )


def _uses(actions: tuple[str, ...], *resources: str) -> Grant:
    return Grant(actions=actions, resources=tuple(f"${{{name}.Arn}}" for name in resources))


_FUNCTIONS = ("Api", "Authorizer", "Forecast", "Sync", "Webhook")

# A migration that cannot be undone is preceded by a snapshot.
_DATABASE = "arn:aws:rds:<region>:<account>:db:flux-<name>-database"
_SNAPSHOTS = "arn:aws:rds:<region>:<account>:snapshot:flux-<name>-migration-*"

_CACHE_USER = Grant(
    actions=("elasticache:DescribeUsers", "elasticache:ModifyUser"),
    resources=("arn:aws:elasticache:<region>:<account>:user:flux-<name>-functions",),
)

# A value goes to the distribution once the authorizer is seen to take it.
_DISTRIBUTION = (
    Grant(
        actions=("cloudfront:GetDistribution", "cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution"),
        resources=("arn:aws:cloudfront::<account>:distribution/${Frontend/EdgeDistribution}",),
    ),
    Grant(actions=("wafv2:GetWebACL",), resources=("${Frontend/FirewallWebAcl.Arn}",)),
    Grant(actions=("lambda:InvokeFunction",), resources=("${Compute/FunctionsAuthorizerLive}",)),
)

# AWS Backup chooses the names of its snapshots, a random part included.
_BACKUPS = "arn:aws:rds:<region>:<account>:snapshot:awsbackup:*"
_COPIES = "arn:aws:rds:<copy-region>:<account>:snapshot:awsbackup:*"
# The copies' key is another stack's, in another region; IAM takes its alias in conditions alone.
_COPIES_KEY = "arn:aws:kms:<copy-region>:<account>:key/*"
_BY_ALIAS = {"foranyvalue:stringequals kms:resourcealiases": ("alias/flux-<name>-copies",)}
_BY_RDS = {"equals kms:viaservice": ("rds.<region>.amazonaws.com", "rds.<copy-region>.amazonaws.com")}
_FOR_AWS = {"bool kms:grantisforawsresource": ("true",)}
_COPY_WITH_KEY = (
    *("kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"),
    *("kms:ReEncryptFrom", "kms:ReEncryptTo"),
)

_BACKUP_ROLE = RoleGrants(
    service="backup.amazonaws.com",
    trusted_if={"equals aws:sourceaccount": ("<account>",)},
    only_for_backups=True,
    where_backed_up=(
        Grant(actions=("rds:CreateDBSnapshot", "rds:DescribeDBInstances"), resources=(_DATABASE,)),
        Grant(actions=("rds:DescribeDBSnapshots", "rds:ListTagsForResource"), resources=(_DATABASE, _BACKUPS)),
        Grant(actions=("rds:AddTagsToResource", "rds:CreateDBSnapshot", "rds:DeleteDBSnapshot"), resources=(_BACKUPS,)),
        Grant(actions=("backup:DescribeBackupVault",), resources=("${Data/BackupsVault.BackupVaultArn}",)),
        Grant(actions=("kms:DescribeKey",), resources=("${Data/Key.Arn}",)),
        Grant(actions=("kms:CreateGrant",), resources=("${Data/Key.Arn}",), conditions={**_BY_RDS, **_FOR_AWS}),
    ),
    where_copied=(
        Grant(
            actions=(
                *("rds:AddTagsToResource", "rds:CreateDBSnapshot", "rds:DeleteDBSnapshot", "rds:CopyDBSnapshot"),
                *("rds:DescribeDBSnapshots", "rds:ListTagsForResource"),
            ),
            resources=(_BACKUPS, _COPIES),
        ),
        Grant(
            actions=("backup:CopyIntoBackupVault", "backup:DescribeBackupVault"),
            resources=("arn:aws:backup:<copy-region>:<account>:backup-vault:flux-<name>-copies",),
        ),
        Grant(actions=_COPY_WITH_KEY, resources=("${Data/Key.Arn}",), conditions=_BY_RDS),
        Grant(actions=("kms:DescribeKey",), resources=(_COPIES_KEY,), conditions=_BY_ALIAS),
        Grant(actions=_COPY_WITH_KEY, resources=(_COPIES_KEY,), conditions={**_BY_ALIAS, **_BY_RDS}),
        Grant(actions=("kms:CreateGrant",), resources=(_COPIES_KEY,), conditions={**_BY_ALIAS, **_BY_RDS, **_FOR_AWS}),
    ),
)

_GATE = (
    *_reads("ReleaseGate", "SecretsOrigin", "SecretsSquareWebhook", "SecretsTokenKeys"),
    Grant(
        actions=("codedeploy:GetApplicationRevision",),
        resources=("arn:aws:codedeploy:<region>:<account>:application:${Compute/ReleasesApplication}",),
    ),
    Grant(
        actions=("codedeploy:GetDeployment", "codedeploy:PutLifecycleEventHookExecutionStatus"),
        resources=tuple(
            "arn:aws:codedeploy:<region>:<account>:deploymentgroup:${Compute/ReleasesApplication}/"
            f"${{Compute/Releases{name}Group}}"
            for name in _FUNCTIONS
        ),
    ),
    Grant(
        actions=("lambda:InvokeFunction",),
        resources=tuple(f"${{Compute/Functions{name}Function.Arn}}:*" for name in _FUNCTIONS),
    ),
)


def _releases(function: str) -> RoleGrants:
    """Return what CodeDeploy may do for one function: AWSCodeDeployRoleForLambdaLimited, narrowed to it."""
    return RoleGrants(
        service="codedeploy.amazonaws.com",
        grants=(
            Grant(
                actions=("lambda:InvokeFunction",),
                resources=(
                    "${Compute/FunctionsReleaseGateFunction.Arn}",
                    "${Compute/FunctionsReleaseGateFunction.Arn}:*",
                ),
            ),
            Grant(
                actions=("lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"),
                resources=(
                    f"${{Compute/Functions{function}Function.Arn}}",
                    f"${{Compute/Functions{function}Function.Arn}}:live",
                ),
            ),
            # By what CodeDeploy asks for its alarms is not documented; AWS's own policy lets it see every one.
            Grant(actions=("cloudwatch:DescribeAlarms",), resources=("*",)),
        ),
    )


# Where RDS writes enhanced monitoring, and a stream per instance; RDS chooses both names.
_METRICS_OF_MACHINES = "arn:aws:logs:<region>:<account>:log-group:RDSOSMetrics"

_BUILD_BUCKET = "arn:aws:s3:::cdk-hnb659fds-assets-<account>-<region>"
_SUBNETS = tuple(
    f"arn:aws:ec2:<region>:<account>:subnet/${{Network/VpcIsolatedSubnet{number}Subnet}}" for number in (1, 2, 3)
)
_INTERFACES = "arn:aws:ec2:<region>:<account>:network-interface/*"

ROLES: Mapping[str, RoleGrants] = {
    "Compute/FunctionsApiRole": RoleGrants(
        service="lambda.amazonaws.com", grants=_reads("Api", "CacheUser", "DatabaseFunctions", "SecretsTokenKeys")
    ),
    "Compute/FunctionsWebhookRole": RoleGrants(
        service="lambda.amazonaws.com",
        grants=(
            *_reads("Webhook", "SecretsSquareWebhook"),
            # Whether the key is being replaced at this moment.
            Grant(actions=("secretsmanager:DescribeSecret",), resources=("${Data/SecretsSquareWebhook}",)),
            _uses(_SEND, "Compute/QueuesPosSyncQueue"),
            _uses(_ENCRYPT_MESSAGES, "Compute/Key"),
        ),
    ),
    "Compute/FunctionsSyncRole": RoleGrants(
        service="lambda.amazonaws.com",
        grants=(
            *_reads("Sync", "DatabaseFunctions", "SecretsSquareApplication"),
            _uses(_WORK, "Compute/QueuesPosSyncQueue"),
            _uses(_ENCRYPT_MESSAGES, "Compute/Key"),
            _uses(("kms:Decrypt", "kms:Encrypt"), "Data/TokenKey"),
        ),
    ),
    "Compute/FunctionsForecastRole": RoleGrants(
        service="lambda.amazonaws.com",
        grants=(
            *_reads("Forecast", "DatabaseFunctions"),
            _uses(_WORK, "Compute/QueuesForecastsQueue"),
            _uses(_ENCRYPT_MESSAGES, "Compute/Key"),
            Grant(
                actions=("sagemaker:InvokeEndpoint",),
                resources=("arn:aws:sagemaker:<region>:<account>:endpoint/flux-<name>-forecast",),
            ),
        ),
    ),
    "Compute/FunctionsAuthorizerRole": RoleGrants(
        service="lambda.amazonaws.com", grants=_reads("Authorizer", "SecretsOrigin")
    ),
    "Compute/FunctionsMigrateRole": RoleGrants(
        service="lambda.amazonaws.com",
        grants=(*_reads("Migrate", "DatabaseFunctions", "DatabaseOwner"),),
        where_backed_up=(
            # What a restore drill restored: it can neither restore nor delete, nor change the live database.
            Grant(
                actions=("rds:DescribeDBInstances", "rds:ModifyDBInstance"),
                resources=("arn:aws:rds:<region>:<account>:db:flux-<name>-drill-*",),
            ),
        ),
        where_kept=(
            Grant(actions=("rds:CreateDBSnapshot", "rds:DescribeDBSnapshots"), resources=(_DATABASE, _SNAPSHOTS)),
            Grant(actions=("rds:AddTagsToResource",), resources=(_SNAPSHOTS,)),
            Grant(actions=("kms:DescribeKey",), resources=("${Data/Key.Arn}",)),
            Grant(
                actions=("kms:CreateGrant",),
                resources=("${Data/Key.Arn}",),
                conditions={
                    "equals kms:viaservice": ("rds.<region>.amazonaws.com",),
                    "bool kms:grantisforawsresource": ("true",),
                },
            ),
        ),
    ),
    "Compute/FunctionsReleaseGateRole": RoleGrants(service="lambda.amazonaws.com", grants=_GATE),
    **{f"Compute/Releases{name}Role": _releases(name) for name in _FUNCTIONS},
    "Data/BackupsRole": _BACKUP_ROLE,
    "Data/DatabaseMonitoringRole": RoleGrants(
        service="monitoring.rds.amazonaws.com",
        grants=(
            Grant(actions=("logs:CreateLogGroup", "logs:PutRetentionPolicy"), resources=(_METRICS_OF_MACHINES,)),
            Grant(
                actions=(
                    *("logs:CreateLogStream", "logs:DescribeLogStreams"),
                    *("logs:GetLogEvents", "logs:PutLogEvents"),
                ),
                resources=(f"{_METRICS_OF_MACHINES}:log-stream:*",),
            ),
        ),
    ),
    **{
        f"Compute/Rotations{rotation}RotateRole": RoleGrants(
            service="lambda.amazonaws.com", grants=(*_rotates(rotation, *secrets), *more)
        )
        for rotation, secrets, more in (
            ("DatabaseLogin", ("DatabaseFunctions",), ()),
            ("DatabaseOwner", ("DatabaseOwner",), ()),
            ("CacheLogin", ("CacheUser",), (_CACHE_USER,)),
            ("TokenKey", ("SecretsTokenKeys",), ()),
            ("SquareWebhook", ("SecretsSquareWebhook", "SecretsSquareAccess"), ()),
        )
    },
    "Frontend/OriginRotateRole": RoleGrants(
        service="lambda.amazonaws.com", grants=(*_rotates("", "SecretsOrigin", group="Frontend/Origin"), *_DISTRIBUTION)
    ),
    "Network/FlowLogsRole": RoleGrants(
        service="vpc-flow-logs.amazonaws.com",
        grants=(
            _uses(("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"), "Network/FlowLogsLogGroup"),
        ),
    ),
    "Network/CustomVpcRestrictDefaultSGCustomResourceProviderRole": RoleGrants(
        service="lambda.amazonaws.com",
        managed=(f"{_AWS}AWSLambdaBasicExecutionRole",),
        grants=(
            Grant(
                actions=(
                    *("ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress"),
                    *("ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"),
                ),
                resources=("arn:aws:ec2:<region>:<account>:security-group/${Network/Vpc.DefaultSecurityGroup}",),
            ),
        ),
    ),
    "Ml/ForecastRole": RoleGrants(
        service="sagemaker.amazonaws.com",
        trusted_if={"equals aws:sourceaccount": ("<account>",)},
        grants=(
            Grant(actions=("s3:GetObject",), resources=(f"{_BUILD_BUCKET}/*.gz",)),
            Grant(
                actions=("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
                resources=("arn:aws:ecr:<region>:683313688378:repository/sagemaker-scikit-learn",),
            ),
            # None of these takes a resource (Service Authorization Reference, EC2 and ECR).
            Grant(
                actions=(
                    *("ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups"),
                    *("ec2:DescribeSubnets", "ec2:DescribeVpcs", "ecr:GetAuthorizationToken"),
                ),
                resources=("*",),
            ),
            _uses(
                ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                "Ml/ForecastLogs",
            ),
            Grant(
                actions=("cloudwatch:PutMetricData",),
                resources=("*",),
                conditions={"equals cloudwatch:namespace": ("AWS/SageMaker", "/aws/sagemaker/Endpoints")},
            ),
            Grant(actions=("ec2:CreateNetworkInterface",), resources=(_INTERFACES, *_SUBNETS[:2])),
            Grant(
                actions=("ec2:CreateNetworkInterface",),
                resources=("arn:aws:ec2:<region>:<account>:security-group/${Ml/ForecastSecurityGroup.GroupId}",),
            ),
            Grant(
                actions=(
                    *("ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"),
                    "ec2:DeleteNetworkInterfacePermission",
                ),
                resources=(_INTERFACES,),
            ),
            Grant(
                actions=("kms:CreateGrant",),
                resources=("${Ml/Key.Arn}",),
                conditions={"bool kms:grantisforawsresource": ("true",)},
            ),
        ),
    ),
}

# aws-cdk-lib's function that empties buckets before they go with their stack, where nothing is kept. What it may do
# stands in the policies of the buckets.
EMPTIER = "CustomS3AutoDeleteObjectsCustomResourceProviderRole"
EMPTIES_BUCKETS = RoleGrants(service="lambda.amazonaws.com", managed=(f"{_AWS}AWSLambdaBasicExecutionRole",))

# What a role may have beyond what it must have: the third zone exists only where configured.
OPTIONAL: Mapping[str, tuple[Grant, ...]] = {
    "Ml/ForecastRole": (Grant(actions=("ec2:CreateNetworkInterface",), resources=_SUBNETS),)
}
