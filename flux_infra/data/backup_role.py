"""What AWS Backup may do to back up the one database, and no other resource of the account."""

from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import Backups, FluxConfig, OptOut
from ..constructs.names import backup_copies_name, database_identifier
from ..constructs.role import ServiceRole


def build_backup_role(  # noqa: PLR0913 - what the role is about
    scope: Construct,
    construct_id: str,
    *,
    config: FluxConfig,
    settings: Backups,
    vault: backup.IBackupVault,
    key: kms.IKey,
) -> ServiceRole:
    """Return the role: the part of AWSBackupServiceRolePolicyForBackup about RDS, narrowed to our instance.

    Restores are not in it: an operator restores with their own rights, because a recovery point of RDS is a snapshot.
    AWS Backup chooses the names of its snapshots (`awsbackup:job-` and a random part), hence their wildcard.
    """
    role = ServiceRole(scope, construct_id, service="backup.amazonaws.com", for_account=config.account)
    regions = [config.region] if isinstance(settings.copy_region, OptOut) else [config.region, settings.copy_region]
    snapshots = [f"arn:aws:rds:{region}:{config.account}:snapshot:awsbackup:*" for region in regions]
    instance = f"arn:aws:rds:{config.region}:{config.account}:db:{database_identifier(config)}"
    for actions, resources in (
        (["rds:CreateDBSnapshot", "rds:DescribeDBInstances"], [instance]),
        (["rds:ListTagsForResource"], [instance, *snapshots]),
        (["rds:DescribeDBSnapshots"], [instance, *snapshots]),
        (["rds:AddTagsToResource", "rds:CreateDBSnapshot", "rds:DeleteDBSnapshot"], snapshots),
        (["backup:DescribeBackupVault"], [vault.backup_vault_arn]),
        (["kms:DescribeKey"], [key.key_arn]),
        (["tag:GetResources"], ["*"]),  # has no resource level
    ):
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
    through_rds = {"StringEquals": {"kms:ViaService": [f"rds.{region}.amazonaws.com" for region in regions]}}
    for_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    role.add_to_policy(
        iam.PolicyStatement(actions=["kms:CreateGrant"], resources=[key.key_arn], conditions={**through_rds, **for_aws})
    )
    if not isinstance(settings.copy_region, OptOut):
        _allow_copies(role, config=config, region=settings.copy_region, snapshots=snapshots, key=key)
    return role


def _allow_copies(role: iam.Role, *, config: FluxConfig, region: str, snapshots: list[str], key: kms.IKey) -> None:
    """Let it copy snapshots to the vault in the second region, under that vault's key."""
    name = backup_copies_name(config)
    role.add_to_policy(iam.PolicyStatement(actions=["rds:CopyDBSnapshot"], resources=snapshots))
    # As AWS's policy has it. Where a copy may go is decided below.
    role.add_to_policy(iam.PolicyStatement(actions=["backup:CopyFromBackupVault"], resources=["*"]))
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"],
            resources=[f"arn:aws:backup:{region}:{config.account}:backup-vault:{name}"],
        )
    )
    through_rds = {"kms:ViaService": [f"rds.{one}.amazonaws.com" for one in (config.region, region)]}
    copying = ["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"]
    copying += ["kms:ReEncryptFrom", "kms:ReEncryptTo"]
    role.add_to_policy(
        iam.PolicyStatement(actions=copying, resources=[key.key_arn], conditions={"StringEquals": through_rds})
    )
    # The other stack's key is only known by its alias, and IAM takes aliases in conditions alone.
    aliased = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{name}"}}
    keys = [f"arn:aws:kms:{region}:{config.account}:key/*"]
    role.add_to_policy(iam.PolicyStatement(actions=["kms:DescribeKey"], resources=keys, conditions=aliased))
    role.add_to_policy(
        iam.PolicyStatement(actions=copying, resources=keys, conditions={**aliased, "StringEquals": through_rds})
    )
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["kms:CreateGrant"],
            resources=keys,
            conditions={
                **aliased,
                "StringEquals": through_rds,
                "Bool": {"kms:GrantIsForAWSResource": "true"},
            },
        )
    )
