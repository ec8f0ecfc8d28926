"""Changes that weaken nothing, or make something stricter. The gate must stay quiet."""

from collections.abc import Callable, Iterator

from .change import ON, Change, Json, Template, add, drop, new, put
from .stricter import STRICTER

_P = "Properties/"
_BACKUP = _P + "BackupPlan/BackupPlanRule/0/"
_MONTHLY: Json = {
    "RuleName": "monthly",
    "TargetBackupVault": "flux-prod-backups",
    "ScheduleExpression": "cron(0 12 1 * ? *)",
    "Lifecycle": {"DeleteAfterDays": 365},
}
_DENIES: Json = {
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}]
}
_TABLE = "arn:aws:dynamodb:us-east-1:333333333333:table/other"
_TAG: Json = {"Key": "CostCentre", "Value": "42"}
_C = _P + "DistributionConfig/"
_HEADERS = _P + "ResponseHeadersPolicyConfig/SecurityHeadersConfig/"
_READS = _P + "PolicyDocument/Statement/2"

_CHANGES: dict[str, tuple[tuple[str, Callable[[Template], None]], ...]] = {
    "Data": (
        ("backups for longer", put("BackupsPlan", _BACKUP + "Lifecycle/DeleteAfterDays", 400)),
        ("copies for longer", put("BackupsPlan", _BACKUP + "CopyActions/0/Lifecycle/DeleteAfterDays", "60")),
        ("backups at another hour", put("BackupsPlan", _BACKUP + "ScheduleExpression", "cron(30 11 * * ? *)")),
        ("backups twice a day", put("BackupsPlan", _BACKUP + "ScheduleExpression", "cron(0 10,22 ? * * *)")),
        ("a monthly backup besides", add("BackupsPlan", _P + "BackupPlan/BackupPlanRule", _MONTHLY)),
        ("a lock that nobody lifts", put("BackupsVault", _P + "LockConfiguration/ChangeableForDays", 3)),
        ("a vault that denies", put("BackupsVault", _P + "AccessPolicy", _DENIES)),
        ("a table more in the selection", add("BackupsSelection", _P + "BackupSelection/Resources", _TABLE)),
        ("a tag more", add("DatabaseInstance", _P + "Tags", _TAG)),
        ("a boolean as text", put("DatabaseInstance", _P + "StorageEncrypted", "true")),
        ("a number as text", put("DatabaseInstance", _P + "BackupRetentionPeriod", "35")),
        ("the port as a number", put("DatabaseInstance", _P + "Port", 5433)),
        ("more storage", put("DatabaseInstance", _P + "AllocatedStorage", "2000")),
        ("more room to grow", put("DatabaseInstance", _P + "MaxAllocatedStorage", 8000)),
        ("closer watching", put("DatabaseInstance", _P + "MonitoringInterval", 15)),
        ("longer insights", put("DatabaseInstance", _P + "PerformanceInsightsRetentionPeriod", 731)),
        ("a log more", add("DatabaseInstance", _P + "EnableCloudwatchLogsExports", "iam-db-auth-error")),
        ("a description", put("DatabaseParameters", _P + "Description", "Other words")),
        ("a shorter timeout", put("DatabaseParameters", _P + "Parameters/statement_timeout", 30000)),
        ("a group's description", put("DatabaseSecurityGroup", _P + "GroupDescription", "Other words")),
        ("more cache snapshots", put("CacheReplicationGroup", _P + "SnapshotRetentionLimit", 35)),
        ("a key's words", put("Key", _P + "Description", "Other words")),
        ("a longer secret", put("SecretsTokenKeys", _P + "GenerateSecretString/PasswordLength", 128)),
        ("a key's longer grace", put("Key", _P + "PendingWindowInDays", 30)),
        (
            "old versions for longer",
            put("AssetsBucket", _P + "LifecycleConfiguration/Rules/0/NoncurrentVersionExpiration/NoncurrentDays", 365),
        ),
        ("logs for longer", put("DatabasePostgresqlLogs", _P + "RetentionInDays", 731)),
        (
            "newer TLS",
            put("AssetsBucketPolicy", _P + "PolicyDocument/Statement/1/Condition/NumericLessThan/s3:TlsVersion", 1.3),
        ),
        ("a principal as a star", put("AssetsBucketPolicy", _P + "PolicyDocument/Statement/0/Principal", "*")),
        ("retained instead of snapshot", put("CacheReplicationGroup", "DeletionPolicy", "Retain")),
        ("both branches safe", put("DatabaseInstance", _P + "MultiAZ", {"Fn::If": ["Any", True, "true"]})),
    ),
    "Compute": (
        ("a function's description", put("FunctionsApiFunction", _P + "Description", "Other words")),
        ("more memory", put("FunctionsApiFunction", _P + "MemorySize", 2048)),
        ("a variable more", put("FunctionsApiFunction", _P + "Environment/Variables/FEATURE_MENU", "on")),
        ("another build", put("FunctionsApiFunction", _P + "Code/S3Key", "0" * 64 + ".zip")),
        ("more receives", put("QueuesPosSyncQueue", _P + "RedrivePolicy/maxReceiveCount", 8)),
        ("longer hiding", put("QueuesPosSyncQueue", _P + "VisibilityTimeout", 600)),
        ("longer retention", put("QueuesForecastsQueue", _P + "MessageRetentionPeriod", 604800)),
        (
            "a slower canary",
            put("ReleasesApiGroup", _P + "DeploymentConfigName", "CodeDeployDefault.LambdaCanary10Percent15Minutes"),
        ),
        ("a sharper alarm", put("ReleasesApiAlarmsErrors", _P + "Threshold", 2)),
        (
            "an action as a list",
            put("FunctionsApiRoleDefaultPolicy", _READS + "/Action", ["secretsmanager:getsecretvalue"]),
        ),
        ("a statement's name", put("FunctionsApiRoleDefaultPolicy", _READS + "/Sid", "ReadSecrets")),
        ("a GetAtt as text", put("FunctionsApiFunction", _P + "Role", {"Fn::GetAtt": "FunctionsApiRole5DCB2F37.Arn"})),
        (
            "a Sub for a Ref",
            put("FunctionsApiFunction", _P + "LoggingConfig/LogGroup", {"Fn::Sub": "${FunctionsApiLogsB43A8217}"}),
        ),
        ("a rule's description", put("QueuesNightly", _P + "Description", "Other words")),
        ("newest Python", put("FunctionsApiFunction", _P + "Runtime", "python3.14")),
        (
            "an earlier rotation",
            put("RotationsDatabaseOwnerSchedule", _P + "RotationRules/AutomaticallyAfterDays", 7),
        ),
    ),
    "Frontend": (
        ("a comment", put("EdgeDistribution", _C + "Comment", "Other words")),
        ("more places", put("EdgeDistribution", _C + "PriceClass", "PriceClass_All")),
        ("stricter viewers", put("EdgeDistribution", _C + "DefaultCacheBehavior/ViewerProtocolPolicy", "https-only")),
        (
            "longer HSTS",
            put("EdgeSiteHeadersPolicy", _HEADERS + "StrictTransportSecurity/AccessControlMaxAgeSec", 94608000),
        ),
        (
            "a stricter referrer",
            put("EdgeSiteHeadersPolicy", _HEADERS + "ReferrerPolicy/ReferrerPolicy", "no-referrer"),
        ),
        (
            "a content policy in another order, and stricter",
            put(
                "EdgeSiteHeadersPolicy",
                _HEADERS + "ContentSecurityPolicy/ContentSecurityPolicy",
                "Frame-Ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'; img-src 'none'; "
                "script-src 'self'; connect-src 'self'; style-src 'self'; default-src 'none'; "
                "upgrade-insecure-requests",
            ),
        ),
        ("a stricter limit", put("FirewallWebAcl", _P + "Rules/5/Statement/RateBasedStatement/Limit", 1000)),
        (
            "a header more redacted",
            add("FirewallLogging", _P + "RedactedFields", {"SingleHeader": {"Name": "x-api-key"}}),
        ),
    ),
    "Monitoring": (
        ("a category of events more", add("DatabaseEventsInstance", _P + "EventCategories", "backup")),
        ("every category of events", drop("DatabaseEventsInstance", _P + "EventCategories")),
        ("every database's events", drop("DatabaseEventsInstance", _P + "SourceIds")),
        ("a subscription that is on by itself", drop("DatabaseEventsParameters", _P + "Enabled")),
        (
            "an alarm's words",
            put(
                "DatabaseDatabaseCpu", _P + "AlarmDescription", "The database works hard. First: look at slow queries."
            ),
        ),
        ("an earlier alarm", put("DatabaseDatabaseCpu", _P + "Threshold", 70)),
        ("an equal comparison", put("CacheCacheCpu", _P + "ComparisonOperator", "GreaterThanOrEqualToThreshold")),
        ("a label", put("DatabaseDatabaseCpu", _P + "Metrics/0/Label", "Processor")),
        ("actions said to be on", put("DatabaseDatabaseCpu", _P + "ActionsEnabled", ON)),
        ("a display name", put("AlertsTopic", _P + "DisplayName", "Other words")),
        (
            "a second listener",
            new(
                "Second",
                {
                    "Type": "AWS::SNS::Subscription",
                    "Properties": {
                        "Protocol": "email",
                        "Endpoint": "b@flux.app",
                        "TopicArn": {"Ref": "AlertsTopicCF7C81C9"},
                    },
                },
            ),
        ),
    ),
    "Api": (
        ("a smaller burst", put("FrontDoorStage", _P + "DefaultRouteSettings/ThrottlingBurstLimit", 6000)),
        ("the API's words", put("HttpApi", _P + "Description", "Other words")),
        ("a shorter wait", put("HttpApiGETapiproxyApi", _P + "TimeoutInMillis", "10500")),
    ),
    "Ml": (
        ("an instance more", put("ForecastConfig", _P + "ProductionVariants/0/InitialInstanceCount", 3)),
        ("a role's words", put("ForecastRole", _P + "Description", "Other words")),
    ),
    "Network": (
        ("flow logs for longer", put("FlowLogsLogGroup", _P + "RetentionInDays", 731)),
        ("a subnet's tag", add("VpcPublicSubnet1Subnet", _P + "Tags", _TAG)),
        ("a route's order", drop("VpcPublicSubnet1NATGateway", "DependsOn")),
    ),
}


def _harmless() -> Iterator[Change]:
    for stack, changes in _CHANGES.items():
        for what, apply in changes:
            yield Change(layer=stack.lower(), stack=stack, what=what, apply=apply)


HARMLESS = (*_harmless(), *STRICTER)
