"""RDS: private, encrypted, backed up, and standing by where its data is kept."""

from collections.abc import Iterable

from ..finding import Rules
from ..model import Environment, Resource
from ..values import as_map, as_text

RULES = Rules()
INSTANCE = "AWS::RDS::DBInstance"


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
