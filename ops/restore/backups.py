"""The backups that AWS Backup holds of an environment's database."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from flux_infra.config import Backups

from ..aws import Aws
from ..errors import OpsError
from ..stacks import DeployedStack

_JOB_SECONDS = 8 * 3_600  # the plan's completion window
_ENDED = ("COMPLETED", "FAILED", "ABORTED", "EXPIRED", "PARTIAL")


@dataclass(frozen=True, kw_only=True)
class RecoveryPoint:
    """A backup. For RDS it is a snapshot, which RDS restores without AWS Backup.

    snapshot: its name in RDS. taken: when its job began; everything that was stored before is in it.
    """

    snapshot: str
    taken: datetime


def latest(aws: Aws, data: DeployedStack, *, database: str) -> RecoveryPoint:
    """The newest complete backup of a database.

    Raises:
        OpsError: there is none.
    """
    vault = data.output("BackupVaultName")
    pages = aws.backups.get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName=vault, ByResourceArn=database
    )
    complete = [point for page in pages for point in page["RecoveryPoints"] if point["Status"] == "COMPLETED"]
    if not complete:
        raise OpsError(
            f"vault {vault} holds no complete backup of {database}",
            remedy="see docs/runbooks/a-backup-failed.md; in an environment made today give --backup-now",
        )
    newest = max(complete, key=lambda point: point["CreationDate"])
    _, _, snapshot = newest["RecoveryPointArn"].partition(":snapshot:")
    return RecoveryPoint(snapshot=snapshot, taken=newest["CreationDate"].astimezone(UTC))


def back_up_now(aws: Aws, data: DeployedStack, settings: Backups, *, database: str) -> None:
    """Take a backup beside the plan's, kept for as long; returns when it is complete.

    Raises:
        OpsError: it failed, or is not complete in time.
    """
    job = aws.backups.start_backup_job(
        BackupVaultName=data.output("BackupVaultName"),
        ResourceArn=database,
        IamRoleArn=data.output("BackupRoleArn"),
        IdempotencyToken=str(uuid.uuid4()),
        Lifecycle={"DeleteAfterDays": settings.retention_days},
    )["BackupJobId"]
    state = aws.poll(
        lambda: aws.backups.describe_backup_job(BackupJobId=job),
        until=lambda seen: seen["State"] in _ENDED,
        seconds=_JOB_SECONDS,
    )
    if state["State"] not in _ENDED:
        raise OpsError(f"backup job {job} is still {state['State']}", remedy="look at it in AWS Backup, then again")
    if state["State"] != "COMPLETED":
        raise OpsError(
            f"backup job {job} is {state['State']}: {state.get('StatusMessage', 'no message')}",
            remedy="follow docs/runbooks/a-backup-failed.md",
        )
