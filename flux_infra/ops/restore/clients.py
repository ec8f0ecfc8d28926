"""What is used of boto3's clients `rds` and `backup`."""
# ruff: noqa: N803 - AWS's names

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NotRequired, Protocol, TypedDict


class Listener(TypedDict):
    """Where an instance listens."""

    Address: str
    Port: int


class SubnetGroup(TypedDict):
    """Where an instance stands."""

    DBSubnetGroupName: str


class ParameterGroup(TypedDict):
    """How an instance is set."""

    DBParameterGroupName: str


class Instance(TypedDict):
    """An instance of RDS."""

    DBInstanceIdentifier: str
    DBInstanceArn: str
    DBInstanceClass: str
    DBInstanceStatus: str
    Endpoint: Listener
    DBSubnetGroup: SubnetGroup
    DBParameterGroups: Sequence[ParameterGroup]
    PendingModifiedValues: NotRequired[Mapping[str, object]]


class Instances(TypedDict):
    """A page of instances."""

    DBInstances: Sequence[Instance]
    Marker: NotRequired[str]


class Tag(TypedDict):
    """A tag."""

    Key: str
    Value: str


class Rds(Protocol):
    """RDS."""

    def describe_db_instances(self, *, DBInstanceIdentifier: str = ..., Marker: str = ...) -> Instances:
        """One instance, or a page of all."""

    def restore_db_instance_from_db_snapshot(  # noqa: PLR0913 - AWS's parameters
        self,
        *,
        DBInstanceIdentifier: str,
        DBSnapshotIdentifier: str,
        DBInstanceClass: str,
        DBSubnetGroupName: str,
        DBParameterGroupName: str,
        VpcSecurityGroupIds: Sequence[str],
        Port: int,
        MultiAZ: bool,
        PubliclyAccessible: bool,
        DeletionProtection: bool,
        AutoMinorVersionUpgrade: bool,
        Tags: Sequence[Tag],
    ) -> object:
        """Begin a restore."""

    def delete_db_instance(
        self, *, DBInstanceIdentifier: str, SkipFinalSnapshot: bool, DeleteAutomatedBackups: bool
    ) -> object:
        """Begin a deletion."""


class RecoveryPointItem(TypedDict):
    """A backup in a vault."""

    RecoveryPointArn: str
    Status: str
    CreationDate: datetime


class RecoveryPoints(TypedDict):
    """A page of backups."""

    RecoveryPoints: Sequence[RecoveryPointItem]
    NextToken: NotRequired[str]


class StartedJob(TypedDict):
    """A backup that was asked for."""

    BackupJobId: str


class Job(TypedDict):
    """A backup job."""

    State: str
    StatusMessage: NotRequired[str]


class Backup(Protocol):
    """AWS Backup."""

    def list_recovery_points_by_backup_vault(
        self, *, BackupVaultName: str, ByResourceArn: str, NextToken: str = ...
    ) -> RecoveryPoints:
        """A page of a vault's backups of one resource."""

    def start_backup_job(
        self,
        *,
        BackupVaultName: str,
        ResourceArn: str,
        IamRoleArn: str,
        IdempotencyToken: str,
        Lifecycle: Mapping[str, int],
    ) -> StartedJob:
        """Begin a backup."""

    def describe_backup_job(self, *, BackupJobId: str) -> Job:
        """How a backup is doing."""
