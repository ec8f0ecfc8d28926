"""Changes that weaken nothing, or make something stricter. The gate must stay quiet."""

from collections.abc import Callable, Iterator

from .change import ON, Change, Json, Template, add, drop, new, publish, put
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
_PUBLIC = _P + "MapPublicIpOnLaunch"
_STATEMENTS = _P + "PolicyDocument/Statement"
_TO_ITSELF: Json = {"CidrIp": "127.0.0.1/32", "IpProtocol": "-1"}
_EVENTS: Json = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
_WITH_ENGINE = '{"engine": "postgres", "username": "flux_owner"}'
_ENCRYPTED_ONLY: Json = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:PutObject",
    "Resource": "*",
    "Condition": {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption": "aws:kms"}},
}
_SATURDAY = "sat:09:30-sat:10:30"
_TEMPLATE = _P + "GenerateSecretString/SecretStringTemplate"
_NARROW = "on ~flux:* &* +@read +@write -@admin -@dangerous"
_BY_SECRETS = "secretsmanager.us-east-1.amazonaws.com"
_NO_END: Json = {"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}
_NO_BUCKET_END: Json = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}
_NO_STRANGERS: Json = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "333333333333"}},
}
_MOVES = _P + "LifecycleConfiguration/Rules/0/Transitions"
_CHEAPER: Json = {"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 0}
_FIELDS = "${srcaddr} ${dstaddr} ${srcport} ${dstport} ${action} ${bytes} ${tcp-flags} ${vpc-id}"
_SUBNET: Json = {"Fn::GetAtt": ["VpcIsolatedSubnet1SubnetE48C5737", "SubnetId"]}
_OVER_TLS: Json = {"Bool": {"aws:SecureTransport": "true"}}
_IN_ACCOUNT: Json = {"StringEquals": {"aws:ResourceAccount": "333333333333"}}
_NO_DELETION: Json = {"Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteQueue", "Resource": "*"}
_C = _P + "DistributionConfig/"
_HEADERS = _P + "ResponseHeadersPolicyConfig/SecurityHeadersConfig/"
_ROUTING = _P + "DeploymentConfig/BlueGreenUpdatePolicy/TrafficRoutingConfiguration/"
_ONE_INSTANCE: Json = {"Type": "INSTANCE_COUNT", "Value": 1}
_TRANSFORMATIONS = _P + "Rules/4/Statement/RateBasedStatement/ScopeDownStatement/ByteMatchStatement/TextTransformations"
_LINUX: Json = {
    "Name": "linux",
    "Priority": 50,
    "OverrideAction": {"None": {}},
    "Statement": {"ManagedRuleGroupStatement": {"Name": "AWSManagedRulesLinuxRuleSet", "VendorName": "AWS"}},
    "VisibilityConfig": {"CloudWatchMetricsEnabled": True, "MetricName": "linux", "SampledRequestsEnabled": True},
}
_IMAGES: Json = {
    "AllowedMethods": ["GET", "HEAD"],
    "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "Compress": True,
    "PathPattern": "/images/*",
    "ResponseHeadersPolicyId": {"Ref": "EdgeSiteHeadersPolicy18260FA1"},
    "TargetOriginId": "FluxprodFrontendEdgeDistributionOrigin13E1AF128",
    "ViewerProtocolPolicy": "redirect-to-https",
}
_READS = _P + "PolicyDocument/Statement/2"


_CHANGES: dict[str, tuple[tuple[str, Callable[[Template], None]], ...]] = {
    "Data": (
        ("backups for longer", put("BackupsPlan", _BACKUP + "Lifecycle/DeleteAfterDays", 365)),
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
        ("another night's backups", put("DatabaseInstance", _P + "PreferredBackupWindow", "07:00-08:00")),
        ("another night's maintenance", put("CacheReplicationGroup", _P + "PreferredMaintenanceWindow", _SATURDAY)),
        ("more operations", put("DatabaseInstance", _P + "Iops", 20000)),
        ("a default that is stated", put("DatabaseInstance", _P + "AllowMajorVersionUpgrade", "false")),
        ("a parameter more", put("DatabaseParameters", _P + "Parameters/log_connections", "1")),
        ("newer TLS only", put("DatabaseParameters", _P + "Parameters/ssl_min_protocol_version", "TLSv1.3")),
        ("a template without spaces", put("DatabaseOwner", _TEMPLATE, '{"username":"flux_owner"}')),
        ("more characters", put("DatabaseOwner", _P + "GenerateSecretString/ExcludeCharacters", '/@" ')),
        ("a user with fewer rights", put("CacheFunctionsUser", _P + "AccessString", _NARROW)),
        ("a key that rotates earlier", put("Key", _P + "RotationPeriodInDays", 180)),
        ("a key that refuses its end", add("Key", _P + "KeyPolicy/Statement", _NO_END)),
        ("a key that refuses strangers", add("Key", _P + "KeyPolicy/Statement", _NO_STRANGERS)),
        (
            "a list of one",
            put("Key", _P + "KeyPolicy/Statement/2/Condition", {"StringLike": {"kms:viaservice": [_BY_SECRETS]}}),
        ),
        ("a bucket that refuses its end", add("AssetsBucketPolicy", _P + "PolicyDocument/Statement", _NO_BUCKET_END)),
        ("uploads that are not encrypted are refused", add("AssetsBucketPolicy", _STATEMENTS, _ENCRYPTED_ONLY)),
        ("events of objects", put("AssetsBucket", _P + "NotificationConfiguration", _EVENTS)),
        ("a secret that names its engine", put("DatabaseOwner", _TEMPLATE, _WITH_ENGINE)),
        ("cheaper storage, read at once", put("AssetsBucket", _MOVES, [_CHEAPER])),
        ("a reference without its region", drop("CacheSecurityGroup", _P + "VpcId/Fn::GetStackOutput/Region")),
        ("more time for a backup", put("BackupsPlan", _BACKUP + "StartWindowMinutes", 120)),
        ("retained instead of snapshot", put("CacheReplicationGroup", "DeletionPolicy", "Retain")),
        ("both branches safe", put("DatabaseInstance", _P + "MultiAZ", {"Fn::If": ["Any", True, "true"]})),
    ),
    "Compute": (
        ("a function's description", put("FunctionsApiFunction", _P + "Description", "Other words")),
        ("more memory", put("FunctionsApiFunction", _P + "MemorySize", 2048)),
        ("a variable more", put("FunctionsApiFunction", _P + "Environment/Variables/FEATURE_MENU", "on")),
        ("a variable about tokens", put("FunctionsApiFunction", _P + "Environment/Variables/TOKEN_TTL_SECONDS", "900")),
        ("a key's beginning", put("FunctionsApiFunction", _P + "Environment/Variables/CACHE_KEY_PREFIX", "flux:")),
        ("a switch about logins", put("FunctionsApiFunction", _P + "Environment/Variables/AUTH_STRICT", "true")),
        ("words about a token", put("FunctionsApiFunction", _P + "Description", "Checks a token: see its runbook")),
        ("a log that nobody deletes", put("FunctionsApiLogs", _P + "DeletionProtectionEnabled", ON)),
        ("an output more", publish("Release", "2026.11.23")),
        ("an output about tokens", publish("TokenLengthLimit", "64")),
        ("a sharper alarm on what breaks little", put("ReleasesApiAlarmsErrorsSustained", _P + "Threshold", 2)),
        ("another build", put("FunctionsApiFunction", _P + "Code/S3Key", "0" * 64 + ".zip")),
        ("more receives", put("QueuesPosSyncQueue", _P + "RedrivePolicy/maxReceiveCount", 8)),
        ("longer hiding", put("QueuesPosSyncQueue", _P + "VisibilityTimeout", 600)),
        ("longer retention", put("QueuesForecastsQueue", _P + "MessageRetentionPeriod", 604800)),
        (
            "a slower canary",
            put("ReleasesApiGroup", _P + "DeploymentConfigName", "CodeDeployDefault.LambdaCanary10Percent15Minutes"),
        ),
        ("a sharper alarm", put("ReleasesApiAlarmsErrors", _P + "Threshold", 1)),
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
            "variables encrypted by us",
            put("FunctionsApiFunction", _P + "KmsKeyArn", {"Fn::GetAtt": ["Key961B73FD", "Arn"]}),
        ),
        ("more room for files", put("FunctionsApiFunction", _P + "EphemeralStorage", {"Size": 1024})),
        ("the architecture that Lambda takes by itself", drop("FunctionsApiFunction", _P + "Architectures")),
        ("logs said to begin at INFO", put("FunctionsApiFunction", _P + "LoggingConfig/ApplicationLogLevel", "INFO")),
        ("a stricter gate", put("FunctionsReleaseGateFunction", _P + "Environment/Variables/REFUSED_AT", "2")),
        ("a gate that asks more", put("FunctionsReleaseGateFunction", _P + "Environment/Variables/REQUESTS", "200")),
        ("forecasts an hour later", put("QueuesNightly", _P + "ScheduleExpression", "cron(0 3 * * ? *)")),
        ("forecasts by another spelling", put("QueuesNightly", _P + "ScheduleExpression", "cron(30 1 ? * * *)")),
        ("sales more often", put("QueuesQuarterHourly", _P + "ScheduleExpression", "rate(10 minutes)")),
        ("a tick's message with spaces", put("QueuesNightly", _P + "Targets/0/Input", '{"type": "forecast.tick"}')),
        ("retries said", put("QueuesNightly", _P + "Targets/0/RetryPolicy", {"MaximumRetryAttempts": "185"})),
        (
            "dead letters from the queue alone",
            put(
                "QueuesPosSyncDeadLetters",
                _P + "RedriveAllowPolicy",
                {
                    "redrivePermission": "byQueue",
                    "sourceQueueArns": [{"Fn::GetAtt": ["QueuesPosSyncQueue6253ABBF", "Arn"]}],
                },
            ),
        ),
        (
            "ticks of the queue's own schedule alone",
            put(
                "QueuesPosSyncQueuePolicy",
                _P + "PolicyDocument/Statement/1",
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": {"Fn::GetAtt": ["QueuesPosSyncQueue6253ABBF", "Arn"]},
                    "Condition": {
                        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["QueuesQuarterHourly11183E6F", "Arn"]}}
                    },
                },
            ),
        ),
        ("rights over TLS alone", put("FunctionsApiRoleDefaultPolicy", _READS + "/Condition", _OVER_TLS)),
        ("rights in the account alone", put("FunctionsApiRoleDefaultPolicy", _READS + "/Condition", _IN_ACCOUNT)),
        ("nobody deletes the queue", add("QueuesPosSyncQueuePolicy", _P + "PolicyDocument/Statement", _NO_DELETION)),
        ("a bounded role", put("FunctionsApiRole", _P + "PermissionsBoundary", "arn:aws:iam::333333333333:policy/x")),
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
        (
            "a header more",
            put(
                "EdgeSiteHeadersPolicy",
                _P + "ResponseHeadersPolicyConfig/CustomHeadersConfig",
                {"Items": [{"Header": "Permissions-Policy", "Override": True, "Value": "camera=()"}]},
            ),
        ),
        (
            "a longer wait for the API",
            put("EdgeDistribution", _C + "Origins/1/CustomOriginConfig/OriginReadTimeout", 60),
        ),
        ("an origin's shield", put("EdgeDistribution", _C + "Origins/0/OriginShield", {"Enabled": False})),
        ("another path that is cached", add("EdgeDistribution", _C + "CacheBehaviors", _IMAGES)),
        ("a group of rules more", add("FirewallWebAcl", _P + "Rules", _LINUX)),
        ("paths in any case", add("FirewallWebAcl", _TRANSFORMATIONS, {"Priority": 2, "Type": "LOWERCASE"})),
        (
            "a denial that takes nothing away",
            add(
                "SiteBucketPolicy",
                _P + "PolicyDocument/Statement",
                {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"},
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
        ("an earlier alarm on memory", put("DatabaseDatabaseMemory", _P + "Threshold", "6871947673")),
        ("a unit of time that is right", put("DatabaseDatabaseCpu", _P + "Metrics/0/MetricStat/Period", 60)),
        ("few samples seen as any", put("ApiApiLatency", _P + "EvaluateLowSampleCountPercentile", "evaluate")),
        (
            "a second dashboard",
            new(
                "Board",
                {
                    "Type": "AWS::CloudWatch::Dashboard",
                    "Properties": {
                        "DashboardBody": '{"widgets":[{"type":"text","properties":{"markdown":"# Flux"}}]}',
                        "Tags": [
                            {"Key": "Application", "Value": "flux"},
                            {"Key": "Environment", "Value": "prod"},
                            {"Key": "Layer", "Value": "monitoring"},
                        ],
                    },
                },
            ),
        ),
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
        ("a name by a function", put("HttpApi", _P + "Name", {"Fn::Join": ["-", ["flux", "prod"]]})),
        ("a region by itself", drop("HttpApiGETapiproxyApi", _P + "IntegrationUri/Fn::GetStackOutput/Region")),
        ("metrics of every route", put("FrontDoorStage", _P + "DefaultRouteSettings/DetailedMetricsEnabled", ON)),
        ("a shorter wait", put("HttpApiGETapiproxyApi", _P + "TimeoutInMillis", "10500")),
    ),
    "Ml": (
        ("an instance more", put("ForecastConfig", _P + "ProductionVariants/0/InitialInstanceCount", 3)),
        ("a smaller canary", put("ForecastEndpoint", _ROUTING + "CanarySize/Value", 25)),
        ("a longer canary", put("ForecastEndpoint", _ROUTING + "WaitIntervalInSeconds", "1200")),
        ("one instance at a time", put("ForecastEndpoint", _ROUTING + "CanarySize", _ONE_INSTANCE)),
        ("an earlier alarm on models", put("ForecastGuardrailsErrors", _P + "Threshold", 2)),
        ("a role's words", put("ForecastRole", _P + "Description", "Other words")),
    ),
    "Network": (
        ("flow logs for longer", put("FlowLogsLogGroup", _P + "RetentionInDays", 731)),
        ("a subnet's tag", add("VpcPublicSubnet1Subnet", _P + "Tags", _TAG)),
        ("an endpoint for its own service alone", put("VpcSqs", _P + "PolicyDocument/Statement/0/Action", "sqs:*")),
        ("no way out, in other words", put("EndpointsSecurityGroup", _P + "SecurityGroupEgress", [_TO_ITSELF])),
        ("a subnet that gives no public address by default", drop("VpcIsolatedSubnet1Subnet", _PUBLIC)),
        ("flow logs every minute", put("FlowLogsFlowLog", _P + "MaxAggregationInterval", 60)),
        ("flow logs that say more", put("FlowLogsFlowLog", _P + "LogFormat", _FIELDS)),
        ("an endpoint that refuses strangers", add("VpcSqs", _P + "PolicyDocument/Statement", _NO_STRANGERS)),
        ("an attribute for a Ref", put("VpcIsolatedSubnet1RouteTableAssociation", _P + "SubnetId", _SUBNET)),
        ("S3 by the gateway from public subnets", drop("VpcS3", _P + "RouteTableIds/3")),
        ("a route's order", drop("VpcPublicSubnet1NATGateway", "DependsOn")),
    ),
}


def _harmless() -> Iterator[Change]:
    for stack, changes in _CHANGES.items():
        for what, apply in changes:
            yield Change(layer=stack.lower(), stack=stack, what=what, apply=apply)


HARMLESS = (*_harmless(), *STRICTER)
