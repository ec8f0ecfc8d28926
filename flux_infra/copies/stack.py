"""The vault in a second region that an environment's backups are copied to."""

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, Stack, Tags
from aws_cdk import aws_backup as backup
from aws_cdk import aws_kms as kms
from constructs import Construct

from ..config import Backups, FluxConfig
from ..constructs.names import backup_copies_name
from ..data.backups import LONGEST_DAYS

# The least that AWS Backup takes (AWS Backup Developer Guide, "AWS Backup Vault Lock"): time to find a mistake in.
_COOLING_OFF_DAYS = 3


class BackupCopiesStack(Stack):
    """`Flux-backup-copies-<environment>`: a vault locked in compliance mode, and its key.

    After three days nobody can shorten the lock, delete the vault or a copy in it before its time: no administrator, no
    stolen credentials, not AWS. So the copies survive whoever deletes everything else: see docs/decisions/0028.
    """

    def __init__(self, scope: Construct, *, config: FluxConfig, settings: Backups, region: str) -> None:
        super().__init__(
            scope,
            f"Flux-backup-copies-{config.name}",
            env=Environment(account=config.account, region=region),
            description=f"Flux {config.name}: copies of backups from {config.region}",
            termination_protection=True,
        )
        for tag, value in {"Application": "flux", "Environment": config.name, "Layer": "backup-copies"}.items():
            Tags.of(self).add(tag, value)
        name = backup_copies_name(config)
        key = kms.Key(
            self,
            "Key",
            alias=name,  # the role that copies knows it by this name
            description=f"Flux {config.name}: copies of backups",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=name,
            encryption_key=key,
            lock_configuration=backup.LockConfiguration(
                min_retention=Duration.days(settings.retention_days),
                max_retention=Duration.days(LONGEST_DAYS),
                changeable_for=Duration.days(_COOLING_OFF_DAYS),
            ),
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        CfnOutput(self, "BackupVaultArn", value=vault.backup_vault_arn)
