import json
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from flux_core.secrets import Login
from migrate import handler as migrate
from migrate.custom_resource import PHYSICAL_ID
from migrate.functions_role import ensure_functions_role
from migrate.revisions import Revisions
from migrate.schema import SCRIPTS, Schema

from .support.http import Reply, Request, serving
from .support.lambda_events import Context
from .support.platform import FUNCTIONS, OWNER, Platform

HEAD = Revisions(SCRIPTS).head


@pytest.fixture
def database(platform: Platform) -> Iterator[str]:
    """The name of an empty database of its own."""
    name = f"flux_{secrets.token_hex(6)}"
    with platform.connect_as_owner() as connection:
        connection.autocommit = True
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield name
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(autouse=True)
def _as_owner(platform: Platform, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    del platform
    monkeypatch.setenv("DATABASE_SECRET", "database/owner")
    monkeypatch.setenv("DATABASE_NAME", database)
    migrate.migration.cache_clear()
    yield
    migrate.migration.cache_clear()


def direct(action: str) -> dict[str, object]:
    return migrate.handler({"action": action}, Context())


def cloudformation(kind: str, **members: object) -> list[dict[str, object]]:
    """Send a request of CloudFormation's; returns the answers that it gets."""
    answers: list[dict[str, object]] = []

    def hear(request: Request) -> Reply:
        assert request.method == "PUT"
        assert request.headers["content-type"] == ""
        assert len(request.body) <= 4096
        answers.append(json.loads(request.body))
        return Reply()

    with serving(hear) as url:
        event: dict[str, object] = {
            "RequestType": kind,
            "ResponseURL": f"{url}/answer?signature=x",
            "StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/Flux/1",
            "RequestId": "request-1",
            "LogicalResourceId": "Schema",
            "ResourceType": "Custom::Schema",
            "ResourceProperties": {"ServiceToken": "arn", "Migrations": "hash"},
            **members,
        }
        migrate.handler(event, Context())
    return answers


def test_status_tells_where_the_database_stands() -> None:
    empty = direct("status")
    assert (empty["current"], empty["head"], empty["ahead"], empty["steps_back"]) == (None, HEAD, False, ())
    assert empty["pending"] == tuple(step.id for step in Revisions(SCRIPTS).between(None, HEAD))
    assert direct("upgrade") == {"before": None, "current": HEAD, "head": HEAD, "snapshot": None}
    assert direct("upgrade") == {"before": HEAD, "current": HEAD, "head": HEAD, "snapshot": None}
    full = direct("status")
    assert (full["current"], full["pending"], full["ahead"]) == (HEAD, (), False)


@pytest.mark.parametrize("event", [{}, {"action": "drop"}, {"action": "downgrade"}, {"action": "status", "to": "0001"}])
def test_a_malformed_request_is_refused(event: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        migrate.handler(event, Context())


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_cloudformation_hears_the_revision_when_the_database_is_migrated(kind: str) -> None:
    assert cloudformation(kind) == [
        {
            "Status": "SUCCESS",
            "Reason": "the database is at this release's revision",
            "PhysicalResourceId": PHYSICAL_ID,
            "StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/Flux/1",
            "RequestId": "request-1",
            "LogicalResourceId": "Schema",
            "Data": {"Revision": HEAD},
        }
    ]
    assert direct("status")["current"] == HEAD


def test_running_again_changes_nothing() -> None:
    assert cloudformation("Create")[0]["Status"] == "SUCCESS"
    assert cloudformation("Update", PhysicalResourceId=PHYSICAL_ID)[0]["Status"] == "SUCCESS"


def test_deleting_the_resource_leaves_the_schema() -> None:
    cloudformation("Create")
    assert cloudformation("Delete", PhysicalResourceId=PHYSICAL_ID)[0]["Status"] == "SUCCESS"
    assert direct("status")["current"] == HEAD


def test_a_failure_is_an_answer_with_a_short_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_NAME", "no_such_database_" + "x" * 3000)
    migrate.migration.cache_clear()
    (answer,) = cloudformation("Update", PhysicalResourceId=PHYSICAL_ID)
    assert answer["Status"] == "FAILED"
    assert "no_such_database" in str(answer["Reason"])
    assert answer["PhysicalResourceId"] == PHYSICAL_ID


def test_a_database_ahead_of_the_release_is_left_as_it_is(platform: Platform, database: str) -> None:
    direct("upgrade")
    with platform.connect_as_owner(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert cloudformation("Update")[0]["Data"] == {"Revision": "9999"}
    status = direct("status")
    assert (status["current"], status["ahead"], status["pending"], status["steps_back"]) == ("9999", True, (), ())


def test_cloudformation_taking_a_failed_deployment_back_changes_nothing() -> None:
    before = {"ServiceToken": "arn", "Migrations": "hash of the release before"}
    (answer,) = cloudformation("Update", ResourceProperties=before, PhysicalResourceId=PHYSICAL_ID)
    assert answer["Status"] == "SUCCESS"
    assert direct("status")["current"] is None


def revisions(folder: Path, statements: list[str]) -> Path:
    """A folder of revisions 1, 2, ... with these statements."""
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((SCRIPTS / "env.py").read_text())
    for number, statement in enumerate(statements, start=1):
        before = None if number == 1 else str(number - 1)
        (folder / "versions" / f"r{number}.py").write_text(
            f"from alembic import op\nrevision = '{number}'\ndown_revision = {before!r}\n"
            f"def upgrade():\n    op.execute({statement!r})\n"
        )
    return folder


def test_migrations_bound_how_long_they_wait_and_run(platform: Platform, database: str, tmp_path: Path) -> None:
    scripts = revisions(
        tmp_path / "scripts",
        ["CREATE TABLE bounds AS SELECT current_setting('lock_timeout'), current_setting('statement_timeout') AS s"],
    )
    Schema(lambda: platform.connect_as_owner(database), scripts=scripts).upgrade()
    with platform.connect_as_owner(database) as connection:
        assert connection.execute("SELECT * FROM bounds").fetchall() == [("2s", "5min")]


def test_two_migrations_at_once_run_one_after_the_other(platform: Platform, database: str, tmp_path: Path) -> None:
    scripts = revisions(tmp_path / "scripts", ["SELECT pg_sleep(0.3)"])
    failures: list[Exception] = []

    def run() -> None:
        try:
            Schema(lambda: platform.connect_as_owner(database), scripts=scripts).upgrade()
        except Exception as error:  # noqa: BLE001 - a thread has no other way to tell
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_migration_that_waits_too_long_for_another_one_gives_up(
    platform: Platform, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct("upgrade")
    monkeypatch.setattr("migrate.session._ADVISORY_SECONDS", 1)
    schema = Schema(lambda: platform.connect_as_owner(database))
    with platform.connect_as_owner(database) as other:
        other.execute("SELECT pg_advisory_lock(7241536)")
        with pytest.raises(OperationalError, match="lock timeout"):
            schema.upgrade()


def test_the_functions_role_gets_the_password_in_its_secret(platform: Platform) -> None:
    with platform.connect_as_owner() as connection:
        older = Login.model_validate(FUNCTIONS | {"password": "an older password"})
        ensure_functions_role(connection, older, opens=lambda: False)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        platform.connect_as_functions()
    direct("upgrade")
    with platform.connect_as_functions() as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("flux_app",)


def test_a_password_that_is_being_rotated_is_left_alone(platform: Platform) -> None:
    pending = FUNCTIONS | {"password": "the next password"}
    with platform.connect_as_owner() as connection:
        ensure_functions_role(connection, Login.model_validate(pending), opens=lambda: False)
    version = platform.secrets.put_secret_value(
        SecretId="database/functions", SecretString=json.dumps(pending), VersionStages=["AWSPENDING"]
    )["VersionId"]
    direct("upgrade")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        platform.connect_as_functions()
    platform.secrets.update_secret_version_stage(
        SecretId="database/functions", VersionStage="AWSPENDING", RemoveFromVersionId=version
    )
    migrate.migration.cache_clear()  # it may not ask for the secret again so soon
    direct("upgrade")
    platform.connect_as_functions().close()


def test_a_password_that_postgresql_does_not_judge_is_left_alone(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"functions/{secrets.token_hex(4)}"
    other = json.dumps(FUNCTIONS | {"password": "not in force"})
    platform.secrets.create_secret(Name=name, SecretString=other)
    platform.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(FUNCTIONS), VersionStages=["AWSPENDING"])
    monkeypatch.setenv("FUNCTIONS_DATABASE_SECRET", name)
    with platform.connect_as_owner() as connection:
        connection.autocommit = True
        connection.execute("ALTER ROLE flux_app CONNECTION LIMIT 0")
        try:
            with pytest.raises(psycopg.OperationalError, match="too many connections"):
                direct("upgrade")
        finally:
            connection.execute("ALTER ROLE flux_app CONNECTION LIMIT -1")
    platform.connect_as_functions().close()


def test_an_owners_password_that_is_refused_is_followed_by_the_others_of_its_secret(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"owner/{secrets.token_hex(4)}"
    owner = OWNER
    platform.secrets.create_secret(Name=name, SecretString=json.dumps(owner))
    platform.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(owner | {"password": "not in force"}))
    monkeypatch.setenv("DATABASE_SECRET", name)
    assert direct("status")["head"] == HEAD


def test_a_functions_secret_for_another_user_is_refused(platform: Platform) -> None:
    with (
        platform.connect_as_owner() as connection,
        pytest.raises(ValueError, match="flux_app"),
    ):
        ensure_functions_role(connection, Login(username="somebody", password="x"), opens=lambda: False)  # noqa: S106 - nobody's


def test_the_functions_role_cannot_migrate(platform: Platform) -> None:
    with platform.connect_as_functions() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine ()")
