"""Weakenings of the rotation of secrets."""

from .change import ON, Change, add, att, drop, new, put, ref, remove

_P = "Properties/"
_SCHEDULE, _MAY_START = "RotationsDatabaseOwnerSchedule", "RotationsDatabaseOwnerRotateBySecretsManager"
_FUNCTION, _POLICY = "RotationsDatabaseOwnerRotateFunction", "RotationsDatabaseOwnerRotateRoleDefaultPolicy"
_VARIABLES, _STATEMENTS = _P + "Environment/Variables/", _P + "PolicyDocument/Statement"
_EVERY_SECRET = "arn:aws:secretsmanager:us-east-1:333333333333:secret:*"  # noqa: S105 - a pattern

_COMPUTE = (
    ("a secret keeps its value", remove(_SCHEDULE)),
    ("a secret is rotated once a year", put(_SCHEDULE, _P + "RotationRules/AutomaticallyAfterDays", 365)),
    ("a secret's age is not stated", drop(_SCHEDULE, _P + "RotationRules")),
    (
        "a secret is rotated by an expression",
        put(_SCHEDULE, _P + "RotationRules", {"ScheduleExpression": "rate(365 days)"}),
    ),
    ("a deployment rotates", put(_SCHEDULE, _P + "RotateImmediatelyOnUpdate", ON)),
    ("a deployment rotates by default", drop(_SCHEDULE, _P + "RotateImmediatelyOnUpdate")),
    (
        "a secret is rotated by another's function",
        put(_SCHEDULE, _P + "RotationLambdaARN", att("RotationsTokenKeyRotateFunction", "Arn")),
    ),
    (
        "a secret is rotated twice, another never",
        put(_SCHEDULE, _P + "SecretId", ref("RotationsDatabaseLoginSchedule")),
    ),
    ("a rotation cannot be started", remove(_MAY_START)),
    ("every account's secrets start a rotation", drop(_MAY_START, _P + "SourceAccount")),
    ("every secret starts a rotation", drop(_MAY_START, _P + "SourceArn")),
    ("anybody starts a rotation", put(_MAY_START, _P + "Principal", "*")),
    ("a rotation is given up in seconds", put(_FUNCTION, _P + "Timeout", 3)),
    ("rotations run at once", put(_FUNCTION, _P + "ReservedConcurrentExecutions", 10)),
    ("a rotation follows another strategy", put(_FUNCTION, _VARIABLES + "ROTATION_STRATEGY", "token-key")),
    ("a rotation does not verify PostgreSQL", put(_FUNCTION, _VARIABLES + "PGSSLMODE", "require")),
    (
        "Square's key is asked for elsewhere",
        put("RotationsSquareWebhookRotateFunction", _VARIABLES + "SQUARE_API_URL", "https://square.example"),
    ),
    ("a rotation may write every secret", put(_POLICY, _STATEMENTS + "/2/Resource", _EVERY_SECRET)),
    ("a rotation may delete its secret", add(_POLICY, _STATEMENTS + "/2/Action", "secretsmanager:DeleteSecret")),
    ("a rotation may not write its secret", drop(_POLICY, _STATEMENTS + "/2")),
    (
        "a rotation may change every cache user",
        put(
            "RotationsCacheLoginRotateRoleDefaultPolicy",
            _STATEMENTS + "/4/Resource",
            "arn:aws:elasticache:us-east-1:333333333333:user:*",
        ),
    ),
    (
        "the rotation of the tokens' key leaves the VPC",
        new(
            "WayOut",
            {
                "Type": "AWS::EC2::SecurityGroupEgress",
                "Properties": {
                    "GroupId": {"Fn::GetAtt": ["RotationsTokenKeyRotateSecurityGroupBB905CD2", "GroupId"]},
                    "IpProtocol": "tcp",
                    "CidrIp": "0.0.0.0/0",
                    "FromPort": 443,
                    "ToPort": 443,
                },
            },
        ),
    ),
)
_MONITORING = (
    ("failed rotations are not noticed", remove("RotationsRotationErrors")),
    ("failed rotations are noticed by the hundred", put("RotationsRotationErrors", _P + "Threshold", 100)),
    ("failed rotations tell nobody", drop("RotationsRotationErrors", _P + "AlarmActions")),
)
_DATA = (
    (
        "a secret more keeps its value",
        new(
            "Another",
            {
                "Type": "AWS::SecretsManager::Secret",
                "DeletionPolicy": "RetainExceptOnCreate",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "KmsKeyId": {"Fn::GetAtt": ["Key961B73FD", "Arn"]},
                    "GenerateSecretString": {"PasswordLength": 40},
                    "Tags": [
                        {"Key": "Application", "Value": "flux"},
                        {"Key": "Environment", "Value": "prod"},
                        {"Key": "Layer", "Value": "data"},
                    ],
                },
            },
        ),
    ),
)

MUTANTS = tuple(
    Change(layer=layer, stack=stack, what=what, apply=apply)
    for layer, stack, changes in (
        ("data", "Compute", _COMPUTE),
        ("monitoring", "Monitoring", _MONITORING),
        ("data", "Data", _DATA),
    )
    for what, apply in changes
)
