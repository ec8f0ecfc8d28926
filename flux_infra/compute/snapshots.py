"""What the migrate function needs to take a snapshot of the database before it changes the schema."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from ..config import FluxConfig
from ..constructs.names import database_identifier, migration_snapshot_prefix
from .function import FluxFunction

_COLONS = ArnFormat.COLON_RESOURCE_NAME  # RDS's ARNs have no slash


def snapshot_environment(config: FluxConfig) -> dict[str, str]:
    """The instance to take a snapshot of; nothing where the data are disposable."""
    return {} if config.disposable else {"SNAPSHOT_INSTANCE": database_identifier(config)}


def grant_snapshots(migrate: FluxFunction, *, config: FluxConfig, key: kms.IKey) -> None:
    """Let it create and watch snapshots of this one instance under their own prefix; it can neither delete nor restore.

    key: what the instance is encrypted with, and so its snapshots (RDS User Guide, "AWS KMS key management": whoever
        creates an encrypted resource needs CreateGrant and DescribeKey).
    """
    if config.disposable:
        return
    stack = Stack.of(migrate)
    instance = stack.format_arn(
        service="rds", resource="db", resource_name=database_identifier(config), arn_format=_COLONS
    )
    snapshots = stack.format_arn(
        service="rds", resource="snapshot", resource_name=f"{migration_snapshot_prefix(config)}*", arn_format=_COLONS
    )
    iam.Grant.add_to_principal(
        grantee=migrate.function,
        actions=["rds:CreateDBSnapshot", "rds:DescribeDBSnapshots"],
        resource_arns=[instance, snapshots],
    )
    iam.Grant.add_to_principal(
        grantee=migrate.function,
        actions=["rds:AddTagsToResource"],  # the instance's tags are copied to its snapshots
        resource_arns=[snapshots],
    )
    iam.Grant.add_to_principal(
        grantee=migrate.function,
        actions=["kms:DescribeKey"],
        resource_arns=[key.key_arn],
    )
    iam.Grant.add_to_principal(
        grantee=migrate.function,
        actions=["kms:CreateGrant"],
        resource_arns=[key.key_arn],
        conditions={
            "StringEquals": {"kms:ViaService": f"rds.{config.region}.amazonaws.com"},
            "Bool": {"kms:GrantIsForAWSResource": "true"},
        },
    )
