"""Weakenings of what cuts across layers: literals, accounts, logs, names, outputs, and what is not Flux's at all."""

from collections.abc import Callable, Iterator

from .change import ON, Change, Json, Template, add, drop, new, publish, put, rename, state, twin, withhold

_P = "Properties/"
_API = "FunctionsApiFunction"
_VARIABLES = _P + "Environment/Variables/"
_KEY = "AKIAIOSFODNN7EXAMPLE"


def _told(name: str, value: Json) -> Callable[[Template], None]:
    """Give api a variable more."""
    return put(_API, _VARIABLES + name, value)


_COMPUTE = (
    ("a variable is a key to sign with", _told("SIGNING_KEY", "hunter2")),
    ("a variable is a short password", _told("DB_PW", "hunter2!")),
    ("a variable is a password that looks like a path", _told("CLIENT_SECRET", "/hunter2")),
    ("a variable is half a password", _told("DB_PASSWORD", {"Fn::Sub": "hunter2-${QueuesPosSyncQueue6253ABBF}"})),
    ("a variable is a line with a login", _told("DATABASE", "host=db user=flux password=hunter2")),
    ("a variable is an address with a login", _told("DATABASE", "postgresql://flux:hunter2@db:5433/flux")),
    ("a variable is a document with a login", _told("LOGIN", '{"username": "flux", "password": "hunter2x"}')),
    ("a variable is what a client signs in with", _told("HEADER", "Bearer abcdefgh1234")),
    ("a variable is an address to post to", _told("CHAT", "https://hooks.slack.com/services/T0/B0/XXXX")),
    ("a variable is a secret's value", _told("LOGIN", "{{resolve:secretsmanager:flux:SecretString:password}}")),
    ("a function's words hold a password", put(_API, _P + "Description", "password=hunter2hunter2")),
    ("a custom resource is told a password", put("MigrationsRun", _P + "Password", "hunter2")),
    ("metadata hold a key", state("Metadata", {"note": _KEY})),
    ("a resource's metadata hold a key", put(_API, "Metadata", {"note": _KEY})),
    ("the stack's words hold a key", state("Description", _KEY)),
    ("a mapping holds a key", state("Mappings", {"All": {"Of": {"It": _KEY}}})),
    (
        "a parameter's default is a password",
        state("Parameters", {"DbPassword": {"Type": "String", "Default": "hunter2hunter2"}}),
    ),
    ("an address is in the clear, in capitals", _told("CALLBACK", "HTTP://collect.example.com")),
    ("an address only begins like the machine's", _told("CALLBACK", "http://127.0.0.1:80@collect.example.com/")),
    ("a database is asked without TLS", _told("EXTRA", "postgresql://db.example.com/flux?sslmode=disable")),
    ("requests to AWS go elsewhere", _told("AWS_ENDPOINT_URL_SQS", "https://collect.example.com")),
    ("requests go through a stranger", _told("HTTPS_PROXY", "https://collect.example.com:3128")),
    ("certificates are not verified", _told("PYTHONHTTPSVERIFY", "0")),
    ("another program runs first", _told("AWS_LAMBDA_EXEC_WRAPPER", "/opt/first")),
    (
        "a function runs a stranger's layer",
        put(_API, _P + "Layers", ["arn:aws:lambda:us-east-1:333333333333:layer:x:1"]),
    ),
    ("a function's code is from anybody's bucket", put(_API, _P + "Code/S3Bucket", "bundles")),
    (
        "a function is an image",
        put(_API, _P + "Code", {"ImageUri": "333333333333.dkr.ecr.us-east-1.amazonaws.com/x:1"}),
    ),
    ("a function is told of another account's queue", _told("EXTRA", "arn:aws:sqs:us-east-1:111111111111:extra")),
    (
        "a function is told of a queue's address elsewhere",
        _told("EXTRA", "https://sqs.us-east-1.amazonaws.com/999999999999/x"),
    ),
    ("a function is told of another region's queue", _told("EXTRA", "arn:aws:sqs:eu-west-1:333333333333:extra")),
    (
        "a role may be another in every account",
        add(
            "FunctionsApiRoleDefaultPolicy",
            _P + "PolicyDocument/Statement",
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/x"},
        ),
    ),
    ("a log turns into no metric", put("FunctionsApiLogs", _P + "LogGroupClass", "INFREQUENT_ACCESS")),
    (
        "a log is read by another account",
        put(
            "FunctionsApiLogs",
            _P + "ResourcePolicyDocument",
            {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "logs:Get*", "Resource": "*"}]},
        ),
    ),
    (
        "a log takes lines from whoever has a token",
        put("FunctionsApiLogs", _P + "BearerTokenAuthenticationEnabled", ON),
    ),
    ("a queue is replaced by one with a name", put("QueuesPosSyncQueue", _P + "QueueName", "sales")),
    ("a queue is replaced by one in order", put("QueuesPosSyncQueue", _P + "FifoQueue", "true")),
    ("there is a second schedule", twin("QueuesNightly", "Flood", (_P + "ScheduleExpression", "rate(1 minute)"))),
    ("there is a second function", twin(_API, "Twin")),
    ("there is a second queue", twin("QueuesPosSyncQueue", "Twin")),
    (
        "operators redrive another queue",
        publish("PosSyncDeadLettersUrl", {"Ref": "QueuesForecastsDeadLetters2308F32D"}),
    ),
    ("operators find no queue", withhold("PosSyncDeadLettersUrl")),
)
_DATA = (
    ("an output is a password", publish("OwnerPassword", "hunter2hunter2")),
    ("an output is random", publish("Seed", "a8f5f167f44f4964e6c998dee827110c")),
    ("operators read the owner's secret", publish("DatabaseSecretName", {"Ref": "DatabaseOwnerD07B5662"})),
    ("a bucket is replaced by one with a name", put("AssetsBucket", _P + "BucketName", "assets")),
    ("a secret is replaced by one with a name", put("SecretsTokenKeys", _P + "Name", "keys")),
    ("there is a second database", twin("DatabaseInstance", "Twin", (_P + "DBInstanceIdentifier", "twin"))),
    ("there is a second secret", twin("SecretsOrigin", "Twin")),
    ("there is a second bucket", twin("AssetsBucket", "Twin")),
)
_OTHERS = (
    ("Network", "a subnet is another", rename("VpcIsolatedSubnet1Subnet", "VpcIsolatedSubnet1Subnet0A0B0C0D")),
    ("Network", "there is a second network", twin("Vpc", "Twin")),
    ("Network", "an endpoint is not tagged", drop("VpcSqs", _P + "Tags")),
    ("Frontend", "there is a second address", twin("EdgeDistribution", "Twin")),
    (
        "Frontend",
        "a name leads to a stranger",
        new(
            "Name",
            {
                "Type": "AWS::Route53::RecordSet",
                "Properties": {"Name": "pay.flux.app", "Type": "CNAME", "ResourceRecords": ["collect.example.com"]},
            },
        ),
    ),
    ("Api", "the stage holds a password", put("FrontDoorStage", _P + "StageVariables", {"dbPassword": "hunter2"})),
    (
        "Ml",
        "the model holds an access key",
        put("ForecastModel", _P + "PrimaryContainer/Environment/AWS_SECRET_ACCESS_KEY", "x"),
    ),
    (
        "Ml",
        "the model's image is from another account",
        put(
            "ForecastModel",
            _P + "PrimaryContainer/Environment/BASE",
            "999999999999.dkr.ecr.us-east-1.amazonaws.com/x:1",
        ),
    ),
    (
        "Monitoring",
        "a log is encrypted with no key of ours",
        new(
            "Log",
            {
                "Type": "AWS::Logs::LogGroup",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "RetentionInDays": 365,
                    "Tags": [
                        {"Key": "Application", "Value": "flux"},
                        {"Key": "Environment", "Value": "prod"},
                        {"Key": "Layer", "Value": "monitoring"},
                    ],
                },
            },
        ),
    ),
)


def _mutants() -> Iterator[Change]:
    rows = (
        *(("Compute", what, apply) for what, apply in _COMPUTE),
        *(("Data", what, apply) for what, apply in _DATA),
        *_OTHERS,
    )
    for stack, what, apply in rows:
        yield Change(layer="whole", stack=stack, what=what, apply=apply)


MUTANTS = tuple(_mutants())
