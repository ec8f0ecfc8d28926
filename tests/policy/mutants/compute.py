"""Weakenings of functions, queues, schedules, releases and their roles."""

from .change import OFF, Change, Json, add, att, drop, hurry, new, put, ref, remove

_P, _API, _SYNC = "Properties/", "FunctionsApiFunction", "FunctionsSyncFunction"
_QUEUE, _LETTERS, _GROUP, _LIVE = (
    "QueuesPosSyncQueue",
    "QueuesPosSyncDeadLetters",
    "ReleasesApiGroup",
    "FunctionsApiLive",
)
_MAPPING = "FunctionsForecastLiveQueue"
_ALIAS_UPDATE = "UpdatePolicy/CodeDeployLambdaAliasUpdate/"
_POLICY, _STATEMENTS = "FunctionsApiRoleDefaultPolicy", _P + "PolicyDocument/Statement"
_ALARM = "ReleasesApiAlarmsErrors"
_METRIC = "Properties/Metrics/1/MetricStat/Metric/"
_THOUSAND = "IF(failures >= 1000, 100 * failures / invocations, 0)"
_ALL: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}

_CHANGES = (
    ("api runs as sync's role", put(_API, _P + "Role", att("FunctionsSyncRole", "Arn"))),
    ("api logs where Lambda pleases", drop(_API, _P + "LoggingConfig")),
    ("api logs to webhook's group", put(_API, _P + "LoggingConfig/LogGroup", ref("FunctionsWebhookLogs"))),
    ("api is outside the VPC", drop(_API, _P + "VpcConfig")),
    ("api is in one zone", put(_API, _P + "VpcConfig/SubnetIds", [])),
    (
        "api is behind sync's security group",
        put(_API, _P + "VpcConfig/SecurityGroupIds/0", att("FunctionsSyncSecurityGroup", "GroupId")),
    ),
    ("api is not traced", put(_API, _P + "TracingConfig/Mode", "PassThrough")),
    ("api has no reserved concurrency", drop(_API, _P + "ReservedConcurrentExecutions")),
    ("api is stopped", put(_API, _P + "ReservedConcurrentExecutions", 0)),
    ("api may exhaust the database", put(_API, _P + "ReservedConcurrentExecutions", "8000")),
    ("api runs longer than the API waits", put(_API, _P + "Timeout", 60)),
    ("api has little memory", put(_API, _P + "MemorySize", 128)),
    ("api does not verify PostgreSQL", put(_API, _P + "Environment/Variables/PGSSLMODE", "require")),
    ("api trusts any certificate", drop(_API, _P + "Environment/Variables/PGSSLROOTCERT")),
    ("api holds a password", put(_API, _P + "Environment/Variables/DATABASE_PASSWORD", "S3cr3tPassw0rd")),
    ("api holds an access key", put(_API, _P + "Environment/Variables/EXTRA", "AKIAIOSFODNN7EXAMPLE")),
    (
        "api holds a token",
        put(_API, _P + "Environment/Variables/TOKEN_KEYS_SECRET", "a8f5f167f44f4964e6c998dee827110c"),
    ),
    ("api writes people's data into its log", put(_API, _P + "Environment/Variables/POWERTOOLS_LOG_LEVEL", "DEBUG")),
    ("sync speaks plain HTTP", put(_SYNC, _P + "Environment/Variables/SQUARE_API_URL", "http://connect.squareup.com")),
    (
        "sync works on the sandbox",
        put(_SYNC, _P + "Environment/Variables/SQUARE_API_URL", "https://connect.squareupsandbox.com"),
    ),
    (
        "sync reports to the wrong queue",
        put(_SYNC, _P + "Environment/Variables/POS_SYNC_QUEUE_URL", ref("QueuesForecastsQueue")),
    ),
    (
        "the authorizer reads another secret",
        put("FunctionsAuthorizerFunction", _P + "Environment/Variables/ORIGIN_SECRET", "flux-origin"),
    ),
    ("the authorizer runs longer than the API waits", put("FunctionsAuthorizerFunction", _P + "Timeout", 30)),
    (
        "the authorizer reads every secret",
        put("FunctionsAuthorizerRoleDefaultPolicy", _STATEMENTS + "/2/Resource", "*"),
    ),
    (
        "the authorizer may write secrets",
        put(
            "FunctionsAuthorizerRoleDefaultPolicy",
            _STATEMENTS + "/2/Action",
            ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
        ),
    ),
    ("the authorizer is not released step by step", drop("FunctionsAuthorizerLive", "UpdatePolicy")),
    ("a runtime is out of date", put(_API, _P + "Runtime", "python3.9")),
    ("a function is removed", remove("FunctionsReleaseGateFunction")),
    (
        "a function has an address of its own",
        new("Url", {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE"}}),
    ),
    ("messages show up too early", put(_QUEUE, _P + "VisibilityTimeout", 60)),
    ("messages show up by default", drop(_QUEUE, _P + "VisibilityTimeout")),
    ("messages are given up at once", put(_QUEUE, _P + "RedrivePolicy/maxReceiveCount", 1)),
    ("messages are tried for ever", put(_QUEUE, _P + "RedrivePolicy/maxReceiveCount", "1000")),
    ("failures go nowhere", drop(_QUEUE, _P + "RedrivePolicy")),
    (
        "failures go to the other queue's DLQ",
        put(_QUEUE, _P + "RedrivePolicy/deadLetterTargetArn", att("QueuesForecastsDeadLetters", "Arn")),
    ),
    ("messages are kept for an hour", put(_QUEUE, _P + "MessageRetentionPeriod", 3600)),
    ("dead letters are kept as long as messages", put(_LETTERS, _P + "MessageRetentionPeriod", 345600)),
    ("a queue is not encrypted with our key", drop(_QUEUE, _P + "KmsMasterKeyId")),
    ("a queue uses SQS's key", put(_QUEUE, _P + "KmsMasterKeyId", "alias/aws/sqs")),
    (
        "a queue takes plain HTTP",
        put("QueuesPosSyncQueuePolicy", _STATEMENTS + "/0/Condition/Bool/aws:SecureTransport", "true"),
    ),
    ("every account's EventBridge may send", drop("QueuesPosSyncQueuePolicy", _STATEMENTS + "/1/Condition")),
    ("everybody may send", put("QueuesPosSyncQueuePolicy", _STATEMENTS + "/1/Principal", {"AWS": "*"})),
    ("a queue's policy is removed", remove("QueuesForecastsQueuePolicy")),
    ("a DLQ is removed", remove(_LETTERS)),
    ("one bad message fails its batch", drop(_MAPPING, _P + "FunctionResponseTypes")),
    ("pollers may exceed the reserved", put(_MAPPING, _P + "ScalingConfig/MaximumConcurrency", 200)),
    ("pollers are not limited", drop(_MAPPING, _P + "ScalingConfig")),
    ("a worker is switched off", put(_MAPPING, _P + "Enabled", "false")),
    ("a worker runs $LATEST", put(_MAPPING, _P + "FunctionName", ref("FunctionsForecastFunction"))),
    ("a worker reads the other queue", put(_MAPPING, _P + "EventSourceArn", att(_QUEUE, "Arn"))),
    ("a worker is not fed", remove(_MAPPING)),
    ("messages are filtered away", put(_MAPPING, _P + "FilterCriteria", {"Filters": [{"Pattern": "{}"}]})),
    ("the night has no forecast", put("QueuesNightly", _P + "State", "DISABLED")),
    ("forecasts run once a month", put("QueuesNightly", _P + "ScheduleExpression", "cron(0 2 1 * ? *)")),
    ("a tick that fails is lost", drop("QueuesNightly", _P + "Targets/0/DeadLetterConfig")),
    ("a tick goes to the wrong queue", put("QueuesNightly", _P + "Targets/0/Arn", att(_QUEUE, "Arn"))),
    ("a tick's message is another", put("QueuesQuarterHourly", _P + "Targets/0/Input", "{}")),
    ("a schedule is removed", remove("QueuesQuarterHourly")),
    ("releases are all at once", put(_GROUP, _P + "DeploymentConfigName", "CodeDeployDefault.LambdaAllAtOnce")),
    ("releases have no alarms", drop(_GROUP, _P + "AlarmConfiguration")),
    ("releases' alarms are off", put(_GROUP, _P + "AlarmConfiguration/Enabled", "false")),
    ("a release ignores its alarm", drop(_GROUP, _P + "AlarmConfiguration/Alarms/0")),
    (
        "a release watches another function",
        put(_GROUP, _P + "AlarmConfiguration/Alarms/0/Name", ref("ReleasesSyncAlarmsErrors")),
    ),
    ("a release is not rolled back", put(_GROUP, _P + "AutoRollbackConfiguration/Enabled", OFF)),
    (
        "a release is not rolled back on alarm",
        put(_GROUP, _P + "AutoRollbackConfiguration/Events", ["DEPLOYMENT_FAILURE"]),
    ),
    ("the alias moves by itself", drop(_LIVE, "UpdatePolicy")),
    ("the alias is not tried first", drop(_LIVE, _ALIAS_UPDATE + "BeforeAllowTrafficHook")),
    ("the alias is tried by api itself", put(_LIVE, _ALIAS_UPDATE + "BeforeAllowTrafficHook", ref(_API))),
    ("the alias moves by another group", put(_LIVE, _ALIAS_UPDATE + "DeploymentGroupName", ref("ReleasesSyncGroup"))),
    ("the alias points at $LATEST", put(_LIVE, _P + "FunctionVersion", "$LATEST")),
    ("traffic does not wait for migrations", hurry(_LIVE, "MigrationsRun")),
    ("traffic does not wait for its group", hurry(_LIVE, "ReleasesApiGroup")),
    ("traffic does not wait for CodeDeploy's rights", hurry(_LIVE, "ReleasesApiRoleDefaultPolicy")),
    ("traffic does not wait for the gate's rights", hurry(_LIVE, "FunctionsReleaseGateRoleDefaultPolicy")),
    ("versions are deleted", put("FunctionsApiFunctionCurrentVersion", "DeletionPolicy", "Delete")),
    ("a group is removed", remove("ReleasesForecastGroup")),
    ("migrations are retried", put("FunctionsMigrateLiveEventInvokeConfig", _P + "MaximumRetryAttempts", 2)),
    ("migrations do not run", remove("MigrationsRun")),
    ("owners wait longer than they were promised", put("ReleasesApiAlarmsLatency", _P + "Threshold", 2500)),
    ("a release alarm averages", put(_ALARM, _P + "Metrics/1/MetricStat/Stat", "Average")),
    ("a release alarm needs a thousand errors", put(_ALARM, _P + "Metrics/0/Expression", _THOUSAND)),
    ("a release alarm sees all versions", drop(_ALARM, _METRIC + "Dimensions/0")),
    ("a release alarm watches invocations", put(_ALARM, _METRIC + "MetricName", "Invocations")),
    ("a release alarm looks once in five minutes", put(_ALARM, _P + "Metrics/1/MetricStat/Period", 300)),
    ("a release alarm needs ten bad minutes", put(_ALARM, _P + "EvaluationPeriods", 10)),
    ("a release alarm fires below", put(_ALARM, _P + "ComparisonOperator", "LessThanThreshold")),
    ("a release alarm is mute", drop(_ALARM, _P + "AlarmActions")),
    ("a slow version is not noticed", remove("ReleasesApiAlarmsLatency")),
    ("the rate of errors may be half", put(_ALARM, _P + "Threshold", 50)),
    ("a role may do anything", add(_POLICY, _STATEMENTS, _ALL)),
    (
        "a role may do what is not named",
        add(_POLICY, _STATEMENTS, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
    ),
    ("a role reads every secret", put(_POLICY, _STATEMENTS + "/2/Resource", "*")),
    (
        "a role reads secrets by pattern",
        put(_POLICY, _STATEMENTS + "/2/Resource", "arn:aws:secretsmanager:us-east-1:333333333333:secret:*"),
    ),
    ("a role may do anything with secrets", put(_POLICY, _STATEMENTS + "/2/Action", ["SecretsManager:*"])),
    (
        "a role may write secrets",
        put(_POLICY, _STATEMENTS + "/2/Action", ["secretsmanager:GetSecretValue", "secretsmanager:Put?ecretValue"]),
    ),
    ("a role decrypts everything", drop(_POLICY, _STATEMENTS + "/3/Condition")),
    ("a role decrypts with every key", put(_POLICY, _STATEMENTS + "/3/Resource", "*")),
    (
        "api may send sales",
        add(_POLICY, _STATEMENTS, {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}),
    ),
    (
        "webhook may read sales",
        put("FunctionsWebhookRoleDefaultPolicy", _STATEMENTS + "/4/Action", ["sqs:SendMessage", "sqs:ReceiveMessage"]),
    ),
    ("forecast may ask every model", put("FunctionsForecastRoleDefaultPolicy", _STATEMENTS + "/6/Resource", "*")),
    ("the policy is for another role", put(_POLICY, _P + "Roles/0", ref("FunctionsSyncRole"))),
    (
        "a role carries an administrator's policy",
        put("FunctionsApiRole", _P + "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ),
    (
        "a role is trusted by another account",
        put(
            "FunctionsApiRole",
            _P + "AssumeRolePolicyDocument/Statement/0/Principal",
            {"AWS": "arn:aws:iam::999999999999:root"},
        ),
    ),
    ("the functions' key does not rotate", put("Key", _P + "EnableKeyRotation", "false")),
    ("function logs are kept for ever", drop("FunctionsApiLogs", _P + "RetentionInDays")),
    ("function logs are not encrypted", drop("FunctionsApiLogs", _P + "KmsKeyId")),
)

MUTANTS = tuple(Change(layer="compute", stack="Compute", what=what, apply=apply) for what, apply in _CHANGES)
