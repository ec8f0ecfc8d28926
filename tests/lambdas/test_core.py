"""What the functions share, where it meets trouble."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import certifi
import psycopg
import pytest
from pydantic import JsonValue

from api.settings import ApiSettings
from flux_core.database import Database
from flux_core.messages import ForecastTick
from flux_core.queue import ATTEMPTS, Queue, QueueError
from flux_core.secrets import AGE_SECONDS, PAUSE_SECONDS, REFRESH_SECONDS, Login, Secret, SecretError, Secrets
from flux_core.settings import ConfigurationError, DatabaseSettings
from flux_core.tenancy import RestaurantId
from release_gate.settings import GateSettings

from .support.http import Reply, Request, serving
from .support.platform import FUNCTIONS, Platform
from .support.restaurants import open_restaurant

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Named:
    name: str


@pytest.mark.parametrize(
    ("function", "unwanted"),
    [
        ("webhook", {"psycopg", "fastapi", "valkey", "sqlalchemy"}),
        ("sync", {"fastapi", "valkey", "sqlalchemy"}),
        ("forecast", {"fastapi", "valkey", "sqlalchemy"}),
        ("release_gate", {"psycopg", "fastapi", "valkey", "sqlalchemy"}),
        ("migrate", {"fastapi", "valkey"}),
        ("api", {"sqlalchemy", "alembic"}),
    ],
)
def test_a_function_imports_only_what_its_bundle_holds(function: str, unwanted: set[str]) -> None:
    program = f"import sys, {function}.handler; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "lambdas"), "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert unwanted & set(result.stdout.split()) == set()


def test_a_missing_variable_is_named_with_its_remedy(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    del platform
    monkeypatch.delenv("DATABASE_HOST")
    monkeypatch.setenv("DATABASE_PORT", "many")
    with pytest.raises(ConfigurationError, match=r"DATABASE_HOST: Field required.*DATABASE_PORT: .*integer.*'many'"):
        ApiSettings.load()
    with pytest.raises(ConfigurationError, match=r"flux_infra/compute"):
        ApiSettings.load()


@pytest.mark.parametrize("value", ["", "{}", "not JSON", '{"flux-api":""}'])
def test_a_gate_that_is_told_nonsense_says_so(platform: Platform, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    del platform
    monkeypatch.setenv("GATED_FUNCTIONS", value)
    with pytest.raises(ConfigurationError, match=r"(?i)gated_functions"):
        GateSettings.load()


def keep(platform: Platform, content: object) -> str:
    """A new secret; returns its name."""
    name = f"test/{secrets.token_hex(6)}"
    platform.secrets.create_secret(Name=name, SecretString=json.dumps(content))
    return name


class Word(Secret):
    word: str


def test_a_secret_is_fetched_once_and_again_only_after_a_while(platform: Platform) -> None:
    now = [0.0]
    known = Secrets(platform.secrets, clock=lambda: now[0])
    name = keep(platform, {"word": "first"})
    assert known.read(name, Word).word == "first"
    platform.secrets.put_secret_value(SecretId=name, SecretString='{"word":"second"}')
    assert known.read(name, Word).word == "first"
    assert known.refresh(name, Word).word == "first"
    now[0] = REFRESH_SECONDS
    assert known.refresh(name, Word).word == "second"
    assert known.read(name, Word).word == "second"


def test_an_old_secret_is_read_again_by_itself_but_an_old_one_is_better_than_none(platform: Platform) -> None:
    now = [0.0]
    known = Secrets(platform.secrets, clock=lambda: now[0])
    name = keep(platform, {"word": "first"})
    assert known.read(name, Word).word == "first"
    platform.secrets.put_secret_value(SecretId=name, SecretString='{"word":"second"}')
    now[0] = AGE_SECONDS
    assert known.read(name, Word).word == "second"
    platform.secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    now[0] = 2 * AGE_SECONDS
    assert known.read(name, Word).word == "second"
    platform.secrets.create_secret(Name=name, SecretString='{"word":"third"}')
    assert known.read(name, Word).word == "second"  # it is not asked for on every request
    now[0] += PAUSE_SECONDS
    assert known.read(name, Word).word == "third"


def test_the_values_of_a_rotation_are_told_apart_by_their_labels(platform: Platform) -> None:
    known = Secrets(platform.secrets)
    name = keep(platform, {"word": "before"})
    platform.secrets.put_secret_value(SecretId=name, SecretString='{"word":"now"}')
    assert [value.word for value in known.versions(name, Word)] == ["now"]
    assert known.pending_version(name) is None
    next_one = platform.secrets.put_secret_value(
        SecretId=name, SecretString='{"word":"next"}', VersionStages=["AWSPENDING"]
    )
    assert [value.word for value in known.refresh_versions(name, Word)] == ["now", "next", "before"]
    assert Secrets(platform.secrets).pending_version(name) == next_one["VersionId"]


def test_a_value_that_is_not_current_and_not_usable_is_no_obstacle(platform: Platform) -> None:
    name = keep(platform, {"fill": "in"})
    platform.secrets.put_secret_value(SecretId=name, SecretString='{"word":"now"}')
    assert [value.word for value in Secrets(platform.secrets).refresh_versions(name, Word)] == ["now"]


def test_a_secret_without_its_fields_is_refused_without_being_shown(platform: Platform) -> None:
    name = keep(platform, {"username": "", "pass word": "hunter2"})
    known = Secrets(platform.secrets)
    with pytest.raises(SecretError, match="lacks a usable username, password") as caught:
        known.read(name, Login)
    assert "hunter2" not in str(caught.value)
    platform.secrets.put_secret_value(SecretId=name, SecretString='{"username":"a","password":"b"}')
    assert known.read(name, Login).username == "a"


def test_a_secret_never_shows_itself() -> None:
    assert "hunter2" not in f"{Word(word='hunter2')!r} {Word(word='hunter2')}"


def test_a_secret_that_is_not_there_is_named(platform: Platform) -> None:
    with pytest.raises(SecretError, match="no/such"):
        Secrets(platform.secrets).read("no/such", Login)


def test_a_connection_that_the_server_ended_is_replaced(platform: Platform) -> None:
    restaurant = open_restaurant(platform)
    tenant = RestaurantId(restaurant.id)
    database = Database(DatabaseSettings.load(), Secrets(platform.secrets), statement_seconds=5)

    def names() -> list[str]:
        return [row.name for row in database.read(tenant, "SELECT name FROM restaurants", {}, Named)]

    assert names() == ["Test kitchen"]
    end_sessions(platform)
    assert names() == ["Test kitchen"]
    end_sessions(platform)
    assert database.write(tenant, lambda cursor: cursor.execute("SELECT 1").fetchone()) == (1,)


def end_sessions(platform: Platform) -> None:
    """What a failover does to the functions' sessions."""
    with platform.connect_as_functions() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE usename = current_user AND pid <> pg_backend_pid()"
        )


def test_an_error_of_the_query_itself_is_not_tried_again(platform: Platform) -> None:
    database = Database(DatabaseSettings.load(), Secrets(platform.secrets), statement_seconds=1)
    calls: list[int] = []

    def work(cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
        calls.append(1)
        cursor.execute("SELECT pg_sleep(5)")

    with pytest.raises(psycopg.errors.QueryCanceled):
        database.write(RestaurantId(open_restaurant(platform).id), work)
    assert len(calls) == 1


def test_a_write_that_fails_leaves_nothing(platform: Platform) -> None:
    restaurant = open_restaurant(platform)
    database = Database(DatabaseSettings.load(), Secrets(platform.secrets), statement_seconds=5)

    def work(cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
        cursor.execute(
            "INSERT INTO forecast_runs (restaurant_id, business_date, model_version) VALUES (%s, now(), 'v')",
            [restaurant.id],
        )
        cursor.execute("SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        database.write(RestaurantId(restaurant.id), work)
    with platform.tenant(restaurant.id) as cursor:
        assert cursor.execute("SELECT count(*) FROM forecast_runs").fetchone() == (0,)


def test_a_rotated_database_password_is_noticed(platform: Platform) -> None:
    now = [0.0]
    name = keep(platform, FUNCTIONS | {"password": "as it was before"})
    known = Secrets(platform.secrets, clock=lambda: now[0])
    settings = DatabaseSettings.load().model_copy(update={"database_secret": name})
    database = Database(settings, known, statement_seconds=5)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        database.ping()
    platform.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(FUNCTIONS))
    now[0] = REFRESH_SECONDS
    database.ping()


def test_a_database_whose_certificate_others_signed_is_not_trusted(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(DatabaseSettings.load(), Secrets(platform.secrets), statement_seconds=5)
    monkeypatch.setenv("PGSSLROOTCERT", certifi.where())
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        database.ping()


@contextmanager
def sqs(failures: list[set[str]]) -> Iterator[tuple[Queue, list[list[str]]]]:
    """A queue that does not accept these entries of its first calls; and the entries of each call."""
    calls: list[list[str]] = []

    def answer(request: Request) -> Reply:
        entries = [entry["Id"] for entry in json.loads(request.body)["Entries"]]
        calls.append(entries)
        failed = failures.pop(0) if failures else set()
        body: dict[str, JsonValue] = {
            "Successful": [
                {"Id": entry, "MessageId": "m", "MD5OfMessageBody": "0"} for entry in entries if entry not in failed
            ],
            "Failed": [{"Id": entry, "SenderFault": False, "Code": "InternalError"} for entry in sorted(failed)],
        }
        return Reply(body=json.dumps(body).encode(), headers={"content-type": "application/x-amz-json-1.0"})

    with serving(answer) as url:
        yield Queue(boto3.client("sqs", endpoint_url=url), url=f"{url}/queue"), calls


TICK = ForecastTick(type="forecast.tick")


def test_entries_that_sqs_did_not_accept_are_sent_again_alone(platform: Platform) -> None:
    del platform
    with sqs([{"1", "3"}, {"3"}]) as (queue, calls):
        assert queue.send_all([TICK] * 5) == 5
    assert calls == [["0", "1", "2", "3", "4"], ["1", "3"], ["3"]]


def test_entries_that_are_never_accepted_are_an_error(platform: Platform) -> None:
    del platform
    with sqs([{"0"}] * ATTEMPTS) as (queue, calls), pytest.raises(QueueError, match="1 messages after"):
        queue.send_all([TICK])
    assert len(calls) == ATTEMPTS


def test_many_messages_go_in_batches_of_ten(platform: Platform) -> None:
    queue = Queue(platform.sqs, url=os.environ["FORECAST_QUEUE_URL"])
    assert queue.send_all([TICK] * 25) == 25
    assert platform.drain(os.environ["FORECAST_QUEUE_URL"]) == [{"type": "forecast.tick"}] * 25
    assert queue.send_all([]) == 0
