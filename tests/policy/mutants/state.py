"""Weakenings of what holds state: by settings that are added, and by values that deploy but do not serve."""

from collections.abc import Callable
from typing import cast

from .change import OFF, ON, Change, Json, Template, add, both, drop, insert, new, put, section

_DB, _CACHE, _USER, _P = "DatabaseInstance", "CacheReplicationGroup", "CacheFunctionsUser", "Properties/"
_KEY, _POLICY = _P + "KeyPolicy/Statement", _P + "PolicyDocument/Statement"
_MADE, _RULES = _P + "GenerateSecretString/", _P + "LifecycleConfiguration/Rules"
_PARAMETER, _BACKUP = _P + "Parameters/", _P + "BackupPlan/BackupPlanRule/0/"
_ACCESS = _P + "AccessString"
_ROOT: Json = {"AWS": "arn:aws:iam::333333333333:root"}
_EVERYTHING: Json = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_OWNERS_PASSWORD: Json = {
    "Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "DatabaseOwnerD07B5662"}, ":SecretString:password::}}"]]
}
_LIST: Json = {
    "Id": "x",
    "Enabled": True,
    "IncludedObjectVersions": "All",
    "ScheduleFrequency": "Daily",
    "Destination": {"BucketArn": "arn:aws:s3:::other", "Format": "CSV"},
}
_STREAM: Json = {
    "DestinationType": "kinesis-firehose",
    "DestinationDetails": {"KinesisFirehoseDetails": {"DeliveryStream": "other"}},
    "LogFormat": "json",
    "LogType": "slow-log",
}
_TELLS: Json = {
    "BackupVaultEvents": ["BACKUP_JOB_FAILED"],
    "SNSTopicArn": "arn:aws:sns:us-east-1:999999999999:x",
}


def _made(kind: str, **properties: Json) -> Json:
    return {"Type": kind, "Properties": properties}


def _deny(*actions: str) -> Json:
    return {"Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": "*"}


def _outputs(template: Template) -> dict[str, Json]:
    return cast("dict[str, Json]", template["Outputs"])


def _output(name: str, logical_id: str) -> Callable[[Template], None]:
    """Let an output mean the id of another security group."""

    def apply(template: Template) -> None:
        _outputs(template)[name] = {"Value": {"Fn::GetAtt": [logical_id, "GroupId"]}}

    return apply


def _without_output(name: str) -> Callable[[Template], None]:
    def apply(template: Template) -> None:
        del _outputs(template)[name]

    return apply


_KEYS = (
    ("the account uses the key by any service", drop("Key", _KEY + "/2/Condition")),
    ("secrets cannot use the key", drop("Key", _KEY + "/2")),
    (
        "the key's service is any",
        put("Key", _KEY + "/2/Condition", {"StringLike": {"kms:ViaService": "*.amazonaws.com"}}),
    ),
    (
        "the account is locked out by a condition",
        put("Key", _KEY + "/0/Condition", {"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
    ),
    ("nobody may decrypt", add("Key", _KEY, _deny("kms:Decrypt"))),
    (
        "all but one are refused",
        add("Key", _KEY, {"Effect": "Deny", "NotPrincipal": _ROOT, "Action": "kms:*", "Resource": "*"}),
    ),
    ("a key is replicated", new("Replica", _made("AWS::KMS::ReplicaKey", PrimaryKeyArn="arn", KeyPolicy={}))),
    (
        "a namesake stands in for the key",
        both(
            new("Key00000000", _made("AWS::KMS::Key", EnableKeyRotation=True)),
            put(_DB, _P + "KmsKeyId", {"Fn::GetAtt": ["Key00000000", "Arn"]}),
        ),
    ),
)

_SECRETS = (
    (
        "everybody reads the owner's secret",
        new(
            "Read",
            _made(
                "AWS::SecretsManager::ResourcePolicy",
                SecretId={"Ref": "DatabaseOwnerD07B5662"},
                ResourcePolicy={"Statement": [_EVERYTHING]},
            ),
        ),
    ),
    (
        "the owner's password is put into a parameter",
        new("Put", _made("AWS::SSM::Parameter", Type="String", Value=_OWNERS_PASSWORD)),
    ),
    ("a password is put into a description", put("Key", _P + "Description", _OWNERS_PASSWORD)),
    ("the owner's password may hold what RDS refuses", drop("DatabaseOwner", _MADE + "ExcludeCharacters")),
    ("the cache's password may hold what it refuses", put("CacheUser", _MADE + "ExcludeCharacters", " ")),
    ("the owner's password is longer than RDS takes", put("DatabaseOwner", _MADE + "PasswordLength", 400)),
    (
        "a value is written beside the generated one",
        put("SecretsTokenKeys", _MADE + "SecretStringTemplate", '{"kid": "1", "old": "hunter2"}'),
    ),
    ("the token key has no name", put("SecretsTokenKeys", _MADE + "SecretStringTemplate", "{}")),
    ("a secret's template is no JSON", put("SecretsOrigin", _MADE + "SecretStringTemplate", "{")),
    (
        "a secret's user is said twice",
        put("DatabaseOwner", _MADE + "SecretStringTemplate", '{"username": "flux_owner", "username": "flux_app"}'),
    ),
    ("a secret has no key's attribute", put("SecretsOrigin", _P + "KmsKeyId", {"Fn::GetAtt": ["Key961B73FD"]})),
    (
        "RDS rewrites the functions' secret",
        new(
            "Attached",
            _made(
                "AWS::SecretsManager::SecretTargetAttachment",
                SecretId={"Ref": "DatabaseFunctions817F84D1"},
                TargetId={"Ref": "DatabaseInstanceAA8A5FDE"},
                TargetType="AWS::RDS::DBInstance",
            ),
        ),
    ),
    ("the attachment is a condition's", put("DatabaseOwnerAttachment", "Condition", "Sometimes")),
)

_DATABASE = (
    ("the database is restored from a snapshot", put(_DB, _P + "DBSnapshotIdentifier", "rds:old")),
    (
        "the database copies another one",
        put(_DB, _P + "SourceDBInstanceIdentifier", "arn:aws:rds:us-east-1:999999999999:db:x"),
    ),
    (
        "the database exports by a role",
        put(_DB, _P + "AssociatedRoles", [{"FeatureName": "s3Export", "RoleArn": "arn:aws:iam::333333333333:role/x"}]),
    ),
    ("the database manages its own password", put(_DB, _P + "ManageMasterUserPassword", ON)),
    ("major versions change by themselves", put(_DB, _P + "AllowMajorVersionUpgrade", "true")),
    ("a branch has no ways", put(_DB, _P + "StorageEncrypted", {"Fn::If": []})),
    ("a choice is of nothing", put(_DB, _P + "DBName", {"Fn::Select": []})),
    (
        "a condition says nothing",
        both(section("Conditions", {"C": {"Fn::Not": []}}), put(_DB, _P + "MultiAZ", {"Fn::If": ["C", ON, OFF]})),
    ),
    ("the database speaks IPv6", put(_DB, _P + "NetworkType", "DUAL")),
    ("the database has one core", put(_DB, _P + "ProcessorFeatures", [{"Name": "coreCount", "Value": "1"}])),
    ("the database is slowed down", put(_DB, _P + "Iops", 1000)),
    ("the database is maintained at dinner", put(_DB, _P + "PreferredMaintenanceWindow", "fri:23:00-sat:01:00")),
    ("the database is backed up at dinner", put(_DB, _P + "PreferredBackupWindow", "00:00-01:00")),
    ("the database is backed up while it is maintained", put(_DB, _P + "PreferredBackupWindow", "08:30-09:30")),
    ("a second database is nobody's", new("Second", _made("AWS::RDS::DBInstance", DBInstanceClass="db.t4g.micro"))),
    (
        "the database flows into another account",
        new("Flow", _made("AWS::RDS::Integration", SourceArn="a", TargetArn="b")),
    ),
    ("the group of a kept database goes", put("DatabaseSecurityGroup", "DeletionPolicy", "Delete")),
    ("the database goes out anywhere", put("DatabaseSecurityGroup", _P + "SecurityGroupEgress", [])),
    (
        "a reference leads to another region",
        put("CacheSecurityGroup", _P + "VpcId/Fn::GetStackOutput/Region", "eu-west-1"),
    ),
    (
        "a reference is read by another role",
        put("CacheSecurityGroup", _P + "VpcId/Fn::GetStackOutput/RoleArn", "arn:aws:iam::999999999999:role/x"),
    ),
    (
        "a condition that nothing states makes it public",
        put(_DB, _P + "PubliclyAccessible", {"Fn::If": ["Open", False, True]}),
    ),
    (
        "a condition takes the protection away",
        both(
            section("Conditions", {"Quiet": {"Fn::Equals": [{"Ref": "BootstrapVersion"}, "x"]}}),
            put(_DB, _P + "DeletionProtection", {"Fn::If": ["Quiet", OFF, ON]}),
        ),
    ),
    *(
        (f"the parameter {name} is {value}", put("DatabaseParameters", _PARAMETER + name, value))
        for name, value in (
            ("synchronous_commit", "off"),
            ("log_statement", "all"),
            ("ssl_min_protocol_version", "TLSv1"),
            ("password_encryption", "md5"),
            ("row_security", "off"),
            ("autovacuum", "0"),
            ("max_connections", "10"),
            ("log_parameter_max_length_on_error", "-1"),
            ("lc_messages", "fr_FR"),
        )
    ),
)

_CACHES = (
    ("the cache has a token of its own", put(_CACHE, _P + "AuthToken", _OWNERS_PASSWORD)),
    ("the cache begins with somebody's data", put(_CACHE, _P + "SnapshotArns", ["arn:aws:s3:::other/dump.rdb"])),
    (
        "the cache stands in one zone by name",
        put(_CACHE, _P + "PreferredCacheClusterAZs", ["us-east-1a", "us-east-1a"]),
    ),
    (
        "the cache's log flows elsewhere",
        put(_CACHE, _P + "LogDeliveryConfigurations", [_STREAM]),
    ),
    ("the cache is maintained at dinner", put(_CACHE, _P + "PreferredMaintenanceWindow", "fri:23:00-sat:01:00")),
    ("the cache's user may empty it after all", put(_USER, _ACCESS, "on ~* &* +@all -@admin -@dangerous +flushall")),
    ("the cache's user may do all that comes later", put(_USER, _ACCESS, "on ~* &* -@admin -@dangerous allcommands")),
    ("the cache's user has a selector", put(_USER, _ACCESS, "on ~* &* +@all -@admin -@dangerous (~* +@all)")),
    ("the cache's user may do nothing", put(_USER, _ACCESS, "on ~* &* -@all")),
    ("the cache's user is off in the end", put(_USER, _ACCESS, "on ~* &* +@all -@admin -@dangerous off")),
    ("the cache's user brings a password", put(_USER, _ACCESS, "on ~* &* +@all -@admin -@dangerous >hunter2")),
    ("the cache's user has two passwords", add(_USER, _P + "Passwords", _OWNERS_PASSWORD)),
    ("the cache's user logs in otherwise", put(_USER, _P + "AuthenticationMode", {"Type": "iam"})),
    ("the cache's user has another id", put(_USER, _P + "UserId", "other")),
    ("there is a second cache", new("Second", _made("AWS::ElastiCache::ServerlessCache", ServerlessCacheName="x"))),
)

_BUCKETS = (
    (
        "a bucket's list goes elsewhere",
        put("AssetsBucket", _P + "InventoryConfigurations", [_LIST]),
    ),
    (
        "a bucket tells another account",
        put("AssetsBucket", _P + "NotificationConfiguration", {"TopicConfigurations": []}),
    ),
    ("a bucket has a second door", new("Door", _made("AWS::S3::AccessPoint", Bucket={"Ref": "AssetsBucket252B3DF7"}))),
    (
        "a policy is spelled so that nobody knows its bucket",
        new(
            "Odd",
            _made(
                "AWS::S3::BucketPolicy",
                Bucket={"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["AssetsBucket252B3DF7", "Arn"]}]}]},
                PolicyDocument={"Statement": [_EVERYTHING]},
            ),
        ),
    ),
    (
        "objects have two owners",
        add("AssetsBucket", _P + "OwnershipControls/Rules", {"ObjectOwnership": "ObjectWriter"}),
    ),
    ("nobody may read assets", add("AssetsBucketPolicy", _POLICY, _deny("s3:Get*"))),
    ("logs cannot be delivered", add("AssetsAccessLogsPolicy", _POLICY, _deny("s3:PutObject"))),
    (
        "old TLS is measured by a word",
        put("AssetsBucketPolicy", _POLICY + "/1/Condition/NumericLessThan/s3:TlsVersion", "TLS1.2"),
    ),
    (
        "objects freeze in a day",
        put("AssetsBucket", _RULES + "/0/Transitions", [{"StorageClass": "DEEP_ARCHIVE", "TransitionInDays": 1}]),
    ),
    (
        "some objects are deleted",
        add("AssetsBucket", _RULES, {"Status": "Enabled", "Prefix": "models/", "ExpirationInDays": 1}),
    ),
    (
        "objects are deleted on a day",
        add("AssetsBucket", _RULES, {"Status": "Enabled", "ExpirationDate": "2026-01-01T00:00:00Z"}),
    ),
    (
        "some old versions are deleted at once",
        insert(
            "AssetsBucket",
            _RULES,
            {"Status": "Enabled", "Prefix": "a", "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
        ),
    ),
    (
        "access logs are delivered where they may not",
        put("AssetsBucket", _P + "LoggingConfiguration/LogFilePrefix", "other/"),
    ),
)

_BACKUPS = (
    (
        "a drill restores into the live database's group",
        _output("RestoredSecurityGroupId", "DatabaseSecurityGroup5C91FDCB"),
    ),
    ("a drill does not learn its vault", _without_output("BackupVaultName")),
    ("the lock refuses every backup", put("BackupsVault", _P + "LockConfiguration/MinRetentionDays", 350)),
    ("the lock refuses backups that are kept so long", put("BackupsPlan", _BACKUP + "Lifecycle/DeleteAfterDays", 3000)),
    ("a backup has a minute to end", put("BackupsPlan", _BACKUP + "CompletionWindowMinutes", 1)),
    ("a backup has a minute to start", put("BackupsPlan", _BACKUP + "StartWindowMinutes", "1")),
    ("backups go to cold storage", put("BackupsPlan", _BACKUP + "Lifecycle/MoveToColdStorageAfterDays", 1)),
    ("the vault refuses backups", put("BackupsVault", _P + "AccessPolicy", {"Statement": [_deny("backup:*")]})),
    (
        "the vault tells another account",
        put("BackupsVault", _P + "Notifications", _TELLS),
    ),
    (
        "copies are not encrypted by the second region",
        put(
            "BackupsRoleDefaultPolicy",
            _POLICY + "/7/Condition/StringEquals/kms:ViaService",
            "rds.us-east-1.amazonaws.com",
        ),
    ),
    (
        "a role's trust is of a version that does not exist",
        put("BackupsRole", _P + "AssumeRolePolicyDocument/Version", "2012-10-18"),
    ),
)


MUTANTS = tuple(
    Change(layer="data", stack="Data", what=what, apply=apply)
    for changes in (_KEYS, _SECRETS, _DATABASE, _CACHES, _BUCKETS, _BACKUPS)
    for what, apply in changes
)
