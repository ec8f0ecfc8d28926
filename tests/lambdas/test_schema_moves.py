"""How the schema moves, fails and goes back, on real PostgreSQL with the real revisions below."""

import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from migrate.errors import FailedError, RefusedError
from migrate.revisions import Revisions
from migrate.schema import SCRIPTS, Change, Schema
from tests.schema.revisions import Step, on_top

from .support.platform import Platform

HEAD = Revisions(SCRIPTS).head
CATEGORY = Step(
    up="ALTER TABLE menu_items ADD COLUMN category text", down="ALTER TABLE menu_items DROP COLUMN category"
)
WASTE = Step(up="CREATE TABLE waste (id uuid PRIMARY KEY)", down="DROP TABLE waste")
BROKEN = Step(up="CREATE TABLE half_done (); SELECT 1 / 0")
NO_NAME = Step(
    up="ALTER TABLE menu_items DROP COLUMN name",
    marker='contracts = Contract(stopped_using="release/2026.48", columns=("menu_items.name",))',
)


class Database:
    """A database of its own at the real head."""

    def __init__(self, platform: Platform, name: str, folder: Path) -> None:
        self.platform, self.name, self._folder = platform, name, folder
        assert Schema(self.connect).upgrade().current == HEAD

    def connect(self) -> psycopg.Connection[TupleRow]:
        return self.platform.connect_as_owner(self.name)

    def schema(self, *steps: Step) -> Schema:
        return Schema(self.connect, scripts=on_top(self._folder / secrets.token_hex(4), *steps))

    def shape(self) -> set[tuple[object, ...]]:
        """Every table, column, constraint, index, policy and function, with its definition."""
        with self.connect() as connection:
            return set(
                connection.execute("""
                    SELECT 'column', table_name, column_name, data_type, column_default, is_nullable
                        FROM information_schema.columns WHERE table_schema = 'public'
                    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
                        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                    UNION ALL SELECT 'index', tablename, indexname, indexdef, '', '' FROM pg_indexes
                        WHERE schemaname = 'public'
                    UNION ALL SELECT 'policy', tablename, policyname, qual, with_check, roles::text FROM pg_policies
                    UNION ALL SELECT 'function', proname, pg_get_functiondef(oid), proacl::text, '', '' FROM pg_proc
                        WHERE pronamespace = 'public'::regnamespace
                    UNION ALL SELECT 'grant', relname, relacl::text, '', '', '' FROM pg_class
                        WHERE relnamespace = 'public'::regnamespace
                """).fetchall()
            )


@pytest.fixture
def database(platform: Platform, tmp_path: Path) -> Iterator[Database]:
    name = f"flux_{secrets.token_hex(6)}"
    with platform.connect_as_owner() as connection:
        connection.autocommit = True
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield Database(platform, name, tmp_path)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_failed_revision_takes_those_before_it_back_with_it(database: Database) -> None:
    before = database.shape()
    schema = database.schema(CATEGORY, WASTE, BROKEN)
    with pytest.raises(FailedError, match=f"division by zero. The schema is at {HEAD}, as before"):
        schema.upgrade()
    assert schema.current() == HEAD
    assert database.shape() == before


def test_a_failure_on_an_empty_database_leaves_it_empty(platform: Platform, tmp_path: Path) -> None:
    name = f"flux_{secrets.token_hex(6)}"
    with platform.connect_as_owner() as connection:
        connection.autocommit = True
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    schema = Schema(lambda: platform.connect_as_owner(name), scripts=on_top(tmp_path, CATEGORY, BROKEN))
    with pytest.raises(FailedError, match="The database is empty, as before"):
        schema.upgrade()
    assert schema.current() is None
    with platform.connect_as_owner(name) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_revision_waits_for_a_lock_only_shortly_and_tries_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrate.session._PAUSE_SECONDS", 0.1)
    schema = database.schema(CATEGORY)
    release = threading.Event()
    monkeypatch.setattr("migrate.session.logger.warning", lambda *_, **__: release.set())
    held = threading.Event()

    def hold() -> None:
        with database.connect() as other:
            other.execute("LOCK TABLE menu_items IN ACCESS SHARE MODE")
            held.set()
            release.wait(timeout=30)  # ends when the first attempt has given up

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(timeout=30)
    assert schema.upgrade() == Change(before=HEAD, current="9001")
    holder.join()


def test_a_lock_that_is_never_released_fails_the_migration_and_changes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migrate.session._PAUSE_SECONDS", 0)
    monkeypatch.setattr("migrate.session.LOCK_SECONDS", 1)
    monkeypatch.setattr("migrate.session._LOCK_ATTEMPTS", 2)
    before = database.shape()
    schema = database.schema(WASTE, CATEGORY)
    with database.connect() as other:
        other.execute("LOCK TABLE menu_items IN ACCESS SHARE MODE")
        with pytest.raises(FailedError, match=f"lock timeout. The schema is at {HEAD}"):
            schema.upgrade()
    assert database.shape() == before


def test_when_undoing_fails_too_the_reason_says_so(database: Database) -> None:
    stuck = Step(up=WASTE.up, down="SELECT 1 / 0")
    with pytest.raises(FailedError, match="could not be undone"):
        database.schema(stuck, BROKEN).upgrade()


def test_an_expand_revision_is_undone_without_a_trace(database: Database) -> None:
    before = database.shape()
    schema = database.schema(CATEGORY, WASTE)
    assert schema.upgrade() == Change(before=HEAD, current="9002")
    assert schema.downgrade(HEAD) == Change(before="9002", current=HEAD)
    assert database.shape() == before
    assert schema.downgrade(HEAD) == Change(before=HEAD, current=HEAD)


def test_a_downgrade_that_fails_runs_again_what_it_has_undone(database: Database) -> None:
    stuck = Step(up=WASTE.up, down="SELECT 1 / 0")
    schema = database.schema(stuck, CATEGORY)
    schema.upgrade()
    with pytest.raises(FailedError, match="The schema is at 9002, as before"):
        schema.downgrade(HEAD)
    assert schema.current() == "9002"


def test_an_upgrade_can_stop_before_the_newest_revision(database: Database) -> None:
    assert database.schema(CATEGORY, WASTE).upgrade("9001").current == "9001"


@pytest.mark.parametrize(
    ("to", "message"),
    [("0001", "made the first tables"), ("9009", "does not come after"), ("9001", "does not come after")],
)
def test_what_cannot_be_undone_is_refused_with_the_reason(database: Database, to: str, message: str) -> None:
    schema = database.schema(CATEGORY)
    with pytest.raises(RefusedError, match=message):
        schema.downgrade(to)
    assert schema.current() == HEAD


def test_a_contract_revision_is_never_undone(database: Database) -> None:
    schema = database.schema(NO_NAME)
    schema.upgrade()
    with pytest.raises(RefusedError, match=r"took away menu_items\.name, which no downgrade brings back"):
        schema.downgrade(HEAD)
    assert schema.current() == "9001"


def test_nothing_comes_after_a_contract_revision_in_one_migration(database: Database) -> None:
    schema = database.schema(NO_NAME, WASTE)
    with pytest.raises(RefusedError, match="Deploy the release whose newest revision is 9001 first"):
        schema.upgrade()
    assert schema.current() == HEAD


def test_the_guard_is_asked_only_when_something_changes(database: Database) -> None:
    asked: list[tuple[str, str]] = []

    def guard(before: str, after: str) -> str:
        asked.append((before, after))
        return "snapshot-1"

    schema = database.schema(CATEGORY)
    assert schema.upgrade(guard=guard).snapshot == "snapshot-1"
    assert schema.upgrade(guard=guard).snapshot is None
    assert schema.downgrade(HEAD, guard=guard).snapshot == "snapshot-1"
    assert asked == [(HEAD, "9001"), ("9001", HEAD)]


def test_every_expand_revision_of_this_release_can_be_undone_and_run_again(database: Database) -> None:
    schema = Schema(database.connect)
    full = database.shape()
    for step in reversed(schema.revisions.between(None, HEAD)):
        if step.refusal is not None:
            break
        assert step.before is not None
        assert schema.downgrade(step.before).current == step.before
    schema.upgrade()
    assert database.shape() == full
