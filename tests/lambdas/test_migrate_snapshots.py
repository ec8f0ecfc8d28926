"""The snapshot before a migration, on ministack's RDS: a record of the instance, made and awaited by the real API."""

import secrets
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from psycopg import sql

from flux_core.aws import CLIENT_CONFIG
from migrate import handler as migrate
from migrate.errors import SnapshotError
from migrate.revisions import Revisions
from migrate.schema import SCRIPTS
from migrate.snapshots import snapshot_name, take_snapshot

from .support.lambda_events import Context
from .support.platform import Platform

INSTANCE = "flux-test-database"
HEAD = Revisions(SCRIPTS).head


@pytest.fixture(scope="module")
def instance(platform: Platform) -> Iterator[str]:
    """An instance in RDS; its data are in the platform's PostgreSQL."""
    del platform
    rds = boto3.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier=INSTANCE, DBInstanceClass="db.t4g.medium", Engine="postgres", AllocatedStorage=20
    )
    yield INSTANCE
    rds.delete_db_instance(DBInstanceIdentifier=INSTANCE, SkipFinalSnapshot=True)


@pytest.fixture
def database(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of its own, one revision behind, which the migrate function is told of."""
    name = f"flux_{secrets.token_hex(6)}"
    monkeypatch.setenv("DATABASE_SECRET", "database/owner")
    monkeypatch.setenv("DATABASE_NAME", name)
    monkeypatch.setenv("SNAPSHOT_INSTANCE", INSTANCE)
    with platform.connect_as_owner() as connection:
        connection.autocommit = True
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        migrate.migration.cache_clear()
        yield name
        migrate.migration.cache_clear()
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def upgrade(to: str) -> dict[str, object]:
    return migrate.handler({"action": "upgrade", "to": to}, Context())


def taken(instance: str) -> list[str]:
    snapshots = boto3.client("rds").describe_db_snapshots(DBInstanceIdentifier=instance)["DBSnapshots"]
    return [snapshot["DBSnapshotIdentifier"] for snapshot in snapshots]


def test_a_database_with_data_is_kept_in_a_snapshot_before_it_changes(instance: str, database: str) -> None:
    del database
    assert upgrade("0003")["snapshot"] is None  # it was empty
    snapshot = upgrade("0004")["snapshot"]
    assert isinstance(snapshot, str)
    assert snapshot.startswith("flux-test-migration-0003-to-0004-")
    assert snapshot in taken(instance)


def test_nothing_to_migrate_means_no_snapshot(instance: str, database: str) -> None:
    del database
    before = taken(instance)
    upgrade(HEAD)
    assert upgrade(HEAD)["snapshot"] is None
    assert taken(instance) == before


def test_without_a_snapshot_nothing_changes(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    del database
    upgrade("0003")
    monkeypatch.setenv("SNAPSHOT_INSTANCE", "no-such-database")
    migrate.migration.cache_clear()
    with pytest.raises(SnapshotError, match="Nothing was changed"):
        upgrade("0004")
    assert migrate.handler({"action": "status"}, Context())["current"] == "0003"


def test_a_request_that_is_delivered_twice_takes_one_snapshot(instance: str) -> None:
    rds = boto3.client("rds", config=CLIENT_CONFIG)
    names = [snapshot_name("test", before="0003", after="0004", request_id="same") for _ in range(2)]
    assert names[0] == names[1]
    assert {take_snapshot(rds, instance=instance, name=name) for name in names} == {names[0]}
    assert taken(instance).count(names[0]) == 1


def test_another_request_takes_another_snapshot() -> None:
    first, second = (
        snapshot_name("test", before="0003", after="0004", request_id=request) for request in ("first", "second")
    )
    assert first != second


def test_the_name_is_one_that_rds_takes(instance: str) -> None:
    with pytest.raises(ClientError, match="DBSnapshotNotFound"):
        boto3.client("rds").describe_db_snapshots(DBSnapshotIdentifier="flux-test-migration-nothing")
    name = snapshot_name("pr-123456789012345", before="0003", after="0004", request_id="x")
    assert len(name) <= 255
    assert "--" not in name
    assert take_snapshot(boto3.client("rds"), instance=instance, name=name) == name
