"""Snapshots of RDS for PostgreSQL: each is a real backup of the real database, and a restored instance is another one.

As on RDS, a restored instance has the rows, the roles and the passwords of the moment of the snapshot. Not imitated:
that it takes minutes; these requests answer when the work is done.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ministack.services import rds

from .rds import DATABASES, DEFAULT_PORT, Database, group_parameters, publish_endpoint
from .rds_actions import Action, Answer, Parameters, refusal, text
from .servers.postgres import Master
from .servers.unprivileged import ServerError
from .settings import settings

_OK = 200


@dataclass(frozen=True, kw_only=True)
class _Backup:
    """The data of a snapshot.

    group: the parameter group that its instance was in.
    """

    folder: Path
    master: Master
    group: str


_BACKUPS: dict[str, _Backup] = {}


class SnapshotError(Exception):
    """A snapshot cannot be taken; the message says why."""


def take_snapshot(name: str, instance: str, *, kind: str = "manual") -> str:
    """Back the instance's database up under the snapshot's name; answers the snapshot's ARN.

    Raises:
        SnapshotError: there is no such database, or PostgreSQL refuses.
    """
    database, record = DATABASES.get(instance), rds._instances.get(instance)
    if database is None or record is None:
        raise SnapshotError(f"DBInstance {instance} not found")
    folder = settings().state / "rds-snapshots" / name
    try:
        database.server.back_up(folder)
    except ServerError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise SnapshotError(str(error)) from error
    # The password is in the data; what the instance's record says may be older.
    master = replace(database.server.master, password=None)
    group = record["DBParameterGroups"][0]["DBParameterGroupName"]
    _BACKUPS[name] = _Backup(folder=folder, master=master, group=group)
    snapshot = rds._create_snapshot_internal(name, record)
    snapshot["SnapshotType"] = kind
    return str(snapshot["DBSnapshotArn"])


def _create(stock: Action, parameters: Parameters) -> Answer:
    """CreateDBSnapshot: ministack's answer, and the data behind it."""
    name, instance = text(parameters, "DBSnapshotIdentifier"), text(parameters, "DBInstanceIdentifier")
    if name and name not in rds._snapshots and instance in DATABASES:
        try:
            take_snapshot(name, instance)
        except SnapshotError as error:
            return refusal("InvalidDBInstanceState", str(error))
        del rds._snapshots[name]  # ministack writes its own record, with the request's tags
    return stock(parameters)


def _forget(stock: Action, parameters: Parameters) -> Answer:
    """DeleteDBSnapshot: the data go, too."""
    answered = stock(parameters)
    backup = _BACKUPS.pop(text(parameters, "DBSnapshotIdentifier"), None) if answered[0] == _OK else None
    if backup is not None:
        shutil.rmtree(backup.folder)
    return answered


def _restore(stock: Action, parameters: Parameters) -> Answer:
    """RestoreDBInstanceFromDBSnapshot: ministack's record completed, and a database with the snapshot's data."""
    snapshot, instance = text(parameters, "DBSnapshotIdentifier"), text(parameters, "DBInstanceIdentifier")
    backup = _BACKUPS.get(snapshot)
    if backup is None and snapshot in rds._snapshots:
        return refusal("InvalidDBSnapshotState", f"DBSnapshot {snapshot} has no data on this machine.")
    answered = stock(parameters)
    if answered[0] != _OK or backup is None:
        return answered
    group = text(parameters, "DBParameterGroupName") or backup.group
    try:
        database = Database.create(
            settings().state / "rds" / instance,
            master=backup.master,
            parameters=group_parameters(group),
            port=int(text(parameters, "Port") or DEFAULT_PORT),
            backup=backup.folder,
        )
    except (ServerError, OSError) as error:
        del rds._instances[instance]
        return refusal("InvalidRestoreFault", str(error))
    DATABASES[instance] = database
    publish_endpoint(instance, database)
    return _restored(instance, parameters, group)


def _restored(instance: str, parameters: Parameters, group: str) -> Answer:
    record = rds._instances[instance]
    subnets = rds._subnet_groups.get(text(parameters, "DBSubnetGroupName"))
    record.update(
        DBParameterGroups=[{"DBParameterGroupName": group, "ParameterApplyStatus": "in-sync"}],
        VpcSecurityGroups=[
            {"VpcSecurityGroupId": one, "Status": "active"}
            for one in rds._parse_member_list(parameters, "VpcSecurityGroupIds")
        ],
        DeletionProtection=text(parameters, "DeletionProtection") == "true",
        KmsKeyId=rds._snapshots[text(parameters, "DBSnapshotIdentifier")]["KmsKeyId"],
        TagList=rds._parse_tags(parameters),
    )
    if subnets is not None:
        record["DBSubnetGroup"] = subnets
    rds._tags[record["DBInstanceArn"]] = record["TagList"]
    answer: Answer = rds._single_instance_response(
        "RestoreDBInstanceFromDBSnapshotResponse", "RestoreDBInstanceFromDBSnapshotResult", record
    )
    return answer


def _delete(stock: Action, parameters: Parameters) -> Answer:
    """DeleteDBInstance: the database ends, and its data go."""
    instance = text(parameters, "DBInstanceIdentifier")
    answered = stock(parameters)
    database = DATABASES.pop(instance, None) if instance not in rds._instances else None
    if database is not None:
        database.discard()
    return answered


def _change_password(instance: Mapping[str, str], old_pass: str, new_pass: str) -> None:
    """ModifyDBInstance's MasterUserPassword; here PostgreSQL restarts for it, and sessions end."""
    del old_pass
    database = DATABASES.get(instance["DBInstanceIdentifier"])
    if database is not None:
        server = database.server
        database.change(master=replace(server.master, password=new_pass), parameters=server.parameters)


def install() -> None:
    """Put data behind ministack's snapshots."""
    for action, complete in {
        "CreateDBSnapshot": _create,
        "DeleteDBSnapshot": _forget,
        "RestoreDBInstanceFromDBSnapshot": _restore,
        "DeleteDBInstance": _delete,
    }.items():
        rds._ACTION_MAP[action] = partial(complete, rds._ACTION_MAP[action])
    rds._rotate_instance_password = _change_password
