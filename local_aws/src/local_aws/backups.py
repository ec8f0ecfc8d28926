"""AWS Backup: a backup job of a database takes a real snapshot, and recovery points are what such jobs left behind.

ministack has the service's records, without selections in CloudFormation, locks and recovery points. Not imitated: a
plan's schedule (`StartBackupJob` is what a plan would do), copies to another region, and the end of a retention.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import override

from ministack import app
from ministack.services import backup

from .rds_snapshots import SnapshotError, take_snapshot
from .resources import Request, Resource, ResourceType, Stock, register
from .values import Json, Properties

_OF_JOB = (
    *("RecoveryPointArn", "BackupVaultName", "BackupVaultArn", "ResourceArn", "ResourceType", "IamRoleArn"),
    *("CreationDate", "CompletionDate"),
)
"""What a recovery point has of the job that made it."""

type Answer = tuple[int, dict[str, str], bytes]
type Handler = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, object]], Awaitable[Answer]]


class Vault(Stock):
    """`AWS::Backup::BackupVault`, telling of its lock. Nothing holds anybody to it here."""

    name = "AWS::Backup::BackupVault"

    @override
    def complete(self, made: Resource, request: Request) -> Resource:
        lock = request.properties.child("LockConfiguration")
        vault = backup._vaults[made.physical_id]
        vault["Locked"] = bool(lock.values)
        if "MinRetentionDays" in lock:
            vault["MinRetentionDays"] = lock.number("MinRetentionDays")
        return made


class Selection(ResourceType):
    """`AWS::Backup::BackupSelection`: what a plan backs up, as which role. Any change replaces it, as on AWS."""

    name = "AWS::Backup::BackupSelection"

    @override
    def create(self, request: Request) -> Resource:
        plan = request.properties.text("BackupPlanId")
        selection = dict(request.properties.child("BackupSelection").values)
        status, _, body = backup._create_selection(plan, {"BackupSelection": selection})
        made = json.loads(body)
        if status != 200:
            raise ValueError(f"BackupPlanId={plan!r}: {made['Message']}")
        physical_id = f"{made['SelectionId']}|{plan}"  # as CloudFormation answers Ref
        attributes: dict[str, Json] = {"BackupPlanId": plan, "SelectionId": made["SelectionId"], "Id": physical_id}
        return Resource(physical_id=physical_id, attributes=attributes)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        backup._selections.pop(physical_id.partition("|")[0], None)


def _start_job(body: Mapping[str, str]) -> Answer:
    """StartBackupJob: ministack's record once there is a snapshot, which is the recovery point."""
    status, headers, answered = backup._start_job(body)
    if status != 200:
        return status, headers, answered
    made = json.loads(answered)
    job = backup._jobs[made["BackupJobId"]]
    kind, _, instance = str(job["ResourceArn"]).rpartition(":db:")
    job["ResourceType"] = "RDS"
    try:
        if not kind:
            raise SnapshotError(f"{job['ResourceArn']}: AWS on this machine backs up databases of RDS only")  # noqa: TRY301
        job["RecoveryPointArn"] = take_snapshot(f"awsbackup:job-{job['BackupJobId']}", instance, kind="awsbackup")
    except SnapshotError as error:
        # On AWS, too, the request is accepted and the job fails.
        job.update(State="FAILED", StatusMessage=str(error), RecoveryPointArn="")
        backup._vaults[job["BackupVaultName"]]["NumberOfRecoveryPoints"] -= 1
    return status, headers, json.dumps({**made, "RecoveryPointArn": job["RecoveryPointArn"]}).encode()


def _recovery_points(vault_name: str, query: Mapping[str, str]) -> Answer:
    """ListRecoveryPointsByBackupVault: what completed jobs left, newest first."""
    if vault_name not in backup._vaults:
        missing: Answer = backup._not_found(f"Vault '{vault_name}' not found.")
        return missing
    jobs = [
        job
        for job in backup._jobs.values()
        if job["BackupVaultName"] == vault_name
        and job["State"] == "COMPLETED"
        and query.get("resourceArn", job["ResourceArn"]) == job["ResourceArn"]
    ]
    points = [{**{member: job[member] for member in _OF_JOB}, "Status": "COMPLETED"} for job in reversed(jobs)]
    page: Answer = backup._paginate(points, query, "RecoveryPoints")
    return page


def _off_the_event_loop(stock: Handler) -> Handler:
    """Take backups in a thread: the event loop must not wait for a database."""

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, object]
    ) -> Answer:
        if method == "PUT" and path.strip("/") == "backup-jobs":
            return await asyncio.to_thread(_start_job, json.loads(body))
        return await stock(method, path, headers, body, query)

    return handle


def install() -> None:
    """Add selections, locks and recovery points."""
    register(Vault(), Selection())
    backup._list_recovery_points_by_vault = _recovery_points
    app.SERVICE_HANDLERS["backup"] = _off_the_event_loop(backup.handle_request)
