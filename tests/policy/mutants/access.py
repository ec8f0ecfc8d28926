"""Weakenings of what may run, who may start it, and what it may do: what is added, steered, shared or refused."""

import json

from .change import Change, Json, Template, add, att, body, drop, hurry, new, put

_P = "Properties/"
_API, _GATE, _MIGRATE = "FunctionsApiFunction", "FunctionsReleaseGateFunction", "FunctionsMigrateFunction"
_VARIABLE = _P + "Environment/Variables/"
_POLICY, _STATEMENT = "FunctionsApiRoleDefaultPolicy", _P + "PolicyDocument/Statement"
_TRUST = _P + "AssumeRolePolicyDocument/Statement"
_STRANGER = "999999999999"
_TAGS: Json = [
    {"Key": "Application", "Value": "flux"},
    {"Key": "Environment", "Value": "prod"},
    {"Key": "Layer", "Value": "compute"},
]
_READ: Json = {
    "Effect": "Allow",
    "Action": "secretsmanager:GetSecretValue",
    "Resource": "arn:aws:secretsmanager:us-east-1:333333333333:secret:flux-prod-x",
}


def _role(principal: Json) -> Json:
    """A role with one narrow right."""
    trust: Json = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    inline: Json = [{"PolicyName": "Read", "PolicyDocument": {"Statement": [_READ]}}]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust, "Policies": inline, "Tags": _TAGS},
    }


def _output(stack: str, name: str, region: str = "us-east-1") -> Json:
    return {"Fn::GetStackOutput": {"StackName": f"Flux-prod-{stack}", "Region": region, "OutputName": name}}


def _allowed(principal: str, source: str, function: str = "FunctionsMigrateLive2770CD0B") -> Json:
    """A permission to start a function, on behalf of this source."""
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": function},
            "Principal": principal,
            "SourceArn": source,
        },
    }


def _function(template: Template) -> Json:
    """A function more, in the role of another."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"S3Bucket": "cdk-hnb659fds-assets-333333333333-us-east-1", "S3Key": "0" * 64 + ".zip"},
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "MemorySize": 128,
            "Role": att("ReleasesApiRole", "Arn")(template),
            "Tags": _TAGS,
        },
    }


def _rule(target: str) -> Json:
    letters: Json = {"Fn::GetAtt": ["QueuesForecastsDeadLetters2308F32D", "Arn"]}
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "ScheduleExpression": "rate(1 minute)",
            "Targets": [{"Arn": target, "Id": "Target0", "DeadLetterConfig": {"Arn": letters}}],
            "Tags": _TAGS,
        },
    }


def _anybody_sends(queue: Json) -> Json:
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [queue],
            "PolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*"}]},
        },
    }


def _refuse_messages(template: Template) -> None:
    queue = att("QueuesPosSyncQueue", "Arn")(template)
    statement: Json = {"Effect": "Deny", "Principal": "*", "Action": "sqs:Send*", "Resource": queue}
    add("QueuesPosSyncQueuePolicy", _STATEMENT, statement)(template)


def _refuse_tls(template: Template) -> None:
    statement: Json = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sqs:*",
        "Resource": att("QueuesPosSyncQueue", "Arn")(template),
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    }
    add("QueuesPosSyncQueuePolicy", _STATEMENT, statement)(template)


def _second_group(template: Template) -> None:
    properties = body(template, "ReleasesApiGroup")["Properties"]
    assert isinstance(properties, dict)
    group: Json = {**properties, "DeploymentGroupName": "flux-prod-api-quick"}
    new("QuickGroup", {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": group})(template)


def _namesake(template: Template) -> None:
    new("FunctionsApiRoleAAAAAAAA", body(template, "FunctionsApiRole"))(template)


def _strange_function(template: Template) -> None:
    new("Extra", _function(template))(template)


def _share_bundle(template: Template) -> None:
    put(_API, _P + "Code", body(template, "FunctionsWebhookFunction")["Properties"]["Code"])(template)  # type: ignore[index,call-overload]


def _by_macro(template: Template) -> None:
    template["Transform"] = ["Rewrite"]


def _unless(template: Template) -> None:
    """A statement that appears when a condition does not hold, and the condition is not even stated."""
    wide: Json = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    add(_POLICY, _STATEMENT, {"Fn::If": ["Hardened", {"Ref": "AWS::NoValue"}, wide]})(template)


_ANYTHING: Json = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_OTHER_BUS: Json = {
    "Arn": f"arn:aws:events:us-east-1:{_STRANGER}:event-bus/x",
    "Id": "Target1",
    "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["QueuesForecastsDeadLetters2308F32D", "Arn"]}},
}
_IN_CHINA: Json = {"StringEquals": {"aws:RequestedRegion": "cn-north-1"}}
_TO_DATABASE = "FunctionsApiSecurityGrouptoFluxprodDataDatabaseSecurityGroup699BE6E15433"
_LOGIN = "PublishOutputRefDatabaseFunctions817F84D1C4D6601C"

_ROLES = (
    ("a role more, for machines", new("Extra", _role({"Service": "ec2.amazonaws.com"}))),
    (
        "a role more, for every repository at GitHub",
        new(
            "Extra", _role({"Federated": "arn:aws:iam::333333333333:oidc-provider/token.actions.githubusercontent.com"})
        ),
    ),
    ("a role has a namesake", _namesake),
    (
        "a wide policy waits for its holder",
        new("Wide", {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _ANYTHING}}),
    ),
    (
        "a user has a policy",
        new("Wide", {"Type": "AWS::IAM::UserPolicy", "Properties": {"UserName": "ops", "PolicyDocument": _ANYTHING}}),
    ),
    (
        "a policy stands as text",
        put("FunctionsApiRole", _P + "Policies", [{"PolicyName": "All", "PolicyDocument": json.dumps(_ANYTHING)}]),
    ),
    ("a statement appears unless", _unless),
    (
        "trust is refused",
        add("FunctionsApiRole", _TRUST, {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}),
    ),
    (
        "trust waits for another account",
        put("FunctionsApiRole", _TRUST + "/0/Condition", {"StringEquals": {"aws:SourceAccount": _STRANGER}}),
    ),
    (
        "a boundary bounds everything",
        put("FunctionsApiRole", _P + "PermissionsBoundary", "arn:aws:iam::aws:policy/AWSDenyAll"),
    ),
    (
        "a right waits for a second factor",
        put(_POLICY, _STATEMENT + "/2/Condition", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    ),
    ("a right holds in another region", put(_POLICY, _STATEMENT + "/1/Condition", _IN_CHINA)),
    (
        "a right ends some day",
        put(_POLICY, _STATEMENT + "/0/Condition", {"DateLessThan": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}}),
    ),
    (
        "a secret is looked for in another region",
        put(_POLICY, _STATEMENT + "/2/Resource/1", _output("Data", _LOGIN, "us-west-2")),
    ),
    ("a macro rewrites the template", _by_macro),
)
_FUNCTIONS = (
    ("code comes from another bucket", put(_API, _P + "Code/S3Bucket", "flux-builds")),
    ("code is an image", put(_API, _P + "Code", {"ImageUri": f"{_STRANGER}.dkr.ecr.us-east-1.amazonaws.com/x:1"})),
    ("code is whatever is newest", put(_API, _P + "Code/S3Key", "latest.zip")),
    ("api runs webhook's bundle", _share_bundle),
    ("code stays at an old build", put(_API, _P + "Code/S3ObjectVersion", "x")),
    ("variables are a stranger's to read", put(_API, _P + "KmsKeyArn", f"arn:aws:kms:us-east-1:{_STRANGER}:key/x")),
    ("a layer brings code", put(_API, _P + "Layers", [f"arn:aws:lambda:us-east-1:{_STRANGER}:layer:x:1"])),
    ("a file system is mounted", put(_API, _P + "FileSystemConfigs", [{"LocalMountPath": "/mnt/x"}])),
    ("the runtime takes no patches", put(_API, _P + "RuntimeManagementConfig", {"UpdateRuntimeOn": "FunctionUpdate"})),
    ("a function may call itself for ever", put(_API, _P + "RecursiveLoop", "Allow")),
    (
        "events go to a stranger's queue",
        put(_API, _P + "DeadLetterConfig", {"TargetArn": f"arn:aws:sqs:us-east-1:{_STRANGER}:x"}),
    ),
    ("the bundle does not fit the processor", put(_API, _P + "Architectures", ["arm64"])),
    ("a function has more memory than there is", put(_API, _P + "MemorySize", 20_000)),
    ("a function leaves by IPv6", put(_API, _P + "VpcConfig/Ipv6AllowedForDualStack", "true")),
    ("logs begin at errors", put(_API, _P + "LoggingConfig/ApplicationLogLevel", "ERROR")),
    ("logs leave out timeouts", put(_API, _P + "LoggingConfig/SystemLogLevel", "WARN")),
    ("another program runs first", put(_API, _VARIABLE + "AWS_LAMBDA_EXEC_WRAPPER", "/var/task/run")),
    ("secrets are asked for elsewhere", put(_API, _VARIABLE + "AWS_ENDPOINT_URL", "https://aws.example")),
    ("requests go through a proxy", put(_API, _VARIABLE + "https_proxy", "proxy.example:3128")),
    ("any certificate is believed", put(_API, _VARIABLE + "SSL_CERT_FILE", "/var/task/all.pem")),
    ("modules are found elsewhere", put(_API, _VARIABLE + "PYTHONPATH", "/mnt/x")),
    ("PostgreSQL is found elsewhere", put(_API, _VARIABLE + "PGHOSTADDR", "203.0.113.1")),
    ("requests are logged whole", put(_API, _VARIABLE + "POWERTOOLS_LOGGER_LOG_EVENT", "true")),
    (
        "Square is asked elsewhere by a name in lower case",
        put("FunctionsSyncFunction", _VARIABLE + "square_api_url", "https://square.example"),
    ),
    (
        "a variable holds a resolved secret",
        put(_API, _VARIABLE + "GREETING", "{{resolve:secretsmanager:flux:SecretString:value}}"),
    ),
    ("a function is made before its rights", drop(_API, "DependsOn")),
    ("the release gate asks once", put(_GATE, _VARIABLE + "REQUESTS", "1")),
    ("the release gate overlooks failures", put(_GATE, _VARIABLE + "REFUSED_AT", "50")),
    ("no snapshot precedes a migration", drop(_MIGRATE, _VARIABLE + "SNAPSHOT_INSTANCE")),
    (
        "a snapshot is taken of another database",
        put(_MIGRATE, _VARIABLE + "SNAPSHOT_INSTANCE", "flux-staging-database"),
    ),
    ("migrations never run again", put("MigrationsRun", _P + "Migrations", "constant")),
    ("migrations run before their retries are off", drop("MigrationsRun", "DependsOn/0")),
    ("versions are deleted when replaced", drop("FunctionsApiFunctionCurrentVersion", "UpdateReplacePolicy")),
    (
        "api's alias costs as much as all of it",
        put("FunctionsApiLive", _P + "ProvisionedConcurrencyConfig", {"ProvisionedConcurrentExecutions": 800}),
    ),
    ("a function more", _strange_function),
    (
        "an alias more",
        new(
            "Extra",
            {
                "Type": "AWS::Lambda::Alias",
                "Properties": {
                    "FunctionName": {"Ref": "FunctionsApiFunction34137F74"},
                    "FunctionVersion": "$LATEST",
                    "Name": "next",
                },
            },
        ),
    ),
    (
        "a stranger's function is a custom resource",
        new(
            "Extra",
            {
                "Type": "Custom::Extra",
                "Properties": {"ServiceToken": f"arn:aws:lambda:us-east-1:{_STRANGER}:function:x"},
            },
        ),
    ),
    (
        "a template is nested",
        new(
            "Extra",
            {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://s3.amazonaws.com/x/t.json"}},
        ),
    ),
)
_ORDER = (
    ("an alias does not wait for its way to PostgreSQL", hurry("FunctionsApiLive", _TO_DATABASE)),
    ("migrations do not wait for their way to PostgreSQL", drop("FunctionsMigrateLive", "DependsOn")),
    ("a rotation does not wait until it may be started", drop("RotationsTokenKeySchedule", "DependsOn")),
    ("CloudFormation waits an hour for migrations", drop("MigrationsRun", _P + "ServiceTimeout")),
    ("CloudFormation does not wait for migrations", put("MigrationsRun", _P + "ServiceTimeout", "0")),
    ("an alias points at what is no version", put("FunctionsApiLive", _P + "FunctionVersion/Fn::GetAtt/1", "Arn")),
)
_CALLERS = (
    ("another account starts migrations", new("Extra", _allowed(_STRANGER, f"arn:aws:iam::{_STRANGER}:role/x"))),
    ("any bucket starts migrations", new("Extra", _allowed("s3.amazonaws.com", "arn:aws:s3:::anybody"))),
    (
        "an event starts migrations",
        new("Extra", _allowed("events.amazonaws.com", "arn:aws:events:us-east-1:333333333333:rule/x")),
    ),
    (
        "a rotation is started for another secret",
        new(
            "Extra",
            _allowed(
                "secretsmanager.amazonaws.com",
                "arn:aws:secretsmanager:us-east-1:333333333333:secret:x",
                "RotationsTokenKeyRotateFunction55EBB03C",
            ),
        ),
    ),
    (
        "everybody may use a layer",
        new("Extra", {"Type": "AWS::Lambda::LayerVersionPermission", "Properties": {"Principal": "*"}}),
    ),
    (
        "migrations' requests are sent on",
        put(
            "FunctionsMigrateLiveEventInvokeConfig",
            _P + "DestinationConfig",
            {"OnSuccess": {"Destination": f"arn:aws:sqs:us-east-1:{_STRANGER}:x"}},
        ),
    ),
)
_QUEUES = (
    ("a queue refuses its senders", _refuse_messages),
    ("a queue refuses TLS", _refuse_tls),
    (
        "a queue has a second policy, by its address",
        new("Extra", _anybody_sends({"Fn::GetAtt": ["QueuesPosSyncQueue6253ABBF", "QueueUrl"]})),
    ),
    (
        "a queue has a policy of another kind",
        new(
            "Extra",
            {
                "Type": "AWS::SQS::QueueInlinePolicy",
                "Properties": {"Queue": {"Ref": "QueuesPosSyncQueue6253ABBF"}, "PolicyDocument": _ANYTHING},
            },
        ),
    ),
    (
        "a queue takes ticks of the other schedule",
        put(
            "QueuesPosSyncQueuePolicy",
            _STATEMENT + "/1/Condition/ArnEquals",
            lambda t: {"aws:SourceArn": att("QueuesNightly", "Arn")(t)},
        ),
    ),
    (
        "dead letters are refused",
        put("QueuesPosSyncDeadLetters", _P + "RedriveAllowPolicy", {"redrivePermission": "denyAll"}),
    ),
    (
        "dead letters are the other queue's",
        put(
            "QueuesPosSyncDeadLetters",
            _P + "RedriveAllowPolicy",
            lambda t: {"redrivePermission": "byQueue", "sourceQueueArns": [att("QueuesForecastsQueue", "Arn")(t)]},
        ),
    ),
    (
        "dead letters go to a name",
        put(
            "QueuesPosSyncQueue", _P + "RedrivePolicy/deadLetterTargetArn", att("QueuesPosSyncDeadLetters", "QueueName")
        ),
    ),
    ("a queue is replaced by one with a name", put("QueuesPosSyncQueue", _P + "QueueName", "flux-prod-sales")),
    ("a queue more", new("Extra", {"Type": "AWS::SQS::Queue", "Properties": {"Tags": _TAGS}})),
    ("a night is reported to a stranger", add("QueuesNightly", _P + "Targets", _OTHER_BUS)),
    ("a tick is transformed", put("QueuesNightly", _P + "Targets/0/InputTransformer", {"InputTemplate": '"x"'})),
    (
        "a tick is given up in a minute",
        put("QueuesNightly", _P + "Targets/0/RetryPolicy", {"MaximumEventAgeInSeconds": "60"}),
    ),
    (
        "a tick's failures go to a name",
        put("QueuesNightly", _P + "Targets/0/DeadLetterConfig/Arn", att("QueuesForecastsDeadLetters", "QueueName")),
    ),
    ("forecasts begin in the morning", put("QueuesNightly", _P + "ScheduleExpression", "cron(0 9 * * ? *)")),
    ("sales are asked for hourly", put("QueuesQuarterHourly", _P + "ScheduleExpression", "rate(60 minutes)")),
    ("a schedule listens on another bus", put("QueuesNightly", _P + "EventBusName", "other")),
    ("a schedule more", new("Extra", _rule("arn:aws:lambda:us-east-1:333333333333:function:x"))),
    (
        "everybody may put events",
        new(
            "Extra",
            {
                "Type": "AWS::Events::EventBusPolicy",
                "Properties": {"StatementId": "All", "Principal": "*", "Action": "events:PutEvents"},
            },
        ),
    ),
    (
        "a scheduler starts strangers",
        new("Extra", {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 minute)"}}),
    ),
    ("a second group releases at once", _second_group),
    (
        "releases tell a stranger",
        put(
            "ReleasesApiGroup",
            _P + "TriggerConfigurations",
            [{"TriggerTargetArn": f"arn:aws:sns:us-east-1:{_STRANGER}:x"}],
        ),
    ),
    (
        "a release goes on without its alarms",
        put("ReleasesApiGroup", _P + "AlarmConfiguration/IgnorePollAlarmFailure", {"Fn::FindInMap": ["A", "b", "c"]}),
    ),
    (
        "logs are sent on",
        new(
            "Extra",
            {
                "Type": "AWS::Logs::SubscriptionFilter",
                "Properties": {
                    "LogGroupName": {"Ref": "FunctionsApiLogsB43A8217"},
                    "DestinationArn": f"arn:aws:logs:us-east-1:{_STRANGER}:destination:x",
                },
            },
        ),
    ),
)

MUTANTS = tuple(
    Change(layer=layer, stack="Compute", what=what, apply=apply)
    for layer, changes in (("access", (*_ROLES, *_CALLERS)), ("compute", (*_FUNCTIONS, *_ORDER, *_QUEUES)))
    for what, apply in changes
)
