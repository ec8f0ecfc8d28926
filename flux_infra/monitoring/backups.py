"""Monitoring of the database's backups: one that fails, and one that is not even tried."""

from aws_cdk import Duration
from aws_cdk import aws_backup as backup
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ..config import Backups, FluxConfig, Severity
from .section import FIVE_MINUTES, Section

DAY = Duration.days(1)

# States of a job that leave no backup ("AWS Backup metrics with CloudWatch", AWS Backup Developer Guide).
_FAILED = ("Aborted", "Expired", "Failed")


class BackupsSection(Section):
    """The vault's jobs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: FluxConfig,
        settings: Backups,
        vault: backup.IBackupVault,
    ) -> None:
        super().__init__(scope, construct_id, title="Backups", config=config)
        self._vault = vault
        self._failed()
        if isinstance(settings.copy_region, str):
            self._copies_failed(settings.copy_region)
        if not config.ephemeral:
            self._none_completed()

    def _failed(self) -> None:
        failed = cloudwatch.MathExpression(
            expression="SUM(METRICS())",
            using_metrics={
                state.lower(): self._metric(f"NumberOfBackupJobs{state}", state.lower()) for state in _FAILED
            },
            period=FIVE_MINUTES,
            label="jobs that left no backup",
        )
        alarm = self._alarm(
            "backup-failed",
            severity=Severity.TICKET,
            metric=failed,
            threshold=0,
            impact="A backup of the database failed; the latest one is a day older than it should be.",
            first="read the job's message in AWS Backup.",
            runbook="a-backup-failed",
        )
        self._graph("Backups: jobs", [self._metric("NumberOfBackupJobsCompleted", "completed"), failed], alarms=[alarm])

    def _copies_failed(self, region: str) -> None:
        self._alarm(
            "backup-copy-failed",
            severity=Severity.TICKET,
            metric=self._metric("NumberOfCopyJobsFailed", "copies that failed"),
            threshold=0,
            impact=f"A backup was not copied to {region}; without copies the loss of this region loses the data.",
            first="read the copy job's message in AWS Backup.",
            runbook="a-backup-failed",
        )

    def _none_completed(self) -> None:
        self._missing(
            "backup",
            metric=self._metric("NumberOfBackupJobsCompleted", "completed", period=DAY),
            # Two days, because a job may begin an hour later than yesterday's did.
            periods=2,
            impact="No backup of the database was completed for two days, and none need have failed.",
            first="see in AWS Backup that plan and selection are there.",
            runbook="a-backup-failed",
        )

    def _metric(self, name: str, label: str, *, period: Duration = FIVE_MINUTES) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/Backup",
            metric_name=name,
            dimensions_map={"BackupVaultName": self._vault.backup_vault_name},
            statistic="Sum",
            label=label,
            period=period,
        )
