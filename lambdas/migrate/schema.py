"""The schema's revisions, and how to move to the newest one."""

from collections.abc import Callable
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.rows import TupleRow
from sqlalchemy import Connection, NullPool, create_engine, text

from flux_core.logs import logger

# Beside the function's package, in the repository as in the bundle.
SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"

# Any constant will do; it is the migrations' own among the database's advisory locks.
_LOCK = 7_241_536

# A statement that waits for a lock makes every later query on that table wait too: give up soon, and try again later.
_LOCK_SECONDS = 10
# Below the function's own 900 s, so that CloudFormation hears the reason.
_STATEMENT_SECONDS = 600


class Schema:
    """The database's schema as Alembic sees it.

    connect: opens a connection as the schema's owner.
    scripts: the folder with the revisions.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[TupleRow]], *, scripts: Path = SCRIPTS) -> None:
        self._engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
        self._config = Config()
        self._config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        self._scripts = ScriptDirectory.from_config(self._config)

    @property
    def head(self) -> str:
        """The newest revision that this release knows."""
        head = self._scripts.get_current_head()
        if head is None:
            raise RuntimeError(f"no revisions in {self._scripts.dir}; the bundle is broken, build it again")
        return head

    def current(self) -> str | None:
        """The database's revision; None before the first."""
        with self._engine.connect() as connection:
            return _revision(connection)

    def upgrade(self) -> str:
        """Run the revisions that the database lacks, each in one transaction; returns the revision it then has.

        A database that is ahead of this release (an older one is deployed again) is left as it is: every revision keeps
        the previous release working.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: a statement failed; its revision is undone, earlier ones stay.
        """
        with self._engine.connect() as connection:
            _prepare(connection)
            current = _revision(connection)
            if current is not None and not self._knows(current):
                logger.warning("the database is ahead of this release; nothing to do", extra={"revision": current})
                return current
            self._config.attributes["connection"] = connection
            command.upgrade(self._config, "head")
            return self.head

    def _knows(self, revision: str) -> bool:
        return any(script.revision == revision for script in self._scripts.walk_revisions())


def _revision(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()  # ends the transaction that the question began
    return revision


def _prepare(connection: Connection) -> None:
    for setting, seconds in (("lock_timeout", _LOCK_SECONDS), ("statement_timeout", _STATEMENT_SECONDS)):
        connection.execute(
            text("SELECT set_config(:setting, :value, false)"), {"setting": setting, "value": f"{seconds}s"}
        )
    # Held until the connection ends: two migrations never run at once.
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
    connection.commit()
