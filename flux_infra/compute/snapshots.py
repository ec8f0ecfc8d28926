"""What the migrate function needs to take a snapshot of the database before it changes the schema."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_kms as kms

from ..config import FluxConfig
from ..constructs.names import database_identifier, migration_snapshot_prefix
from .function import FluxFunction

_COLONS = ArnFormat.COLON_RESOURCE_NAME  # RDS's ARNs have no slash


def allow_snapshots(migrate: FluxFunction, *, config: FluxConfig, key: kms.IKey) -> None:
    """Let it create and watch snapshots of this one instance under their own prefix; it can neither delete nor restore.

    Nothing of it where the data are ephemeral.

    key: what the instance is encrypted with, and so its snapshots (RDS User Guide, "AWS KMS key management": whoever
        creates an encrypted resource needs CreateGrant and DescribeKey).
    """
    if config.ephemeral:
        return
    migrate.set_variables({"SNAPSHOT_INSTANCE": database_identifier(config)})
    stack = Stack.of(migrate)
    instance = stack.format_arn(
        service="rds", resource="db", resource_name=database_identifier(config), arn_format=_COLONS
    )
    snapshots = stack.format_arn(
        service="rds", resource="snapshot", resource_name=f"{migration_snapshot_prefix(config)}*", arn_format=_COLONS
    )
    migrate.allow("rds:CreateDBSnapshot", "rds:DescribeDBSnapshots", on=[instance, snapshots])
    migrate.allow("rds:AddTagsToResource", on=[snapshots])  # the instance's tags are copied to its snapshots
    migrate.allow("kms:DescribeKey", on=[key.key_arn])
    migrate.allow(
        "kms:CreateGrant",
        on=[key.key_arn],
        conditions={
            "StringEquals": {"kms:ViaService": f"rds.{config.region}.amazonaws.com"},
            "Bool": {"kms:GrantIsForAWSResource": "true"},
        },
    )
