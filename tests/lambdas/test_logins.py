"""Which login a function tries next, and when it does not try any: on a real PostgreSQL and a real Secrets Manager."""

import json
import secrets
import socket
import time
from collections.abc import Iterator

import boto3
import psycopg
import pytest
from psycopg import sql

from flux_core.database import CONNECT_SECONDS, Database
from flux_core.logins import LoginsRefusedError
from flux_core.secrets import Secrets
from flux_core.settings import DatabaseSettings

from .support.platform import Platform
from .support.ports import free_port


class RotatedLogin:
    """A role of its own, whose secret has two values since its first rotation, and an instance that logs in by it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.role, self.password = f"role_{secrets.token_hex(4)}", secrets.token_hex(20)
        self._execute("CREATE ROLE {} LOGIN PASSWORD {}", sql.Literal(self.password))
        self.secret = f"logins/{self.role}"
        platform.secrets.create_secret(Name=self.secret, SecretString=self._content("before"))
        self.put(self.password)
        self.reads: list[str] = []

    def put(self, password: str) -> None:
        """Make this the current password in the secret; the one before is AWSPREVIOUS then."""
        self._platform.secrets.put_secret_value(SecretId=self.secret, SecretString=self._content(password))

    def allow(self, sessions: int) -> None:
        """Let PostgreSQL take no more sessions of the role than this."""
        self._execute("ALTER ROLE {} CONNECTION LIMIT {}", sql.Literal(sessions))

    def database(self, *, port: int | None = None) -> Database:
        client = boto3.client("secretsmanager")
        client.meta.events.register(
            "before-parameter-build.secretsmanager.GetSecretValue",
            lambda params, **_: self.reads.append(params["VersionStage"]),
        )
        settings = DatabaseSettings.load()
        settings = settings.model_copy(
            update={"database_secret": self.secret, "database_port": port or settings.database_port}
        )
        return Database(settings, Secrets(client), statement_seconds=5)

    def drop(self) -> None:
        self._execute("DROP ROLE {}")
        self._platform.secrets.delete_secret(SecretId=self.secret, ForceDeleteWithoutRecovery=True)

    def _content(self, password: str) -> str:
        return json.dumps({"username": self.role, "password": password})

    def _execute(self, statement: str, *values: sql.Literal) -> None:
        with self._platform.connect_as_owner() as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.role), *values))


@pytest.fixture
def login(platform: Platform) -> Iterator[RotatedLogin]:
    login = RotatedLogin(platform)
    yield login
    login.drop()


def test_a_refused_password_is_followed_by_the_others_of_the_secret(login: RotatedLogin) -> None:
    login.put("not in force yet")
    database = login.database()
    database.ping()
    database.close()
    assert login.reads == ["AWSCURRENT", "AWSPENDING", "AWSCURRENT", "AWSPREVIOUS"]


def test_passwords_that_are_all_refused_are_an_error_in_postgresqls_words(login: RotatedLogin) -> None:
    login.put("wrong")
    login.put("wrong as well")
    with pytest.raises(LoginsRefusedError, match=f'authentication failed for user "{login.role}"'):
        login.database().ping()


def test_a_server_that_never_answers_costs_one_attempt_and_not_one_for_each_password(login: RotatedLogin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        began = time.monotonic()
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            login.database(port=silent.getsockname()[1]).ping()
        assert time.monotonic() - began < CONNECT_SECONDS + 2
        assert _waiting_at(silent) == 1
    assert login.reads == ["AWSCURRENT"]


def _waiting_at(server: socket.socket) -> int:
    """How many have connected."""
    server.settimeout(0)
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_a_server_that_is_stopped_is_asked_once(login: RotatedLogin) -> None:
    with pytest.raises(psycopg.OperationalError, match="refused") as caught:
        login.database(port=free_port()).ping()
    assert not isinstance(caught.value, LoginsRefusedError)
    assert login.reads == ["AWSCURRENT"]


def test_a_server_with_too_many_connections_is_asked_once(login: RotatedLogin) -> None:
    login.allow(0)
    database = login.database()
    with pytest.raises(psycopg.OperationalError, match="too many connections"):
        database.ping()
    assert login.reads == ["AWSCURRENT"]
    login.allow(1)
    database.ping()
    database.close()


def test_an_outage_after_a_refusal_is_an_outage(login: RotatedLogin) -> None:
    login.put("not in force yet")
    login.allow(0)
    with pytest.raises(psycopg.OperationalError, match="too many connections") as caught:
        login.database().ping()
    assert not isinstance(caught.value, LoginsRefusedError)
