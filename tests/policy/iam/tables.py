"""Every role's table: what it must be able to do, and what it must not, as calls to AWS.

A new function gets a row here: `"<Layer>/<Construct>Role": function("<Layer>/<Construct>", …)`. What no function may do
is in everybody.py and need not be repeated: a table's own denials are the calls that lie closest to what it may do.
"""

from collections.abc import Mapping

from .backups import BACKUPS
from .request import Request, Table, calls

# What a log stream, an interface or an item is called does not matter, only whose it is.
STREAM = ":log-stream:2026/11/23/[$LATEST]0123456789abcdef"
_INTERFACE = "arn:aws:ec2:<region>:<account>:network-interface/eni-0123456789abcdef0"
_BUILDS = "arn:aws:s3:::cdk-hnb659fds-assets-<account>-<region>"
_CACHE_USER = "arn:aws:elasticache:<region>:<account>:user:flux-<name>-functions"
_MIGRATION = "arn:aws:rds:<region>:<account>:snapshot:flux-<name>-migration-0007"
_DRILL = "arn:aws:rds:<region>:<account>:db:flux-<name>-drill-20261123"
_MACHINES = "arn:aws:logs:<region>:<account>:log-group:RDSOSMetrics"
_GROUP = "arn:aws:codedeploy:<region>:<account>:deploymentgroup:"

_VIA_SECRETS = {"kms:ViaService": "secretsmanager.<region>.amazonaws.com"}
_VIA_RDS = {"kms:ViaService": "rds.<region>.amazonaws.com", "kms:GrantIsForAWSResource": "true"}
_PLAIN_HTTP = {"aws:SecureTransport": "false"}

_SEND = "sqs:SendMessage"
_WORK = "sqs:ChangeMessageVisibility DeleteMessage GetQueueAttributes GetQueueUrl ReceiveMessage SendMessage"
_QUEUE_KEY = calls("kms:Decrypt GenerateDataKey", "Compute/Key")
_ROTATED = (
    *("CacheUser", "DatabaseFunctions", "DatabaseOwner"),
    *(f"Secrets{name}" for name in ("Origin", "Probe", "SquareWebhook", "TokenKeys")),
)
_RELEASED = ("Api", "Authorizer", "Forecast", "Sync", "Webhook")


def function(construct: str, *, allowed: tuple[Request, ...] = (), denied: tuple[Request, ...] = ()) -> Table:
    """The table of `<construct>Function`: its log, its place in the VPC, and what is given."""
    runs = (
        *calls("logs:CreateLogStream PutLogEvents", f"{construct}Logs{STREAM}"),
        *calls("ec2:DescribeNetworkInterfaces DescribeSubnets", "*"),
        *calls(
            "ec2:AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface UnassignPrivateIpAddresses",
            _INTERFACE,
        ),
    )
    return Table(allowed=(*runs, *allowed), denied=denied)


def _deployments(name: str) -> str:
    return f"{_GROUP}${{Compute/ReleasesApplication}}/${{Compute/Releases{name}Group}}"


def reads(*secrets: str) -> tuple[Request, ...]:
    """Read these secrets of the data layer, and decrypt them through Secrets Manager alone."""
    return (
        *calls("secretsmanager:GetSecretValue", *(f"Data/{secret}" for secret in secrets)),
        *calls("kms:Decrypt", "Data/Key", when=_VIA_SECRETS),
    )


def rotates(secret: str, *also_reads: str) -> tuple[Request, ...]:
    """Give one secret of the data layer new values."""
    return (
        *reads(secret, *also_reads),
        *calls("secretsmanager:DescribeSecret PutSecretValue UpdateSecretVersionStage", f"Data/{secret}"),
        *calls("kms:GenerateDataKey", "Data/Key", when=_VIA_SECRETS),
    )


FUNCTIONS: Mapping[str, Table] = {
    "Compute/FunctionsApiRole": function(
        "Compute/FunctionsApi",
        allowed=reads("CacheUser", "DatabaseFunctions", "SecretsProbe", "SecretsTokenKeys"),
        denied=(
            *calls("secretsmanager:GetSecretValue", "Data/DatabaseOwner", "Data/SecretsSquareWebhook"),
            *calls("secretsmanager:PutSecretValue", "Data/SecretsTokenKeys"),
            *calls(_SEND, "Compute/QueuesPosSyncQueue"),
            *calls("sagemaker:InvokeEndpoint", "Ml/ForecastEndpoint"),
        ),
    ),
    "Compute/FunctionsAuthorizerRole": function(
        "Compute/FunctionsAuthorizer",
        allowed=reads("SecretsOrigin"),
        denied=(
            *calls("secretsmanager:PutSecretValue", "Data/SecretsOrigin"),
            *calls("secretsmanager:GetSecretValue", "Data/SecretsTokenKeys", "Data/SecretsSquareWebhook"),
        ),
    ),
    "Compute/FunctionsWebhookRole": function(
        "Compute/FunctionsWebhook",
        allowed=(
            *reads("SecretsProbe", "SecretsSquareWebhook"),
            *calls("secretsmanager:DescribeSecret", "Data/SecretsSquareWebhook"),
            *calls(_SEND, "Compute/QueuesPosSyncQueue"),
            *_QUEUE_KEY,
        ),
        denied=(
            *calls(_SEND, "Compute/QueuesPosSyncQueue", when=_PLAIN_HTTP),
            *calls(_SEND, "Compute/QueuesForecastsQueue", "Compute/QueuesPosSyncDeadLetters"),
            *calls("sqs:DeleteMessage PurgeQueue ReceiveMessage", "Compute/QueuesPosSyncQueue"),
            *calls("secretsmanager:GetSecretValue", "Data/DatabaseFunctions", "Data/SecretsSquareApplication"),
        ),
    ),
    "Compute/FunctionsSyncRole": function(
        "Compute/FunctionsSync",
        allowed=(
            *reads("DatabaseFunctions", "SecretsSquareApplication"),
            *calls(_WORK, "Compute/QueuesPosSyncQueue"),
            *_QUEUE_KEY,
            *calls("kms:Decrypt Encrypt", "Data/TokenKey"),
        ),
        denied=(
            *calls(_WORK, "Compute/QueuesForecastsQueue", "Compute/QueuesPosSyncDeadLetters"),
            *calls("sqs:PurgeQueue SetQueueAttributes", "Compute/QueuesPosSyncQueue"),
            *calls("kms:Encrypt", "Data/Key"),
            *calls("kms:CreateGrant GenerateDataKey ScheduleKeyDeletion", "Data/TokenKey"),
            *calls("secretsmanager:GetSecretValue", "Data/DatabaseOwner", "Data/SecretsTokenKeys"),
        ),
    ),
    "Compute/FunctionsForecastRole": function(
        "Compute/FunctionsForecast",
        allowed=(
            *reads("DatabaseFunctions"),
            *calls(_WORK, "Compute/QueuesForecastsQueue"),
            *_QUEUE_KEY,
            *calls("sagemaker:InvokeEndpoint", "Ml/ForecastEndpoint"),
        ),
        denied=(
            *calls("sagemaker:InvokeEndpoint", "arn:aws:sagemaker:<region>:<account>:endpoint/flux-other-forecast"),
            *calls("sagemaker:DeleteEndpoint UpdateEndpoint", "Ml/ForecastEndpoint"),
            *calls(_WORK, "Compute/QueuesPosSyncQueue"),
            *calls("kms:Decrypt", "Data/TokenKey", "Ml/Key"),
        ),
    ),
    "Compute/FunctionsMigrateRole": function(
        "Compute/FunctionsMigrate",
        allowed=(
            *reads("DatabaseFunctions", "DatabaseOwner"),
            *calls("rds:CreateDBSnapshot", "Data/DatabaseInstance", _MIGRATION),
            *calls("rds:DescribeDBSnapshots", "Data/DatabaseInstance"),
            *calls("rds:AddTagsToResource", _MIGRATION),
            *calls("rds:DescribeDBInstances ModifyDBInstance", _DRILL),
            *calls("kms:DescribeKey", "Data/Key"),
            *calls("kms:CreateGrant", "Data/Key", when=_VIA_RDS),
        ),
        denied=(
            *calls("rds:DeleteDBSnapshot ModifyDBSnapshotAttribute", _MIGRATION),
            *calls("rds:CreateDBSnapshot", "arn:aws:rds:<region>:<account>:snapshot:another"),
            *calls("rds:RestoreDBInstanceFromDBSnapshot", _MIGRATION),
            *calls("rds:DeleteDBInstance ModifyDBInstance", "Data/DatabaseInstance"),
            *calls("rds:DeleteDBInstance CreateDBSnapshot", _DRILL),
            *calls("rds:ModifyDBInstance", "arn:aws:rds:<region>:<account>:db:flux-other-drill-20261123"),
            *calls("kms:CreateGrant", "Data/Key", when={"kms:ViaService": "rds.<region>.amazonaws.com"}),
            *calls("kms:CreateGrant", "Data/Key", when={"kms:GrantIsForAWSResource": "true"}),
            *calls("secretsmanager:GetSecretValue", "Data/CacheUser", "Data/SecretsTokenKeys"),
        ),
    ),
    "Compute/FunctionsReleaseGateRole": function(
        "Compute/FunctionsReleaseGate",
        allowed=(
            *reads("SecretsOrigin", "SecretsSquareWebhook", "SecretsTokenKeys"),
            *calls("lambda:InvokeFunction", *(f"Compute/Functions{name}Function:17" for name in _RELEASED)),
            *calls("lambda:InvokeFunction GetAlias", *(f"Compute/Functions{name}Live" for name in _RELEASED)),
            *calls(
                "codedeploy:GetApplicationRevision",
                "arn:aws:codedeploy:<region>:<account>:application:${Compute/ReleasesApplication}",
            ),
            *calls(
                "codedeploy:GetDeployment PutLifecycleEventHookExecutionStatus",
                *map(_deployments, _RELEASED),
            ),
        ),
        denied=(
            *calls("codedeploy:GetDeployment PutLifecycleEventHookExecutionStatus", _GROUP + "other/other"),
            *calls("codedeploy:CreateDeployment", _deployments("Api")),
            *calls("lambda:InvokeFunction", "Compute/FunctionsMigrateFunction:17", "Compute/FunctionsApiFunction"),
            *calls("lambda:UpdateAlias UpdateFunctionCode", "Compute/FunctionsApiFunction"),
            *calls("secretsmanager:GetSecretValue", "Data/DatabaseFunctions", "Data/DatabaseOwner"),
        ),
    ),
    "Compute/RotationsDatabaseLoginRotateRole": function(
        "Compute/RotationsDatabaseLoginRotate",
        allowed=rotates("DatabaseFunctions"),
        denied=calls("secretsmanager:GetSecretValue PutSecretValue", "Data/DatabaseOwner", "Data/CacheUser"),
    ),
    "Compute/RotationsDatabaseOwnerRotateRole": function(
        "Compute/RotationsDatabaseOwnerRotate",
        allowed=rotates("DatabaseOwner"),
        denied=calls("secretsmanager:GetSecretValue PutSecretValue", "Data/DatabaseFunctions"),
    ),
    "Compute/RotationsCacheLoginRotateRole": function(
        "Compute/RotationsCacheLoginRotate",
        allowed=(*rotates("CacheUser"), *calls("elasticache:DescribeUsers ModifyUser", _CACHE_USER)),
        denied=(
            *calls("elasticache:ModifyUser", "arn:aws:elasticache:<region>:<account>:user:default"),
            *calls("elasticache:DeleteUser", _CACHE_USER),
        ),
    ),
    "Compute/RotationsTokenKeyRotateRole": function(
        "Compute/RotationsTokenKeyRotate",
        allowed=rotates("SecretsTokenKeys"),
        denied=calls("secretsmanager:GetSecretValue PutSecretValue", "Data/SecretsOrigin"),
    ),
    "Compute/RotationsSquareWebhookRotateRole": function(
        "Compute/RotationsSquareWebhookRotate",
        allowed=rotates("SecretsSquareWebhook", "SecretsSquareAccess"),
        denied=(
            *calls("secretsmanager:PutSecretValue", "Data/SecretsSquareAccess"),
            *calls("secretsmanager:GetSecretValue", "Data/SecretsSquareApplication"),
        ),
    ),
    "Compute/RotationsProbeRotateRole": function(
        "Compute/RotationsProbeRotate",
        allowed=rotates("SecretsProbe"),
        denied=calls("secretsmanager:GetSecretValue PutSecretValue", "Data/SecretsTokenKeys"),
    ),
    "Monitoring/ProbeRole": function(
        "Monitoring/Probe",
        allowed=(
            *reads("SecretsProbe"),
            *calls("secretsmanager:ListSecretVersionIds", *(f"Data/{secret}" for secret in _ROTATED)),
        ),
        denied=(
            *calls("secretsmanager:GetSecretValue", "Data/SecretsTokenKeys", "Data/SecretsSquareWebhook"),
            *calls("secretsmanager:PutSecretValue", "Data/SecretsProbe"),
            *calls(_SEND, "Compute/QueuesPosSyncQueue"),
            *calls("lambda:InvokeFunction", "Compute/FunctionsApiLive", "Compute/FunctionsWebhookLive"),
        ),
    ),
    "Frontend/OriginRotateRole": function(
        "Frontend/OriginRotate",
        allowed=(
            *rotates("SecretsOrigin"),
            *calls("cloudfront:GetDistribution GetDistributionConfig UpdateDistribution", "Frontend/EdgeDistribution"),
            *calls("wafv2:GetWebACL", "Frontend/FirewallWebAcl"),
            *calls("s3:GetBucketAcl PutBucketAcl", "Frontend/AccessLogsBucket"),
            *calls("lambda:InvokeFunction", "Compute/FunctionsAuthorizerLive"),
        ),
        denied=(
            *calls("cloudfront:UpdateDistribution", "arn:aws:cloudfront::<account>:distribution/ANOTHER"),
            *calls("cloudfront:DeleteDistribution", "Frontend/EdgeDistribution"),
            *calls("wafv2:UpdateWebACL", "Frontend/FirewallWebAcl"),
            *calls("s3:GetBucketAcl PutBucketAcl", "Frontend/SiteBucket"),
            *calls("lambda:InvokeFunction", "Compute/FunctionsApiLive", "Compute/FunctionsMigrateLive"),
            *calls("secretsmanager:GetSecretValue", "Data/SecretsTokenKeys"),
        ),
    ),
    # CDK's own function, which empties the VPC's default security group while the stack deploys.
    "Network/CustomVpcRestrictDefaultSGCustomResourceProviderRole": Table(
        allowed=calls(
            "ec2:AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
            "arn:aws:ec2:<region>:<account>:security-group/${Network/Vpc.DefaultSecurityGroup}",
        ),
        denied=calls(
            "ec2:AuthorizeSecurityGroupIngress",
            "arn:aws:ec2:<region>:<account>:security-group/${Data/DatabaseSecurityGroup.GroupId}",
        ),
    ),
}

# What is not a function: releasing, backing up, serving the model, watching machine and network, publishing the site.
OTHERS: Mapping[str, Table] = {
    **{
        f"Compute/Releases{name}Role": Table(
            allowed=(
                *calls(
                    "lambda:InvokeFunction", "Compute/FunctionsReleaseGateFunction", "Compute/FunctionsReleaseGateLive"
                ),
                *calls("lambda:GetAlias UpdateAlias", f"Compute/Functions{name}Function"),
                *calls("cloudwatch:DescribeAlarms", "*"),
            ),
            denied=(
                *calls("lambda:InvokeFunction", "Compute/FunctionsMigrateLive", f"Compute/Functions{name}Live"),
                *calls(
                    "lambda:UpdateAlias", "Compute/FunctionsMigrateFunction", "Compute/FunctionsReleaseGateFunction"
                ),
                *calls("lambda:CreateAlias DeleteAlias PublishVersion", f"Compute/Functions{name}Function"),
                *calls("cloudwatch:DisableAlarmActions", "arn:aws:cloudwatch:<region>:<account>:alarm:flux-<name>-x"),
            ),
        )
        for name in _RELEASED
    },
    "Data/BackupsRole": BACKUPS,
    "Data/DatabaseMonitoringRole": Table(
        allowed=(
            # IAM is asked about the second form when a group is made (aws-solutions/instance-scheduler-on-aws #578).
            *calls("logs:CreateLogGroup PutRetentionPolicy", _MACHINES, f"{_MACHINES}:log-stream:"),
            *calls("logs:CreateLogStream DescribeLogStreams GetLogEvents PutLogEvents", f"{_MACHINES}{STREAM}"),
        ),
        denied=(
            *calls("logs:DeleteLogGroup", _MACHINES),
            *calls("logs:GetLogEvents PutLogEvents", f"Data/DatabasePostgresqlLogs{STREAM}"),
        ),
    ),
    "Ml/ForecastRole": Table(
        allowed=(
            *calls("s3:GetObject", f"{_BUILDS}/0123456789abcdef.gz"),
            *calls(
                "ecr:BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer",
                "arn:aws:ecr:<region>:683313688378:repository/sagemaker-scikit-learn",
            ),
            *calls("ecr:GetAuthorizationToken", "*"),
            *calls("logs:CreateLogStream DescribeLogStreams PutLogEvents", f"Ml/ForecastLogs{STREAM}"),
            *calls("cloudwatch:PutMetricData", "*", when={"cloudwatch:namespace": "AWS/SageMaker"}),
            *calls(
                "ec2:CreateNetworkInterface CreateNetworkInterfacePermission DeleteNetworkInterface "
                "DeleteNetworkInterfacePermission",
                _INTERFACE,
            ),
            *calls(
                "ec2:DescribeDhcpOptions DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs",
                "*",
            ),
            *calls(
                "ec2:CreateNetworkInterface",
                "arn:aws:ec2:<region>:<account>:subnet/${Network/VpcIsolatedSubnet1Subnet}",
                "arn:aws:ec2:<region>:<account>:security-group/${Ml/ForecastSecurityGroup.GroupId}",
            ),
            *calls("kms:CreateGrant", "Ml/Key", when={"kms:GrantIsForAWSResource": "true"}),
        ),
        denied=(
            *calls("s3:GetObject", f"{_BUILDS}/0123456789abcdef.zip", "Data/AssetsBucket/model.gz"),
            *calls("s3:PutObject", f"{_BUILDS}/0123456789abcdef.gz"),
            *calls("cloudwatch:PutMetricData", "*", when={"cloudwatch:namespace": "Flux"}),
            *calls(
                "ec2:CreateNetworkInterface",
                "arn:aws:ec2:<region>:<account>:subnet/${Network/VpcPublicSubnet1Subnet}",
                "arn:aws:ec2:<region>:<account>:security-group/${Data/DatabaseSecurityGroup.GroupId}",
            ),
            *calls("kms:Decrypt", "Data/Key", "Ml/Key"),
        ),
    ),
    "Network/FlowLogsRole": Table(
        allowed=calls("logs:CreateLogStream DescribeLogStreams PutLogEvents", f"Network/FlowLogsLogGroup{STREAM}"),
        denied=calls("logs:GetLogEvents", f"Network/FlowLogsLogGroup{STREAM}"),
    ),
    "Frontend/PublisherPolicy": Table(
        allowed=(
            *calls(
                "s3:GetObject PutObject",
                "Frontend/SiteBucket/releases/0123456789abcdef/index.html",
                "Frontend/SiteBucket/_next/static/chunks/a.js",
            ),
            *calls("s3:ListBucket", "Frontend/SiteBucket"),
            *calls("cloudfront-keyvaluestore:DescribeKeyValueStore GetKey PutKey", "Frontend/ReleasesStore"),
            *calls(
                "cloudformation:DescribeStacks",
                "arn:aws:cloudformation:<region>:<account>:stack/Flux-<name>-Frontend/made-up",
            ),
        ),
        denied=(
            *calls("s3:PutObject", "Frontend/SiteBucket/index.html"),
            *calls("s3:PutObject", "Frontend/SiteBucket/releases/0123456789abcdef/index.html", when=_PLAIN_HTTP),
            *calls(
                "s3:DeleteObject DeleteObjectVersion PutObjectAcl",
                "Frontend/SiteBucket/releases/0123456789abcdef/index.html",
            ),
            *calls("cloudfront-keyvaluestore:DeleteKey", "Frontend/ReleasesStore"),
            *calls("s3:GetObject", "Frontend/AccessLogsBucket/site/1", "Data/AssetsBucket/1"),
        ),
    ),
}

ROLES: Mapping[str, Table] = {**FUNCTIONS, **OTHERS}
