"""A snapshot of the instance before its schema changes: what a migration destroyed can be fetched from it."""

import hashlib
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from flux_core.logs import logger

from .errors import SnapshotError

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

# Snapshots are incremental, so this is ample. It leaves the migration its share of the function's 900 s.
_WAIT_SECONDS = 420
_POLL_SECONDS = 5


def snapshot_name(environment: str, *, before: str, after: str, request_id: str) -> str:
    """`flux-<environment>-migration-<before>-to-<after>-<request>`; a request that is delivered twice has one name."""
    request = hashlib.sha256(request_id.encode()).hexdigest()[:8]
    return f"flux-{environment}-migration-{before}-to-{after}-{request}"


def take_snapshot(rds: "RDSClient", *, instance: str, name: str) -> str:
    """Take a snapshot of the instance and wait until it can be restored; returns its name.

    One that an earlier delivery of the same request began is waited for.

    Raises:
        SnapshotError: RDS refuses, or the snapshot is not available in time.
    """
    remedy = "Nothing was changed. See the instance's events in RDS, then deploy again"
    try:
        rds.create_db_snapshot(DBInstanceIdentifier=instance, DBSnapshotIdentifier=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "DBSnapshotAlreadyExists":
            raise SnapshotError(f"RDS takes no snapshot {name}: {error}. {remedy}") from error
    except BotoCoreError as error:
        raise SnapshotError(f"RDS does not answer: {error}. {remedy}") from error
    logger.info("waiting for a snapshot of the database", extra={"snapshot": name})
    try:
        rds.get_waiter("db_snapshot_available").wait(
            DBSnapshotIdentifier=name,
            WaiterConfig={"Delay": _POLL_SECONDS, "MaxAttempts": _WAIT_SECONDS // _POLL_SECONDS},
        )
    except (WaiterError, BotoCoreError) as error:
        raise SnapshotError(
            f"snapshot {name} is not available after {_WAIT_SECONDS} s: {error}. {remedy}; "
            "the next one has little left to copy"
        ) from error
    return name
