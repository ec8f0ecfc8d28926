"""PostgreSQL: encrypted, private, standing by, backed up, and bounded in how long it may hang."""

from collections.abc import Iterable

from ..finding import Broken, Rules
from ..model import Environment
from ..sizes import at_least_as_large
from ..wanted import (
    FALSE,
    NOT_TRUE,
    TRUE,
    WHILE_ASLEEP,
    at_least,
    between,
    contains,
    exactly,
    kept,
    one_of,
    or_absent,
    window,
)

RULES = Rules()
INSTANCE = "AWS::RDS::DBInstance"
_KEY = ("${Data/Key.Arn}", "${Data/Key}")


def has_standby(environment: Environment) -> bool:
    """Whether configuration asks for a standby; it can opt out only with a reason."""
    return environment.config is None or environment.config.database.standby is True


def _backup_days(environment: Environment) -> int:
    return environment.config.database.backup_days if environment.config else 14


def _storage(environment: Environment) -> int:
    return environment.config.database.storage_gib if environment.config else 20


RULES.demands(
    INSTANCE,
    ("RDS-ENCRYPTED", "StorageEncrypted", TRUE, "FSBP RDS.3", "set storage_encryption_key"),
    ("RDS-OWN-KEY", "KmsKeyId", one_of(*_KEY), "FSBP RDS.3", "encrypt with the data layer's key"),
    ("RDS-PRIVATE", "PubliclyAccessible", FALSE, "FSBP RDS.2", "set publicly_accessible=False"),
    (
        "RDS-POINT-IN-TIME",
        "BackupRetentionPeriod",
        between(_backup_days, 35),
        "FSBP RDS.11",
        "keep backups for Database.backup_days",
    ),
    ("RDS-IAM-LOGIN", "EnableIAMDatabaseAuthentication", TRUE, "FSBP RDS.10", "set iam_authentication"),
    ("RDS-LOGS", "EnableCloudwatchLogsExports", contains("postgresql", "upgrade"), "FSBP RDS.36", "export both logs"),
    (
        "RDS-ENHANCED-MONITORING",
        "MonitoringInterval",
        one_of("1", "5", "10", "15", "30", "60"),
        "FSBP RDS.6",
        "set monitoring_interval to 60 s or less",
    ),
    (
        "RDS-MONITORING-ROLE",
        "MonitoringRoleArn",
        one_of("${Data/DatabaseMonitoringRole.Arn}"),
        "FSBP RDS.6",
        "give enhanced monitoring its own role",
    ),
    (
        "RDS-PERFORMANCE-INSIGHTS",
        "EnablePerformanceInsights",
        TRUE,
        "RDS User Guide, Performance Insights",
        "set enable_performance_insights",
    ),
    (
        "RDS-PERFORMANCE-INSIGHTS-KEY",
        "PerformanceInsightsKMSKeyId",
        one_of(*_KEY),
        "RDS User Guide, Performance Insights",
        "encrypt its data with the data layer's key",
    ),
    (
        "RDS-PERFORMANCE-INSIGHTS-DAYS",
        "PerformanceInsightsRetentionPeriod",
        at_least(7),
        "RDS User Guide, Performance Insights",
        "keep 7 days or more",
    ),
    (
        "RDS-STORAGE-GROWS",
        "MaxAllocatedStorage",
        at_least(lambda environment: 2 * _storage(environment)),
        "RDS User Guide, Storage autoscaling",
        "let storage grow to twice its size or more",
    ),
    (
        "RDS-STORAGE",
        "AllocatedStorage",
        at_least(_storage),
        "environments.py, Database.storage_gib",
        "give what configuration says",
    ),
    (
        "RDS-STORAGE-TYPE",
        "StorageType",
        one_of("gp3", "io1", "io2"),
        "RDS User Guide, Storage types",
        "use gp3 or provisioned IOPS; gp2 and magnetic run out of credits",
    ),
    ("RDS-MINOR-UPGRADES", "AutoMinorVersionUpgrade", TRUE, "FSBP RDS.13", "set auto_minor_version_upgrade"),
    ("RDS-TAGGED-SNAPSHOTS", "CopyTagsToSnapshot", TRUE, "FSBP RDS.17", "set copy_tags_to_snapshot"),
    (
        "RDS-PARAMETERS",
        "DBParameterGroupName",
        one_of("${Data/DatabaseParameters}"),
        "FSBP RDS.38",
        "attach our own parameter group",
    ),
    ("RDS-SUBNETS", "DBSubnetGroupName", one_of("${Data/DatabaseSubnets}"), "FSBP RDS.46", "use the isolated subnets"),
    (
        "RDS-SECURITY-GROUP",
        "VPCSecurityGroups",
        exactly("${Data/DatabaseSecurityGroup.GroupId}"),
        "FSBP RDS.2",
        "use the database's own group alone",
    ),
    ("RDS-ENGINE", "Engine", one_of("postgres"), "README.md", "Flux speaks PostgreSQL"),
    (
        "RDS-ENGINE-VERSION",
        "EngineVersion",
        at_least(18),
        "RDS User Guide, PostgreSQL release calendar",
        "use the newest major version that Flux is tested on",
    ),
    (
        "RDS-CERTIFICATE-AUTHORITY",
        "CACertificateIdentifier",
        one_of("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"),
        "RDS User Guide, Rotating your SSL/TLS certificate",
        "name a current certificate authority",
    ),
    (
        "RDS-IDENTIFIER",
        "DBInstanceIdentifier",
        one_of("flux-<name>-database"),
        "building/naming.py",
        "keep the name; RDS derives its log groups from it",
    ),
    (
        "RDS-DATABASE-NAME",
        "DBName",
        one_of("flux"),
        "Logical identity of state",
        "keep it; another name replaces the database",
    ),
    (
        "RDS-MAJOR-UPGRADES",
        "AllowMajorVersionUpgrade",
        NOT_TRUE,
        "RDS User Guide, Upgrading PostgreSQL",
        "change major versions by the runbook, on a copy first",
    ),
    ("RDS-NETWORK", "NetworkType", one_of("", "IPV4"), "FSBP RDS.2", "speak IPv4, which the VPC's rules are about"),
    (
        "RDS-INSIGHTS",
        "DatabaseInsightsMode",
        one_of("", "standard", "advanced"),
        "RDS User Guide, Database Insights",
        "name a mode that RDS knows",
    ),
    ("RDS-IOPS", "Iops", or_absent(at_least(12_000)), "RDS User Guide, gp3 storage", "gp3's own 12,000 or more"),
    (
        "RDS-THROUGHPUT",
        "StorageThroughput",
        or_absent(at_least(500)),
        "RDS User Guide, gp3 storage",
        "gp3's own 500 MiB/s or more",
    ),
    (
        "RDS-BACKUP-WINDOW",
        "PreferredBackupWindow",
        WHILE_ASLEEP,
        "RDS User Guide, Backup window",
        "back up while restaurants sleep",
    ),
    (
        "RDS-MAINTENANCE-WINDOW",
        "PreferredMaintenanceWindow",
        WHILE_ASLEEP,
        "RDS User Guide, Maintenance window",
        "maintain while restaurants sleep",
    ),
    ("RDS-PORT", "Port", one_of("5433"), "FSBP RDS.23", "do not listen on 5432"),
    (
        "RDS-ADMIN-NAME",
        "MasterUsername",
        one_of("flux_owner"),
        "FSBP RDS.25",
        "do not use a well-known administrator's name",
    ),
    (
        "RDS-PASSWORD",
        "MasterUserPassword",
        one_of("{{resolve:secretsmanager:${Data/DatabaseOwner}:SecretString:password::}}"),
        "FSBP SecretsManager",
        "resolve the generated owner's secret; never write a password",
    ),
)
RULES.demands(
    INSTANCE,
    ("RDS-STANDBY", "MultiAZ", TRUE, "FSBP RDS.5", "set multi_az, or opt out with a reason in Database.standby"),
    when=has_standby,
)
RULES.demands(
    INSTANCE,
    ("RDS-DELETION-PROTECTED", "DeletionProtection", TRUE, "FSBP RDS.8", "set deletion_protection where data is kept"),
    (
        "RDS-KEEPS-BACKUPS",
        "DeleteAutomatedBackups",
        FALSE,
        "RDS User Guide, Retaining automated backups",
        "set delete_automated_backups=False",
    ),
    when=kept,
)


@RULES.rule("RDS-CLASS", source="environments.py, Database.instance_class", remedy="run the class configured")
def the_instance_has_the_configured_size(environment: Environment) -> Iterable[Broken]:
    """Memory decides max_connections, on which the connection budget rests."""
    for instance in environment.of(INSTANCE):
        wanted = f"db.{environment.config.database.instance_class}" if environment.config else ""
        found = instance.text("DBInstanceClass")
        if wanted and not at_least_as_large(found, wanted):
            yield Broken(resource=instance, what=f"is a {found}, but configuration says {wanted}")


@RULES.rule("RDS-WINDOWS-APART", source="RDS User Guide, Backup window", remedy="let one end before the other opens")
def backups_and_maintenance_do_not_meet(environment: Environment) -> Iterable[Broken]:
    """RDS refuses windows that overlap."""
    for instance in environment.of(INSTANCE):
        backup, maintenance = (window(instance.get(f"Preferred{kind}Window")) for kind in ("Backup", "Maintenance"))
        if backup and maintenance and backup[0] < maintenance[1] and maintenance[0] < backup[1]:
            yield Broken(resource=instance, what="is backed up and maintained at the same time")


@RULES.rule(
    "RDS-OWNER-ATTACHED",
    source="Secrets Manager User Guide, SecretTargetAttachment",
    remedy="attach the owner's secret to the instance",
)
def the_owners_secret_knows_its_database(environment: Environment) -> Iterable[Broken]:
    """Without it the secret has no host, and rotation could not find the database."""
    for instance in environment.of(INSTANCE):
        attached = [
            attachment
            for attachment in environment.of("AWS::SecretsManager::SecretTargetAttachment")
            if attachment.text("TargetId") == instance.refers()
            and attachment.text("SecretId") == "${Data/DatabaseOwner}"
            and attachment.text("TargetType") == INSTANCE
        ]
        if not attached:
            yield Broken(resource=instance, what="no secret is attached to it as its owner's")
    for attachment in environment.of("AWS::SecretsManager::SecretTargetAttachment"):
        if attachment.text("SecretId") != "${Data/DatabaseOwner}":
            yield Broken(resource=attachment, what="rewrites a secret that is not the owner's")


@RULES.rule(
    "RDS-MONITORING-READY", source="FSBP RDS.6", remedy="let the instance depend on its monitoring role's policy"
)
def the_monitoring_role_may_write_when_it_is_handed_over(environment: Environment) -> Iterable[Broken]:
    """RDS refuses an instance whose monitoring role has no permissions yet."""
    policy = environment.named("Data/DatabaseMonitoringRoleDefaultPolicy")
    for instance in environment.of(INSTANCE):
        if policy is None or policy.logical_id not in instance.depends_on:
            yield Broken(resource=instance, what="may be handed its monitoring role before that may write")


@RULES.rule("RDS-LOG-GROUPS", source="FSBP RDS.36; CIS 4.x", remedy="make the group before the instance writes to it")
def exported_logs_have_groups_of_ours(environment: Environment) -> Iterable[Broken]:
    """A log group that RDS makes by itself is unencrypted and kept for ever."""
    names = {group.text("LogGroupName") for group in environment.of("AWS::Logs::LogGroup")}
    for instance in environment.of(INSTANCE):
        for log in instance.texts("EnableCloudwatchLogsExports"):
            name = f"/aws/rds/instance/{instance.text('DBInstanceIdentifier')}/{log}"
            group = next((g for g in environment.of("AWS::Logs::LogGroup") if g.text("LogGroupName") == name), None)
            if group is not None and group.logical_id not in instance.depends_on:
                yield Broken(resource=instance, what=f"may write its log {log} before our group is there")
            if log in ("postgresql", "upgrade") and name not in names:
                yield Broken(resource=instance, what=f"its log {log} goes to {name}, which no stack makes")
