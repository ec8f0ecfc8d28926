"""Backups of the database that outlive it: in a vault of AWS Backup, every day, copied to a second region."""

from aws_cdk import Duration
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from ..config import Backups, FluxConfig, OptOut
from ..constructs.names import backup_copies_name, backup_vault_name
from ..constructs.removal import state_removal
from .backup_role import build_backup_role

# An hour after RDS's own backup and its Sunday maintenance, in which AWS Backup's jobs for RDS fail ("Plan options and
# configuration", AWS Backup Developer Guide); before America has breakfast.
_HOUR_UTC = 10

# A lock's longest retention: a backup "for ever" could never be deleted again.
LONGEST_DAYS = 366


class DatabaseBackups(Construct):
    """A vault, a plan that fills it every day, and the role that AWS Backup acts in (FSBP RDS.26, Backup.1).

    The lock is in governance mode: a deployment can correct it, and a backup cannot be deleted before its time. The
    copies' vault is locked for everybody and for good: see docs/decisions/0028.

    Attributes:
        vault: `flux-<environment>-backups`.
        role: what AWS Backup may do.
    """

    def __init__(  # noqa: PLR0913 - what is backed up, where, and how
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        settings: Backups,
        instance: rds.IDatabaseInstance,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        self.vault = backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=backup_vault_name(config),
            encryption_key=key,
            lock_configuration=backup.LockConfiguration(
                min_retention=Duration.days(settings.retention_days), max_retention=Duration.days(LONGEST_DAYS)
            )
            if settings.locked is True
            else None,
            removal_policy=state_removal(config),
        )
        self.role = build_backup_role(self, "Role", config=config, settings=settings, vault=self.vault, key=key)
        backup.BackupSelection(
            self,
            "Selection",
            backup_plan=self._plan(config, settings),
            backup_selection_name="database",
            resources=[backup.BackupResource.from_rds_database_instance(instance)],
            role=self.role,
            disable_default_backup_policy=True,  # AWS's own covers every service and every resource
        )

    def _plan(self, config: FluxConfig, settings: Backups) -> backup.BackupPlan:
        return backup.BackupPlan(
            self,
            "Plan",
            backup_plan_name=f"flux-{config.name}-daily",
            backup_plan_rules=[
                backup.BackupPlanRule(
                    rule_name="daily",
                    backup_vault=self.vault,
                    schedule_expression=events.Schedule.cron(hour=str(_HOUR_UTC), minute="0"),
                    start_window=Duration.hours(1),
                    completion_window=Duration.hours(8),
                    delete_after=Duration.days(settings.retention_days),
                    copy_actions=self._copies(config, settings) or None,
                )
            ],
        )

    def _copies(self, config: FluxConfig, settings: Backups) -> list[backup.BackupPlanCopyActionProps]:
        if isinstance(settings.copy_region, OptOut):
            return []
        arn = f"arn:aws:backup:{settings.copy_region}:{config.account}:backup-vault:{backup_copies_name(config)}"
        return [
            backup.BackupPlanCopyActionProps(
                destination_backup_vault=backup.BackupVault.from_backup_vault_arn(self, "CopiesVault", arn),
                delete_after=Duration.days(settings.retention_days),
            )
        ]
