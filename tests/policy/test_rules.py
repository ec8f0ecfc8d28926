"""Each rule by one weakening of production that trips it, and by what is safe and must not."""

from collections.abc import Callable, Mapping

import pytest

from policy.assembly import readings
from policy.gate import ALL_RULES, judge
from policy.model import WrittenStack
from tests.policy.mutants.change import OFF, ON, Change, Json, Template, both, drop, new, put, remove, twin

_P = "Properties/"
_STATEMENT = _P + "PolicyDocument/Statement"
_FUNCTION, _ROLE, _POLICY = "FunctionsApiFunction", "FunctionsApiRole", "FunctionsApiRoleDefaultPolicy"
_VARIABLE = _P + "Environment/Variables/"
_CDN = _P + "DistributionConfig/"
_BEHAVIOR = _CDN + "DefaultCacheBehavior/"
_SECURITY = _P + "ResponseHeadersPolicyConfig/SecurityHeadersConfig/"
_LAYER = "arn:aws:lambda:us-east-1:464622532012:layer:Datadog-Extension:1"


def _allow(action: Json, resource: Json = "*", **more: Json) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def _with(statement: Json) -> Callable[[Template], None]:
    return put(_POLICY, f"{_STATEMENT}/0", statement)


# Rule -> the stack that is changed, and how.
WEAKENINGS: Mapping[str, tuple[str, Callable[[Template], None]]] = {
    "POLICY-PUBLIC": (
        "Compute",
        put("QueuesPosSyncQueuePolicy", f"{_STATEMENT}/1", _allow("sqs:SendMessage", Principal="*")),
    ),
    "POLICY-SOURCE": ("Api", drop("HttpApiGETapiproxyApiPermission", _P + "SourceArn")),
    "IAM-WILDCARD": ("Compute", _with(_allow("sqs:*"))),
    "IAM-NEGATED": ("Compute", _with({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
    "IAM-ESCALATION": ("Compute", _with(_allow("iam:PassRole", "arn:aws:iam::333333333333:role/*"))),
    "POLICY-FORM": ("Compute", put(_POLICY, _P + "PolicyDocument/Version", "2008-10-17")),
    "ACCOUNT-FOREIGN": ("Compute", put(_FUNCTION, _P + "Layers", [_LAYER])),
    "TLS-ONLY": ("Data", remove("AssetsBucketPolicy")),
    "SUBNET-PUBLIC-IP": ("Network", put("VpcPublicSubnet1Subnet", _P + "MapPublicIpOnLaunch", ON)),
    "SG-OPEN-INGRESS": (
        "Data",
        put("DatabaseSecurityGroup", _P + "SecurityGroupIngress", [{"CidrIp": "0.0.0.0/1", "IpProtocol": "tcp"}]),
    ),
    "SUBNET-ISOLATED": (
        "Network",
        twin(
            "VpcPrivateSubnet1DefaultRoute",
            "WayOut",
            ("Properties/RouteTableId", {"Ref": "VpcIsolatedSubnet1RouteTableEB156210"}),
        ),
    ),
    "SG-DEFAULT-CLOSED": ("Network", remove("VpcRestrictDefaultSecurityGroupCustomResource")),
    "FLOW-LOGS": ("Network", put("FlowLogsFlowLog", _P + "TrafficType", "REJECT")),
    "RDS-PRIVATE": ("Data", put("DatabaseInstance", _P + "PubliclyAccessible", ON)),
    "RDS-ENCRYPTED": ("Data", drop("DatabaseInstance", _P + "KmsKeyId")),
    "RDS-BACKUPS": ("Data", put("DatabaseInstance", _P + "BackupRetentionPeriod", 1)),
    "RDS-DELETION": ("Data", put("DatabaseInstance", _P + "DeletionProtection", OFF)),
    "RDS-STANDBY": ("Data", put("DatabaseInstance", _P + "MultiAZ", OFF)),
    "RDS-TLS": ("Data", put("DatabaseParameters", _P + "Parameters/rds.force_ssl", "0")),
    "RDS-LOGS": ("Data", drop("DatabaseInstance", _P + "EnableCloudwatchLogsExports")),
    "CACHE-ENCRYPTED": ("Data", put("CacheReplicationGroup", _P + "TransitEncryptionMode", "preferred")),
    "CACHE-STANDBY": ("Data", put("CacheReplicationGroup", _P + "NumCacheClusters", 1)),
    "CACHE-USERS": ("Data", drop("CacheReplicationGroup", _P + "UserGroupIds")),
    "CACHE-USER-RIGHTS": ("Data", put("CacheFunctionsUser", _P + "AccessString", "on ~* -@admin -@dangerous +@all")),
    "S3-PRIVATE": ("Data", put("AssetsBucket", _P + "PublicAccessBlockConfiguration/BlockPublicPolicy", OFF)),
    "S3-ENCRYPTED": ("Data", drop("AssetsBucket", _P + "BucketEncryption")),
    "S3-VERSIONED": ("Data", put("AssetsBucket", _P + "VersioningConfiguration/Status", "Suspended")),
    "S3-LOGGED": ("Data", drop("AssetsBucket", _P + "LoggingConfiguration")),
    "S3-LIFECYCLE": ("Data", drop("AssetsBucket", _P + "LifecycleConfiguration")),
    "KMS-ROTATION": ("Data", put("Key", _P + "EnableKeyRotation", OFF)),
    "KMS-DELETION": ("Data", put("Key", _P + "PendingWindowInDays", 7)),
    "LOGS-KEPT": ("Compute", drop("FunctionsApiLogs", _P + "RetentionInDays")),
    "SECRET-ENCRYPTED": ("Data", drop("DatabaseOwner", _P + "KmsKeyId")),
    "MESSAGES-ENCRYPTED": ("Monitoring", drop("AlertsTopic", _P + "KmsMasterKeyId")),
    "SQS-DEAD-LETTERS": ("Compute", drop("QueuesPosSyncQueue", _P + "RedrivePolicy")),
    "SQS-WORKER": ("Compute", put("QueuesPosSyncQueue", _P + "VisibilityTimeout", 60)),
    "LAMBDA-CODE": ("Compute", put(_FUNCTION, _P + "Code", {"ZipFile": "def handler(event, context): ..."})),
    "LAMBDA-URL": ("Compute", new("Url", {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE"}})),
    "LAMBDA-LOGS": ("Compute", drop(_FUNCTION, _P + "LoggingConfig")),
    "LAMBDA-STEERED": ("Compute", put(_FUNCTION, _VARIABLE + "AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper")),
    "CDN-PROTECTED": ("Frontend", drop("EdgeDistribution", _CDN + "WebACLId")),
    "CDN-HTTPS": ("Frontend", put("EdgeDistribution", _BEHAVIOR + "ViewerProtocolPolicy", "allow-all")),
    "CDN-ORIGIN": ("Frontend", drop("EdgeDistribution", _CDN + "Origins/0/OriginAccessControlId")),
    "CDN-UNCACHED": (
        "Frontend",
        put("EdgeDistribution", _CDN + "CacheBehaviors/0/CachePolicyId", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
    ),
    "CDN-HEADERS": ("Frontend", drop("EdgeDistribution", _BEHAVIOR + "ResponseHeadersPolicyId")),
    "HEADERS-SECURITY": ("Frontend", drop("EdgeSiteHeadersPolicy", _SECURITY + "StrictTransportSecurity")),
    "HEADERS-POLICY": (
        "Frontend",
        put(
            "EdgeSiteHeadersPolicy",
            _SECURITY + "ContentSecurityPolicy/ContentSecurityPolicy",
            "default-src 'self'; frame-ancestors 'none'; script-src 'unsafe-inline'",
        ),
    ),
    "WAF-BLOCKS": ("Frontend", put("FirewallWebAcl", _P + "Rules/0/OverrideAction", {"Count": {}})),
    "WAF-LOGGED": ("Frontend", remove("FirewallLogging")),
    "API-AUTHORIZED": ("Api", put("HttpApiGETapiproxy", _P + "AuthorizationType", "NONE")),
    "API-LOGGED": ("Api", drop("FrontDoorStage", _P + "AccessLogSettings")),
    "ALARM-HEARD": ("Monitoring", put("QueuesPosSyncAge", _P + "AlarmActions", [])),
    "ALARM-FIRES": ("Monitoring", put("QueuesPosSyncAge", _P + "DatapointsToAlarm", 30)),
    "ALARM-MISSING": ("Compute", new("Idle", {"Type": "AWS::SQS::Queue", "Properties": {}})),
    "STATE-KEPT": ("Data", put("DatabaseOwner", "DeletionPolicy", "Delete")),
    "SECRET-LITERAL": ("Compute", put(_FUNCTION, _VARIABLE + "SQUARE_TOKEN", "hunter2")),
    "SECRET-SHOWN": (
        "Compute",
        put(_FUNCTION, _VARIABLE + "LOGIN", "{{resolve:secretsmanager:flux/login:SecretString:password}}"),
    ),
    "CLEARTEXT": ("Compute", put(_FUNCTION, _VARIABLE + "PARTNER_URL", "http://partner.example")),
    "SECRET-ROTATES": ("Compute", remove("RotationsTokenKeySchedule")),
    "REF-READABLE": ("Compute", put(_FUNCTION, _P + "Role", {"Ref": "Nowhere"})),
}
_BY_MANIFEST = {"STATE-STACK"}  # test_gate.py: termination protection stands in no template


def _rules(production: list[WrittenStack], stack: str, apply: Callable[[Template], None]) -> set[str]:
    change = Change(layer="", stack=stack, what="", apply=apply)
    return {finding.rule for finding in judge(readings(change.to(production)))}


@pytest.mark.parametrize("rule", WEAKENINGS)
def test_the_rule_notices_the_weakening(rule: str, production: list[WrittenStack]) -> None:
    assert rule in _rules(production, *WEAKENINGS[rule])


def test_every_rule_is_tripped_by_something() -> None:
    assert set(WEAKENINGS) | _BY_MANIFEST == {rule.rule_id for rule in ALL_RULES}


def test_every_rule_has_its_own_id_a_source_and_a_remedy() -> None:
    assert len({rule.rule_id for rule in ALL_RULES}) == len(ALL_RULES)
    assert all(rule.source and rule.remedy for rule in ALL_RULES)


def _replica(template: Template) -> None:
    """A read replica, which has no standby, backups or owner of its own."""
    instance = "DatabaseInstance"
    twin(instance, "Replica", (_P + "SourceDBInstanceIdentifier", {"Ref": "DatabaseInstanceAA8A5FDE"}))(template)
    put("Replica", "DeletionPolicy", "Delete")(template)
    for name in (
        "MultiAZ",
        "BackupRetentionPeriod",
        "DeletionProtection",
        "DBInstanceIdentifier",
        "MasterUserPassword",
    ):
        drop("Replica", _P + name)(template)


# Safe additions, which no rule may refuse as such; what is missing with them is another rule's business.
SAFE: Mapping[str, tuple[str, Callable[[Template], None], set[str]]] = {
    "a read replica": ("Data", _replica, {"ALARM-MISSING"}),
    "a second function's variable with a secret's ARN": (
        "Compute",
        put(
            _FUNCTION,
            _VARIABLE + "DD_API_KEY_SECRET",
            "arn:aws:secretsmanager:us-east-1:333333333333:secret:datadog-Ab12Cd",
        ),
        set(),
    ),
    "a variable with a secret's name": ("Compute", put(_FUNCTION, _VARIABLE + "API_SECRET", "flux/prod/api-2"), set()),
    "a queue with its own dead letters": (
        "Compute",
        both(
            twin("QueuesPosSyncQueue", "SecondQueue"),
            twin("QueuesPosSyncQueuePolicy", "SecondPolicy", (_P + "Queues", [{"Ref": "SecondQueue"}])),
        ),
        {"ALARM-MISSING"},
    ),
}


@pytest.mark.parametrize("name", SAFE)
def test_what_is_safe_is_not_refused(name: str, production: list[WrittenStack]) -> None:
    stack, apply, missing = SAFE[name]
    assert _rules(production, stack, apply) == missing


def test_a_layer_of_another_account_is_one_finding_until_it_is_known(production: list[WrittenStack]) -> None:
    names = ("FunctionsApiFunction", "FunctionsSyncFunction", "FunctionsWebhookFunction")
    change = Change(
        layer="", stack="Compute", what="", apply=both(*(put(name, _P + "Layers", [_LAYER]) for name in names))
    )
    found = [f for f in judge(readings(change.to(production))) if f.rule == "ACCOUNT-FOREIGN"]
    assert ["464622532012" in finding.message for finding in found] == [True]
