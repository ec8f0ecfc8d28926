"""The one connection that may change the schema."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from flux_core.logs import logger

# Any constant will do; it is the migrations' own among the database's advisory locks.
_ADVISORY_LOCK = 7_241_536
# How long to wait for another migration to end.
_ADVISORY_SECONDS = 10

# A statement that waits for a lock makes every later query on that table wait behind it, and users with it. So it gives
# up before they notice, and tries again when the transaction in its way may have ended.
LOCK_SECONDS = 2
_LOCK_ATTEMPTS = 5
_PAUSE_SECONDS = 3

# Snapshot (420 s), one statement of this length and undoing what went before it fit into the function's 900 s, so that
# CloudFormation hears the reason. What takes longer is a backfill: a worker's task in batches, not a revision's.
STATEMENT_SECONDS = 300

# The client's own limit, for a server that does not even say that a statement took too long.
EXCHANGE_SECONDS = STATEMENT_SECONDS + 10


@contextmanager
def exclusive(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements are bounded, while no other migration runs.

    Raises:
        sqlalchemy.exc.OperationalError: no connection, or another migration has not ended in time.
    """
    with engine.connect() as connection:
        _bound(connection, "lock_timeout", _ADVISORY_SECONDS)
        # Held until the connection ends: two migrations never run at once.
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        _bound(connection, "lock_timeout", LOCK_SECONDS)
        _bound(connection, "statement_timeout", STATEMENT_SECONDS)
        connection.commit()
        yield connection


def revision_of(connection: Connection) -> str | None:
    """The database's revision; None before the first."""
    revision = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()  # ends the transaction that the question began
    return revision


def insist(connection: Connection, move: Callable[[], None]) -> None:
    """Run Alembic's `move`; when a lock is not to be had, try again. Revisions that were done meanwhile stay done.

    Raises:
        sqlalchemy.exc.OperationalError: the lock was not to be had in any attempt.
    """
    for attempt in range(1, _LOCK_ATTEMPTS + 1):
        try:
            move()
        except OperationalError as error:
            connection.rollback()
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable) or attempt == _LOCK_ATTEMPTS:
                raise
            logger.warning("another transaction holds a lock that the revision needs", extra={"attempt": attempt})
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _bound(connection: Connection, setting: str, seconds: int) -> None:
    connection.execute(text("SELECT set_config(:setting, :value, false)"), {"setting": setting, "value": f"{seconds}s"})
