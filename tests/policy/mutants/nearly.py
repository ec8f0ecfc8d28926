"""Weakenings that look much like the changes in stricter.py, which the gate lets pass."""

from collections.abc import Callable

from .change import Change, Json, Template, add, put

_P = "Properties/"
_STATEMENTS = _P + "PolicyDocument/Statement"
_API_POLICY, _SCHEDULE = "FunctionsApiRoleDefaultPolicy", "RotationsDatabaseOwnerSchedule"
_ONLY_HERE: Json = {"StringEquals": {"aws:ResourceAccount": "333333333333"}}
_ROUTE: Json = {"GET /api/{proxy+}": {"ThrottlingRateLimit": 50_000, "ThrottlingBurstLimit": 100_000}}
_SECRET = "arn:aws:secretsmanager:us-east-1:333333333333:secret:*"  # noqa: S105 - an ARN
_CSP = _P + "ResponseHeadersPolicyConfig/SecurityHeadersConfig/ContentSecurityPolicy/ContentSecurityPolicy"


def _denies(action: str, resource: str, condition: Json = None) -> Json:
    statement: dict[str, Json] = {"Effect": "Deny", "Action": action, "Resource": resource}
    return statement if condition is None else {**statement, "Condition": condition}


_CHANGES: tuple[tuple[str, str, Callable[[Template], None]], ...] = (
    ("Data", "a newer, smaller machine", put("DatabaseInstance", _P + "DBInstanceClass", "db.r8g.xlarge")),
    ("Data", "a larger machine with less memory", put("DatabaseInstance", _P + "DBInstanceClass", "db.c8g.4xlarge")),
    ("Data", "an older node", put("CacheReplicationGroup", _P + "CacheNodeType", "cache.r6g.large")),
    (
        "Data",
        "maintenance at noon",
        put("CacheReplicationGroup", _P + "PreferredMaintenanceWindow", "sun:16:00-sun:17:00"),
    ),
    (
        "Data",
        "logs cannot make keys for their data",
        put(
            "Key",
            _P + "KeyPolicy/Statement/3/Action",
            ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:ReEncrypt*"],
        ),
    ),
    (
        "Data",
        "a password's previous value",
        put(
            "DatabaseInstance",
            _P + "MasterUserPassword/Fn::Join/1/2",
            ":SecretString:password:AWSPREVIOUS:}}",
        ),
    ),
    (
        "Compute",
        "a role that denies itself its secrets",
        add(_API_POLICY, _STATEMENTS, _denies("secretsmanager:Get*", _SECRET)),
    ),
    ("Compute", "a role that denies itself its account", add(_API_POLICY, _STATEMENTS, _denies("*", "*", _ONLY_HERE))),
    ("Compute", "half the time", put("FunctionsSyncFunction", _P + "Timeout", 30)),
    ("Compute", "forecasts at dinner", put("QueuesNightly", _P + "ScheduleExpression", "cron(0 22 * * ? *)")),
    (
        "Compute",
        "forecasts on working days",
        put("QueuesNightly", _P + "ScheduleExpression", "cron(0 2 ? * MON-FRI *)"),
    ),
    ("Compute", "a tick every half hour", put("QueuesQuarterHourly", _P + "ScheduleExpression", "rate(30 minutes)")),
    ("Compute", "a tick once an hour", put("QueuesQuarterHourly", _P + "ScheduleExpression", "cron(15 * * * ? *)")),
    (
        "Compute",
        "a rotation in four months",
        put(_SCHEDULE, _P + "RotationRules", {"ScheduleExpression": "rate(120 days)"}),
    ),
    (
        "Compute",
        "schedules may read",
        add("QueuesPosSyncQueuePolicy", _STATEMENTS + "/1/Action", "sqs:ReceiveMessage"),
    ),
    (
        "Compute",
        "a deployment that errors do not stop",
        put("ReleasesApiGroup", _P + "AlarmConfiguration/Alarms/0/Name", "flux-prod-api-release-latency"),
    ),
    ("Api", "a route throttled less", put("FrontDoorStage", _P + "RouteSettings", _ROUTE)),
    ("Api", "a route not throttled", put("FrontDoorStage", _P + "RouteSettings", {"$default": {}})),
    (
        "Api",
        "answers kept for another header too",
        add("HttpApiOriginLock", _P + "IdentitySource", "$request.header.host"),
    ),
    ("Monitoring", "a middling percentile", put("DatabaseDatabaseCpu", _P + "Metrics/0/MetricStat/Stat", "p50")),
    ("Network", "an endpoint for another service", put("VpcSqs", _STATEMENTS + "/0/Action", "sns:*")),
    (
        "Network",
        "a way out that is nearly none",
        put("EndpointsSecurityGroup", _P + "SecurityGroupEgress/0", {"CidrIp": "127.0.0.0/1", "IpProtocol": "-1"}),
    ),
    (
        "Frontend",
        "trusted types for everybody",
        put("EdgeApiHeadersPolicy", _CSP, "default-src 'none'; frame-ancestors 'none'; trusted-types *"),
    ),
    (
        "Ml",
        "a machine of another processor",
        put("ForecastConfig", _P + "ProductionVariants/0/InstanceType", "ml.m7g.xlarge"),
    ),
)

MUTANTS = tuple(Change(layer=stack.lower(), stack=stack, what=what, apply=apply) for stack, what, apply in _CHANGES)
