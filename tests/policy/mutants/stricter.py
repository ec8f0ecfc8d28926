"""More changes that weaken nothing: the same in other words, and what is stricter, larger or told to more people."""

from collections.abc import Callable, Mapping

from .change import Change, Json, Template, add, att, drop, logical_id, new, put, ref

_P, _C = "Properties/", "Properties/DistributionConfig/"
_HEADERS = _P + "ResponseHeadersPolicyConfig/SecurityHeadersConfig/"
_STATEMENTS = _P + "PolicyDocument/Statement"
_ALERTS = "arn:aws:sns:us-east-1:333333333333:flux-prod-alerts"
_TOPIC = "arn:aws:sns:us-east-1:333333333333:flux-prod-alerts"
_SIGNED = "arn:aws:lambda:us-east-1:333333333333:code-signing-config:csc-0123456789abcdef0"
_ACCOUNT, _WEBHOOKS = "333333333333", "POST /api/v1/webhooks/{provider}"
_ROUTING = _P + "DeploymentConfig/BlueGreenUpdatePolicy/"
_ELSEWHERE: Json = {"StringNotEquals": {"aws:PrincipalAccount": _ACCOUNT}}
_NOT_IAM: Json = {"Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*"}
_NO_HTTP: Json = {"Bool": {"aws:SecureTransport": "false"}}
_ALARM: Json = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "AlarmName": "flux-prod-pos-sync-dead-letters-age",
        "AlarmDescription": "Dead letters wait for somebody to look at them.",
        "AlarmActions": [_ALERTS],
        "OKActions": [_ALERTS],
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "flux-prod-dead-letters"}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 600,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "Tags": [
            {"Key": "Application", "Value": "flux"},
            {"Key": "Environment", "Value": "prod"},
            {"Key": "Layer", "Value": "monitoring"},
        ],
    },
}
_BOTS: Json = {
    "Name": "anonymous",
    "Priority": 6,
    "OverrideAction": {"None": {}},
    "Statement": {"ManagedRuleGroupStatement": {"Name": "AWSManagedRulesAnonymousIpList", "VendorName": "AWS"}},
    "VisibilityConfig": {"CloudWatchMetricsEnabled": True, "MetricName": "anonymous", "SampledRequestsEnabled": True},
}


def _sub(text: str, *names: str) -> Callable[[Template], Json]:
    """Fn::Sub of a text with the logical ids of these resources in its braces."""
    return lambda template: {"Fn::Sub": text.format(*(f"${{{logical_id(template, name)}}}" for name in names))}


def _without_rules(template: Template) -> None:
    del template["Rules"]


_CHANGES: Mapping[str, tuple[tuple[str, Callable[[Template], None]], ...]] = {
    "Data": (
        ("news of the cache", put("CacheReplicationGroup", _P + "NotificationTopicArn", _TOPIC)),
        (
            "news of backups",
            put(
                "BackupsVault",
                _P + "Notifications",
                {"BackupVaultEvents": ["BACKUP_JOB_FAILED"], "SNSTopicArn": _TOPIC},
            ),
        ),
        ("a larger, newer machine", put("DatabaseInstance", _P + "DBInstanceClass", "db.r8g.4xlarge")),
        ("a newer minor version", put("DatabaseInstance", _P + "EngineVersion", "18.10")),
        ("a key by its id", put("DatabaseInstance", _P + "KmsKeyId", ref("Key"))),
        (
            "a password's reference without its end",
            put(
                "DatabaseInstance",
                _P + "MasterUserPassword",
                _sub("{{{{resolve:secretsmanager:{}:SecretString:password}}}}", "DatabaseOwner"),
            ),
        ),
        ("a larger node", put("CacheReplicationGroup", _P + "CacheNodeType", "cache.r7g.2xlarge")),
        (
            "maintenance another night",
            put("CacheReplicationGroup", _P + "PreferredMaintenanceWindow", "Mon:07:00-Mon:08:30"),
        ),
        ("snapshots an hour earlier", put("CacheReplicationGroup", _P + "SnapshotWindow", "05:00-06:00")),
        (
            "the vault's key by an ARN put together",
            put("BackupsVault", _P + "EncryptionKeyArn", _sub("arn:aws:kms:us-east-1:333333333333:key/{}", "Key")),
        ),
        (
            "a bucket by an ARN put together",
            put("AssetsBucketPolicy", _STATEMENTS + "/0/Resource/0", _sub("arn:aws:s3:::{}", "AssetsBucket")),
        ),
        (
            "other accounts refused",
            add(
                "AssetsBucketPolicy",
                _STATEMENTS,
                {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": _ELSEWHERE},
            ),
        ),
        (
            "objects move to cheaper storage",
            add(
                "AssetsBucket",
                _P + "LifecycleConfiguration/Rules",
                {"Status": "Enabled", "Transitions": [{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 0}]},
            ),
        ),
        ("a key rotates more often", put("Key", _P + "RotationPeriodInDays", 90)),
        (
            "logs may use no more of a key than they need",
            put(
                "Key",
                _P + "KeyPolicy/Statement/3/Action",
                [
                    *("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
                    *("kms:ReEncryptFrom", "kms:ReEncryptTo"),
                ],
            ),
        ),
    ),
    "Compute": (
        ("code that must be signed", put("FunctionsApiFunction", _P + "CodeSigningConfigArn", _SIGNED)),
        ("a little less time", put("FunctionsSyncFunction", _P + "Timeout", 50)),
        ("lines as JSON", put("FunctionsApiFunction", _P + "LoggingConfig/LogFormat", "JSON")),
        (
            "a role by an ARN put together",
            put("FunctionsApiFunction", _P + "Role", _sub("arn:aws:iam::333333333333:role/{}", "FunctionsApiRole")),
        ),
        (
            "a group by its Ref",
            put("FunctionsApiFunction", _P + "VpcConfig/SecurityGroupIds/0", ref("FunctionsApiSecurityGroup")),
        ),
        ("a role that denies itself IAM", add("FunctionsApiRoleDefaultPolicy", _STATEMENTS, _NOT_IAM)),
        (
            "a role that denies itself plain HTTP",
            add(
                "FunctionsApiRoleDefaultPolicy",
                _STATEMENTS,
                {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": _NO_HTTP},
            ),
        ),
        (
            "a role that denies itself other accounts' resources",
            add(
                "FunctionsApiRoleDefaultPolicy",
                _STATEMENTS,
                {
                    "Effect": "Deny",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"StringNotEquals": {"aws:ResourceAccount": "333333333333"}},
                },
            ),
        ),
        (
            "a role confined to its account",
            put(
                "FunctionsApiRoleDefaultPolicy",
                _STATEMENTS + "/2/Condition",
                {"StringEquals": {"aws:ResourceAccount": _ACCOUNT}},
            ),
        ),
        (
            "a log group by an ARN put together",
            put(
                "FunctionsApiRoleDefaultPolicy",
                _STATEMENTS + "/1/Resource",
                _sub("arn:aws:logs:us-east-1:333333333333:log-group:{}:*", "FunctionsApiLogs"),
            ),
        ),
        ("a queue's key by its id", put("QueuesPosSyncQueue", _P + "KmsMasterKeyId", ref("Key"))),
        ("a queue by its URL", put("QueuesPosSyncQueuePolicy", _P + "Queues/0", att("QueuesPosSyncQueue", "QueueUrl"))),
        ("schedules may only send", put("QueuesPosSyncQueuePolicy", _STATEMENTS + "/1/Action", "sqs:SendMessage")),
        ("forecasts at half past three", put("QueuesNightly", _P + "ScheduleExpression", "cron(30 3 ? * * *)")),
        ("a tick's spaces", put("QueuesNightly", _P + "Targets/0/Input", '{ "type": "forecast.tick" }')),
        ("every quarter of an hour", put("QueuesQuarterHourly", _P + "ScheduleExpression", "rate(15 minutes)")),
        ("every ten minutes", put("QueuesQuarterHourly", _P + "ScheduleExpression", "cron(0/10 * * * ? *)")),
        (
            "an alias of a function's ARN",
            put("FunctionsApiLive", _P + "FunctionName", att("FunctionsApiFunction", "Arn")),
        ),
        (
            "a worker's alias by its ARN",
            put("FunctionsSyncLiveQueue", _P + "FunctionName", ref("FunctionsSyncLive")),
        ),
        (
            "a version kept once it was made",
            put("FunctionsApiFunctionCurrentVersion", "DeletionPolicy", "RetainExceptOnCreate"),
        ),
        (
            "a deployment's alarm by its name",
            put("ReleasesApiGroup", _P + "AlarmConfiguration/Alarms/0/Name", "flux-prod-api-release-errors"),
        ),
        (
            "a rotation by its rate",
            put("RotationsDatabaseOwnerSchedule", _P + "RotationRules", {"ScheduleExpression": "rate(10 days)"}),
        ),
        ("no check of the bootstrap's version", _without_rules),
    ),
    "Frontend": (
        ("every request logged", drop("FirewallLogging", _P + "LoggingFilter")),
        ("a managed group more", add("FirewallWebAcl", _P + "Rules", _BOTS)),
        ("fewer sign-ins", put("FirewallWebAcl", _P + "Rules/4/Statement/RateBasedStatement/Limit", "10")),
        (
            "scripts of trusted types",
            put(
                "EdgeApiHeadersPolicy",
                _HEADERS + "ContentSecurityPolicy/ContentSecurityPolicy",
                "default-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            ),
        ),
        (
            "what pages may use",
            put(
                "EdgeSiteHeadersPolicy",
                _P + "ResponseHeadersPolicyConfig/CustomHeadersConfig",
                {"Items": [{"Header": "Permissions-Policy", "Value": "camera=()", "Override": True}]},
            ),
        ),
        (
            "a bucket's logs by its address",
            put("EdgeDistribution", _C + "Logging/Bucket", _sub("{}.s3.amazonaws.com", "AccessLogsBucket")),
        ),
    ),
    "Monitoring": (
        ("an alarm more", new("Another", _ALARM)),
        ("a percentile of the average", put("DatabaseDatabaseCpu", _P + "Metrics/0/MetricStat/Stat", "p99")),
        ("a sharper percentile", put("ApiApiLatency", _P + "Metrics/0/MetricStat/Stat", "p99.5")),
        ("shorter periods", put("DatabaseDatabaseCpu", _P + "Metrics/0/MetricStat/Period", 60)),
        ("an action by its ARN", put("DatabaseDatabaseCpu", _P + "AlarmActions/0", _ALERTS)),
        ("the end told by an ARN", put("DatabaseDatabaseCpu", _P + "OKActions/0", _ALERTS)),
        ("a listener by the topic's ARN", put("AlertsTopicopsfluxapp", _P + "TopicArn", _ALERTS)),
        ("a topic's policy by its ARN", put("AlertsTopicPolicy", _STATEMENTS + "/1/Resource", _ALERTS)),
        ("events told to an ARN", put("DatabaseEventsInstance", _P + "SnsTopicArn", _ALERTS)),
        (
            "a link to a wiki",
            put("DatabaseDatabaseCpu", _P + "AlarmDescription", "The database works hard. First: http://wiki/flux"),
        ),
    ),
    "Api": (
        ("a route of the API's attribute", put("HttpApiGETapiproxy", _P + "ApiId", att("HttpApi", "ApiId"))),
        ("a header's capitals", put("HttpApiOriginLock", _P + "IdentitySource/0", "$request.header.X-Flux-Origin")),
        ("answers kept for each route", add("HttpApiOriginLock", _P + "IdentitySource", "$context.routeKey")),
        ("no answers kept", put("HttpApiOriginLock", _P + "AuthorizerResultTtlInSeconds", 0)),
        (
            "webhooks throttled more",
            put(
                "FrontDoorStage",
                _P + "RouteSettings",
                {_WEBHOOKS: {"ThrottlingRateLimit": 1000, "ThrottlingBurstLimit": 2000}},
            ),
        ),
    ),
    "Ml": (
        ("a larger machine", put("ForecastConfig", _P + "ProductionVariants/0/InstanceType", "ml.m5.2xlarge")),
        (
            "a longer look at a release",
            put("ForecastEndpoint", _ROUTING + "TrafficRoutingConfiguration/WaitIntervalInSeconds", 900),
        ),
    ),
    "Network": (
        ("a public address never said", drop("VpcPrivateSubnet1Subnet", _P + "MapPublicIpOnLaunch")),
        (
            "a table by its attribute",
            put(
                "VpcPrivateSubnet1DefaultRoute", _P + "RouteTableId", att("VpcPrivateSubnet1RouteTable", "RouteTableId")
            ),
        ),
        ("an endpoint of the VPC's attribute", put("VpcSqs", _P + "VpcId", att("Vpc", "VpcId"))),
        ("an endpoint for its own service", put("VpcSqs", _STATEMENTS + "/0/Action", "sqs:*")),
        (
            "an endpoint for our resources",
            put("VpcSqs", _STATEMENTS + "/0/Condition/StringEquals/aws:ResourceAccount", _ACCOUNT),
        ),
    ),
}

STRICTER = tuple(
    Change(layer=stack.lower(), stack=stack, what=what, apply=apply)
    for stack, changes in _CHANGES.items()
    for what, apply in changes
)
