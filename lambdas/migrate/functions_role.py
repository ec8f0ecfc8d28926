"""The role that the functions log in as. What it may do is granted by the revisions; it owns nothing."""

from collections.abc import Callable

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from flux_core.logins import hashed_password
from flux_core.secrets import Login

# The revisions grant to this name.
FUNCTIONS_ROLE = "flux_app"


def ensure_functions_role(connection: psycopg.Connection[TupleRow], login: Login, *, opens: Callable[[], bool]) -> None:
    """Create the role if need be, and give it the password in its secret unless that works already.

    A rotation may be under way, in which another password than the current one works: what works is left alone.

    opens: whether the role can log in with what its secret has.

    Raises:
        ValueError: the secret names another user than the one the revisions grant to.
    """
    if login.username != FUNCTIONS_ROLE:
        raise ValueError(
            f"the functions' secret names user {login.username!r}; it must be {FUNCTIONS_ROLE!r}, which the schema's "
            "revisions grant to"
        )
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [FUNCTIONS_ROLE]).fetchone()
    if known is not None and opens():
        return
    role, password = sql.Identifier(FUNCTIONS_ROLE), hashed_password(connection, login)
    with connection.transaction():
        if known is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOCREATEDB NOCREATEROLE NOINHERIT").format(role))
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))
