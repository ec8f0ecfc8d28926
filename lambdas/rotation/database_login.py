"""A PostgreSQL login that changes its own password.

One user, not two that take turns: see docs/decisions/0027. From the moment the password changes, new connections are
made with AWSPENDING, which flux_core/database.py tries when PostgreSQL refuses what it knew; connections stay open.
"""

import json

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from flux_core.bounded_connection import BoundedConnection
from flux_core.logins import connection_string, hashed_password
from flux_core.secrets import Login
from flux_core.settings import DatabaseSettings

from .settings import DatabaseRotationSettings
from .strategy import RotationError, Strategy, Value, Values, random_text

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10  # a step may wait this long for each of the few questions that it asks


class DatabaseLogin(Strategy):
    """A role may change its own password, so no other secret is needed than the one that is rotated."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings

    def create(self, current: str, *, token: str) -> str:
        """The same user, and what RDS adds, with another password."""
        del token
        return json.dumps({**json.loads(current), "password": random_text()})

    def put_into_force(self, values: Values) -> None:
        """Change the password, logged in with whichever one PostgreSQL takes."""
        pending = Login.model_validate_json(values.pending.content)
        known = [value for value in (values.pending, values.current, values.previous) if value is not None]
        refusals = []
        for value in known:
            login = Login.model_validate_json(value.content)
            if login.username != pending.username:
                continue
            try:
                with self._connect(login) as connection:
                    if login != pending:
                        _change_password(connection, pending)
                    return
            except psycopg.OperationalError as error:
                refusals.append(str(error))
        raise RotationError(
            f"PostgreSQL takes none of the {len(known)} passwords of {pending.username}: {'; '.join(refusals)}. "
            "See docs/runbooks/rotate-a-secret.md"
        )

    def test(self, pending: Value) -> None:
        """Log in."""
        login = Login.model_validate_json(pending.content)
        try:
            with self._connect(login) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            raise RotationError(f"PostgreSQL refuses the new password of {login.username}: {error}") from error

    def _connect(self, login: Login) -> psycopg.Connection[TupleRow]:
        connection = BoundedConnection.connect(
            connection_string(self._settings, login), connect_timeout=CONNECT_SECONDS
        )
        connection.exchange_seconds = ANSWER_SECONDS
        return connection


def _change_password(connection: psycopg.Connection[TupleRow], login: Login) -> None:
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login.username), hashed_password(connection, login))
    )


def build_database_login() -> DatabaseLogin:
    """From the environment."""
    return DatabaseLogin(DatabaseRotationSettings.load())
