"""A database restored beside the live one, for as long as a drill lasts."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from flux_infra.constructs.names import drill_prefix

from ..aws import Aws
from ..errors import OpsError
from ..stacks import DeployedStack
from .backups import RecoveryPoint

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

# Far beyond any target: a restore that takes longer has failed, and costs money by the hour.
_LONGEST_SECONDS = 6 * 3_600
_LOST = ("failed", "incompatible", "inaccessible", "restore-error", "storage-full")


def find_instance(aws: Aws, name: str) -> "DBInstanceTypeDef | None":
    """An instance by its name; None if there is none."""
    try:
        (found,) = aws.databases.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    except ClientError as error:
        if error.response["Error"]["Code"].startswith("DBInstanceNotFound"):
            return None
        raise
    return found


def refuse_leftovers(aws: Aws) -> None:
    """Refuse a second drill beside a first, which may still run or may have been cut off.

    Raises:
        OpsError: an instance of a drill is there.
    """
    pages = aws.databases.get_paginator("describe_db_instances").paginate()
    found = [instance["DBInstanceIdentifier"] for page in pages for instance in page["DBInstances"]]
    names = [name for name in found if name.startswith(drill_prefix(aws.config))]
    if names:
        raise OpsError(
            f"another drill's instance is there: {', '.join(names)}",
            remedy=f"if nobody's drill is running, delete it: {_by_hand(names[0])}",
        )


@contextmanager
def restored(
    aws: Aws, data: DeployedStack, live: "DBInstanceTypeDef", point: RecoveryPoint, *, echo: Callable[[str], None]
) -> Iterator[str]:
    """Restore a backup beside the live database; gives the instance's name once it is available, and deletes it after.

    It is as private as the live one, and in a security group that only the migrate function passes.

    Raises:
        OpsError: RDS cannot restore it, or it cannot be deleted; the message says how to do so by hand.
    """
    name = f"{drill_prefix(aws.config)}{datetime.now(UTC):%Y%m%d-%H%M%S}"
    tags = {"Application": "flux", "Environment": aws.config.name, "Layer": "data", "Purpose": "restore-drill"}
    try:
        aws.databases.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=name,
            DBSnapshotIdentifier=point.snapshot,
            DBInstanceClass=live["DBInstanceClass"],
            DBSubnetGroupName=live["DBSubnetGroup"]["DBSubnetGroupName"],
            DBParameterGroupName=live["DBParameterGroups"][0]["DBParameterGroupName"],
            VpcSecurityGroupIds=[data.output("RestoredSecurityGroupId")],
            Port=live["Endpoint"]["Port"],
            MultiAZ=False,
            PubliclyAccessible=False,
            DeletionProtection=False,
            AutoMinorVersionUpgrade=False,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        echo(f"restoring {point.snapshot} as {name}; on AWS this takes some minutes")
        await_available(aws, name)
        yield name
    finally:
        # Also after Ctrl-C, and if only the answer to our request was lost.
        echo(f"deleting {name}")
        _delete(aws, name)


def await_available(aws: Aws, name: str) -> None:
    """Return when an instance is available and no change of it is under way.

    Raises:
        OpsError: it never will be, or not in time.
    """
    deadline = time.monotonic() + _LONGEST_SECONDS
    while True:
        found = find_instance(aws, name)
        status = "gone" if found is None else found["DBInstanceStatus"]
        if found is not None and status == "available" and not found.get("PendingModifiedValues"):
            return
        if found is None or status.startswith(_LOST) or time.monotonic() > deadline:
            raise OpsError(f"instance {name} is {status}", remedy="read its events in RDS, then run the drill again")
        time.sleep(aws.poll_seconds)


def _delete(aws: Aws, name: str) -> None:
    deadline = time.monotonic() + _LONGEST_SECONDS
    try:
        while (found := find_instance(aws, name)) is not None:
            if time.monotonic() > deadline:
                raise OpsError(f"{name} is still {found['DBInstanceStatus']}", remedy=f"delete it: {_by_hand(name)}")
            if found["DBInstanceStatus"] != "deleting":
                _ask_to_delete(aws, name)
            time.sleep(aws.poll_seconds)
    except (ClientError, KeyboardInterrupt) as error:
        raise OpsError(f"{name} may still be there: {error or 'interrupted'}", remedy=_by_hand(name)) from error


def _ask_to_delete(aws: Aws, name: str) -> None:
    try:
        aws.databases.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
    except ClientError as error:
        # RDS deletes no instance that it is still making; asked again at the next look.
        if not error.response["Error"]["Code"].startswith(("InvalidDBInstanceState", "DBInstanceNotFound")):
            raise


def _by_hand(name: str) -> str:
    return f"aws rds delete-db-instance --db-instance-identifier {name} --skip-final-snapshot"
