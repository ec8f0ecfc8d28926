"""One PostgreSQL connection per function instance; a tenant's read is one round trip, a write one transaction."""

import math
import time
from collections.abc import Callable, Iterator, Mapping

import psycopg
from psycopg import ClientCursor, Connection, Cursor
from psycopg.rows import TupleRow, class_row

from .bounded_connection import BoundedConnection, DatabaseSilentError
from .database_errors import hide_values
from .deadline import no_deadline
from .logins import connect_with_first, connection_string
from .secrets import Login, Secrets
from .settings import DatabaseSettings
from .tenancy import SET_TENANT, RestaurantId

CONNECT_SECONDS = 5

# Beyond the statement's own time: for the way there and back, and for PostgreSQL to say that a statement took too long.
GRACE_SECONDS = 1


class Database:
    """Runs queries for one restaurant at a time.

    A connection that PostgreSQL has ended (failover, restart, idle timeout) is replaced and the work is run again,
    once: reads may be repeated, and every write of Flux is idempotent on a natural key. A silent server is waited for
    no longer than a statement may take, connecting and repeating included, so that the function can still answer.

    settings: where it is; the login is read from its secret, and again when PostgreSQL refuses it (rotation).
    statement_seconds: PostgreSQL stops a statement that takes longer; if it does not, the connection is given up a
        second later. Below the function's own timeout.
    time_left: seconds that the caller has; nothing is waited for any longer.
    """

    # A rehearsal's do (flux_core/rehearsal_database.py).
    _rolls_back = False

    def __init__(
        self,
        settings: DatabaseSettings,
        secrets: Secrets,
        *,
        statement_seconds: int,
        time_left: Callable[[], float] = no_deadline,
    ) -> None:
        self._time_left = time_left
        self._settings = settings
        self._secrets = secrets
        self._statement_seconds = statement_seconds
        self._connection: BoundedConnection | None = None

    def read[Row](
        self, restaurant_id: RestaurantId, query: str, parameters: Mapping[str, object], row: type[Row]
    ) -> list[Row]:
        """Rows that the restaurant may see, as `row`, whose fields are named like the query's columns.

        parameters: the query's, each written `%(name)s`.

        Raises:
            psycopg.Error: PostgreSQL cannot be reached or refuses the query.
        """

        def work(connection: Connection[TupleRow]) -> list[Row]:
            # Both statements in one simple-query message: one round trip and one implicit transaction.
            with ClientCursor(connection, row_factory=class_row(row)) as cursor:
                cursor.execute(f"{SET_TENANT};{query}", {**parameters, "restaurant_id": restaurant_id})
                cursor.nextset()
                return cursor.fetchall()

        return self._run(work)

    def look_up[Row](self, query: str, parameters: Mapping[str, object], row: type[Row]) -> list[Row]:
        """Rows from one of the schema's lookup functions, for when the tenant is not known yet.

        Raises:
            psycopg.Error: as for `read`.
        """

        def work(connection: Connection[TupleRow]) -> list[Row]:
            with connection.cursor(row_factory=class_row(row)) as cursor:
                return cursor.execute(query, parameters).fetchall()

        return self._run(work)

    def write[Result](self, restaurant_id: RestaurantId, work: Callable[[Cursor[TupleRow]], Result]) -> Result:
        """Run `work` in one transaction for the restaurant: all of it happens, or nothing.

        Raises:
            psycopg.Error: as for `read`.
        """

        def run(connection: Connection[TupleRow]) -> Result:
            with connection.transaction(force_rollback=self._rolls_back), connection.cursor() as cursor:
                cursor.execute(SET_TENANT, {"restaurant_id": restaurant_id})
                result = work(cursor)
                self._finish(restaurant_id, cursor)
                return result

        return self._run(run)

    def ping(self) -> None:
        """Ask PostgreSQL for an answer.

        Raises:
            psycopg.Error: there is none.
        """
        self._run(lambda connection: connection.execute("SELECT 1"))

    def _finish(self, restaurant_id: RestaurantId, cursor: Cursor[TupleRow]) -> None:
        """Called at the end of each write, in its transaction."""

    def close(self) -> None:
        """End the connection; the next query opens another."""
        if self._connection is not None:
            self._connection.close()

    def _run[Result](self, work: Callable[[Connection[TupleRow]], Result]) -> Result:
        try:
            return self._work(work)
        except psycopg.Error as error:
            hide_values(error)
            raise

    def _work[Result](self, work: Callable[[Connection[TupleRow]], Result]) -> Result:
        deadline = time.monotonic() + min(self._statement_seconds + GRACE_SECONDS, self._time_left())
        connection = self._connected(deadline)
        try:
            return work(connection)
        except DatabaseSilentError:
            raise
        except psycopg.OperationalError:
            if not connection.closed:
                raise
        return work(self._connected(deadline))

    def _connected(self, deadline: float) -> BoundedConnection:
        if self._connection is None or self._connection.closed:
            self._connection = connect_with_first(self._logins(), lambda login: self._connect(login, deadline))
        self._connection.deadline = deadline
        return self._connection

    def _logins(self) -> Iterator[Login]:
        """The password as it is known; and when that is refused, each other one that the secret has now."""
        name = self._settings.database_secret
        known = self._secrets.read(name, Login)
        yield known
        yield from (login for login in self._secrets.refresh_versions(name, Login) if login != known)

    def _connect(self, login: Login, deadline: float) -> BoundedConnection:
        left = deadline - time.monotonic()
        return BoundedConnection.connect(
            connection_string(self._settings, login),
            connect_timeout=max(1, min(CONNECT_SECONDS, math.floor(left))),
            options=f"-c statement_timeout={self._statement_seconds}s",
            autocommit=True,
            prepare_threshold=None,  # prepared statements pin a connection behind a pooler such as RDS Proxy
        )
