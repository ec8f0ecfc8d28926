"""RDS: private, encrypted, backed up, and standing by where its data is kept."""

from collections.abc import Iterable

from ..finding import Rules
from ..matchers import FALSE, PRESENT, TRUE, between
from ..model import Environment, Resource
from ..values import as_map, as_text

RULES = Rules()
INSTANCE = "AWS::RDS::DBInstance"


def _primary(instance: Resource, environment: Environment) -> bool:
    """Whether it is no read replica, which takes backups and standby from its source."""
    return not instance.get("SourceDBInstanceIdentifier")


def _kept_primary(instance: Resource, environment: Environment) -> bool:
    return environment.kept and _primary(instance, environment)


RULES.properties(
    "RDS-PRIVATE",
    INSTANCE,
    {"PubliclyAccessible": FALSE, "DBSubnetGroupName": PRESENT, "VPCSecurityGroups": PRESENT},
    source="FSBP RDS.2, RDS.46",
    remedy="set publicly_accessible=False, and name subnets and security groups",
)
RULES.properties(
    "RDS-ENCRYPTED",
    INSTANCE,
    {"StorageEncrypted": TRUE, "KmsKeyId": PRESENT},
    source="FSBP RDS.3; CIS 3.2.1",
    remedy="set storage_encryption_key",
)
RULES.properties(
    "RDS-BACKUPS",
    INSTANCE,
    {"BackupRetentionPeriod": between(7, 35), "CopyTagsToSnapshot": TRUE},
    source="FSBP RDS.11, RDS.17",
    remedy="keep backups for 7 days or more; RDS keeps none for more than 35",
    when=_primary,
)
RULES.properties(
    "RDS-DELETION",
    INSTANCE,
    {"DeletionProtection": TRUE, "DeleteAutomatedBackups": FALSE},
    source="FSBP RDS.8; RDS User Guide, Retaining automated backups",
    remedy="set deletion_protection, and delete_automated_backups=False",
    when=_kept_primary,
)
RULES.properties(
    "RDS-STANDBY",
    INSTANCE,
    {"MultiAZ": TRUE},
    source="FSBP RDS.5; CIS 3.2.4",
    remedy="set multi_az, or opt out with a reason in Database.standby",
    opt_out="Database.standby",
    when=_primary,
)


@RULES.of("RDS-TLS", INSTANCE, source="FSBP RDS.38", remedy="attach a parameter group with rds.force_ssl = 1")
def connections_are_encrypted(instance: Resource, environment: Environment) -> Iterable[str]:
    """PostgreSQL is asked by rds.force_ssl, MySQL by require_secure_transport."""
    group = environment.find(instance.text("DBParameterGroupName"))
    parameters = as_map(group.get("Parameters")) if group else {}
    demanded = {as_text(parameters.get(name)).lower() for name in ("rds.force_ssl", "require_secure_transport")}
    if not demanded & {"1", "on", "true"}:
        yield "accepts connections without TLS" if group else "has no parameter group that demands TLS"


@RULES.of("RDS-LOGS", INSTANCE, source="FSBP RDS.9, RDS.36", remedy="export the logs, each to a log group of the stack")
def logs_are_exported_to_groups_of_ours(instance: Resource, environment: Environment) -> Iterable[str]:
    """A log group that RDS makes by itself is not encrypted with our key, and kept for ever."""
    exported, name = instance.texts("EnableCloudwatchLogsExports"), instance.text("DBInstanceIdentifier")
    if not exported:
        yield "exports no logs"
    groups = {group.text("LogGroupName"): group.logical_id for group in environment.of("AWS::Logs::LogGroup")}
    for log in exported if name else ():
        group = groups.get(f"/aws/rds/instance/{name}/{log}")
        if group is None:
            yield f"writes its log {log} to /aws/rds/instance/{name}/{log}, which no stack makes"
        elif group not in instance.depends_on:
            yield f"may write its log {log} before its log group is there; let it depend on the group"
