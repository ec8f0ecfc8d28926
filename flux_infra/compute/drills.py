"""What the migrate function needs to look into a database that a restore drill restored."""

from aws_cdk import ArnFormat, Stack

from ..config import FluxConfig
from ..constructs.names import drill_prefix
from ..data.stack import DataStack
from .function import FluxFunction


def allow_drills(migrate: FluxFunction, *, config: FluxConfig, data: DataStack) -> None:
    """Let it find drills' instances, give their owner today's password, and connect; nothing of it where none are.

    It can neither restore nor delete one, and it cannot change the live database.
    """
    if data.restored is None:
        return
    data.restored.allow_from(migrate)
    instances = Stack.of(migrate).format_arn(
        service="rds",
        resource="db",
        resource_name=f"{drill_prefix(config)}*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    migrate.allow("rds:DescribeDBInstances", "rds:ModifyDBInstance", on=[instances])
