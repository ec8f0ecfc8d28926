"""Servers that fall silent while the connection stays open: the client itself stops waiting."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from valkey import Valkey

from flux_core.bounded_connection import BoundedConnection, DatabaseSilentError
from flux_core.cache import Cache, build_client
from flux_core.database import Database
from flux_core.logins import connection_string
from flux_core.secrets import Login, Secrets
from flux_core.settings import CacheSettings, DatabaseSettings
from flux_core.tenancy import RestaurantId
from migrate.migration import Migration
from migrate.settings import MigrateSettings
from rotation import database_login
from rotation.strategy import RotationError, Value
from tests.support.fault_proxy import FaultProxy, Way

from .support.platform import CACHE_USER, FUNCTIONS, Platform
from .support.restaurants import open_restaurant
from .support.stopping import stopped_database


def database(platform: Platform, *, port: int | None = None) -> Database:
    settings = DatabaseSettings.load()
    settings = settings.model_copy(update={"database_port": port or settings.database_port})
    return Database(settings, Secrets(platform.secrets), statement_seconds=1)


def test_a_stopped_database_is_waited_for_no_longer_than_a_statement_may_take(platform: Platform) -> None:
    connected = database(platform)
    connected.ping()
    with stopped_database(platform):
        with pytest.raises(DatabaseSilentError):
            connected.ping()
        with pytest.raises(psycopg.OperationalError, match="timeout"):  # neither does connecting again hang
            connected.ping()
    connected.ping()


def test_a_write_that_meets_silence_is_not_done_twice(platform: Platform) -> None:
    tenant = RestaurantId(open_restaurant(platform).id)
    connected = database(platform)
    attempts: list[int] = []

    def work(cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
        attempts.append(1)
        with stopped_database(platform):
            cursor.execute("SELECT 1")

    with pytest.raises(DatabaseSilentError):
        connected.write(tenant, work)
    assert len(attempts) == 1
    connected.ping()


def test_a_network_that_swallows_packets_is_no_reason_to_hang(platform: Platform) -> None:
    with FaultProxy(platform.database_port) as network:
        connected = database(platform, port=network.port)
        connected.ping()
        with network.failing(Way.SWALLOWED), pytest.raises(DatabaseSilentError):
            connected.ping()
        connected.ping()


def test_the_kernel_ends_connections_whose_packets_nobody_acknowledges() -> None:
    described = psycopg.conninfo.conninfo_to_dict(
        connection_string(DatabaseSettings.load(), Login.model_validate(FUNCTIONS))
    )
    assert described["tcp_user_timeout"] == "10000"
    assert {described[f"keepalives_{part}"] for part in ("idle", "interval", "count")} == {"10", "5", "2"}


def test_a_migration_gives_up_on_a_silent_database(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrate.migration.EXCHANGE_SECONDS", 1)
    settings = MigrateSettings.load().model_copy(update={"database_secret": "database/owner"})
    with FaultProxy(platform.database_port) as network:
        settings = settings.model_copy(update={"database_port": network.port})
        migration = Migration(settings, Secrets(platform.secrets))
        with swallowing_after_connecting(network), pytest.raises(OperationalError, match="not answered"):
            migration.status()


def test_a_rotation_gives_up_on_a_silent_database(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_login, "ANSWER_SECONDS", 1)
    with FaultProxy(platform.database_port) as network:
        settings = DatabaseSettings.load().model_copy(update={"database_port": network.port})
        value = Value(content=json.dumps(FUNCTIONS), created=dt.datetime.now(dt.UTC))
        with swallowing_after_connecting(network), pytest.raises(RotationError, match="not answered"):
            database_login.DatabaseLogin(settings).test(value)


@contextmanager
def swallowing_after_connecting(network: FaultProxy) -> Iterator[None]:
    connect = BoundedConnection.connect
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:

        def connect_and_swallow(*arguments: object, **options: object) -> object:
            connection = connect(*arguments, **options)  # type: ignore[arg-type]  # passed on as they came
            stack.enter_context(network.failing(Way.SWALLOWED))
            return connection

        patch.setattr(BoundedConnection, "connect", connect_and_swallow)
        yield


@contextmanager
def demoted(admin: Valkey) -> Iterator[None]:
    """What a failover makes of the primary."""
    admin.replicaof("127.0.0.1", 1)
    try:
        yield
    finally:
        admin.replicaof("NO", "ONE")


def test_a_cache_that_has_become_a_replica_is_left_for_the_new_primary(platform: Platform) -> None:
    settings = CacheSettings.load()
    now = [0.0]
    cache = Cache(settings, Secrets(platform.secrets), clock=lambda: now[0])
    with build_client(settings, Login.model_validate(CACHE_USER), retries=0) as admin:
        before = {client["id"] for client in admin.client_list()}
        cache.set("demoted", b"1", seconds=60)
        (connection,) = {client["id"] for client in admin.client_list()} - before
        with demoted(admin):
            cache.set("demoted", b"2", seconds=60)
            while connection in {client["id"] for client in admin.client_list()}:
                time.sleep(0.01)  # the server hears of it a moment later
        now[0] = 60.0
        cache.set("demoted", b"3", seconds=60)
        assert cache.get("demoted") == b"3"
