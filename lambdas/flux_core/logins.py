"""Logging in to PostgreSQL, with whichever of a secret's passwords it takes (docs/decisions/0027)."""

from collections.abc import Callable, Iterable

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from .logs import logger
from .secrets import Login
from .settings import DatabaseSettings

# A network that swallows packets: the kernel ends the connection when nothing is acknowledged for 10 s, or when it is
# silent for 10 s and does not answer two probes either (libpq, "Database Connection Control Functions").
_TCP_LIMITS = {
    "tcp_user_timeout": "10000",  # ms
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
}

# PostgreSQL's words for SQLSTATE 28P01 (src/backend/libpq/auth.c), which psycopg does not give while it connects.
_REFUSAL = "password authentication failed"


class LoginsRefusedError(psycopg.OperationalError):
    """PostgreSQL answers, and takes none of the logins."""


def connection_string(settings: DatabaseSettings, login: Login) -> str:
    """Where to connect and as whom, for `psycopg.connect`; it holds the password."""
    return make_conninfo(
        host=settings.database_host,
        port=settings.database_port,
        dbname=settings.database_name,
        user=login.username,
        password=login.password,
        **_TCP_LIMITS,
    )


def hashed_password(connection: Connection[TupleRow], login: Login) -> sql.Literal:
    """The password as PostgreSQL keeps it (SCRAM). Hashed here: neither the wire nor PostgreSQL's log ever holds it."""
    verifier = connection.pgconn.encrypt_password(login.password.encode(), login.username.encode(), b"scram-sha-256")
    return sql.Literal(verifier.decode())


def connect_with_first[Session: Connection[TupleRow]](
    logins: Iterable[Login], connect: Callable[[Login], Session]
) -> Session:
    """The connection of the first login that PostgreSQL takes.

    logins: each is asked for only when the one before it is refused.

    Raises:
        LoginsRefusedError: all are refused; with PostgreSQL's words.
        psycopg.OperationalError: at once, if it is anything else. Another password neither wakes a server that does not
            answer nor frees a connection, and trying it takes as long again.
    """
    refusals: list[str] = []
    for login in logins:
        try:
            return connect(login)
        except psycopg.OperationalError as error:
            if _REFUSAL not in str(error):
                raise
            logger.info("a login is refused", extra={"user": login.username, "reason": str(error)})
            refusals.append(str(error))
    raise LoginsRefusedError("; ".join(refusals))
