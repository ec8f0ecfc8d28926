"""Moving the schema from one revision to another, so that a failure leaves it where it was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg.rows import TupleRow
from sqlalchemy import Connection, NullPool, create_engine, event
from sqlalchemy.engine import ExceptionContext

from flux_core.database_errors import hide_values
from flux_core.logs import logger

from .errors import FailedError, RefusedError
from .revisions import Revision, Revisions
from .session import exclusive, insist, revision_of

# Beside the function's package, in the repository as in the bundle.
SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"

type Guard = Callable[[str, str], str | None]
"""Called before a database with data moves from one revision to another; gives the name of the snapshot it took."""


type AlembicCommand = Callable[[Config, str], None]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of a move: the revision before it, the one now, and the snapshot of the state before, if any."""

    before: str | None
    current: str | None
    snapshot: str | None = None


def unguarded(before: str, after: str) -> str | None:
    """No snapshot: the data can be made again."""
    del before, after
    return None


class Schema:
    """The database's schema as Alembic sees it.

    connect: opens a connection as the schema's owner.
    scripts: the folder with the revisions.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[TupleRow]], *, scripts: Path = SCRIPTS) -> None:
        self._engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool, hide_parameters=True)
        event.listen(self._engine, "handle_error", _hide_values)
        self.revisions = Revisions(scripts)

    def current(self) -> str | None:
        """The database's revision; None before the first."""
        with self._engine.connect() as connection:
            return revision_of(connection)

    def upgrade(self, to: str | None = None, *, guard: Guard = unguarded) -> Change:
        """Run the revisions that the database lacks, up to `to` or the newest.

        A database that is ahead of this release (an older one is deployed again) is left as it is: every revision keeps
        the previous release working.

        Raises:
            RefusedError: a failure could not be undone, or `to` is not ahead; nothing changed.
            SnapshotError: the guard took no snapshot; nothing changed.
            FailedError: a revision failed, and those before it were undone.
        """
        with exclusive(self._engine) as connection:
            before = revision_of(connection)
            if before is not None and not self.revisions.knows(before):
                logger.warning("the database is ahead of this release; nothing to do", extra={"revision": before})
                return Change(before=before, current=before)
            steps = self.revisions.between(before, to or self.revisions.head)
            if not steps:
                return Change(before=before, current=before)
            target = steps[-1].id
            if before is None:
                return self._fill(connection, target)
            _refuse_dead_ends(steps)
            snapshot = guard(before, target)
            failure = self._attempt(connection, lambda: command.upgrade(self.revisions.config, target))
        if failure is not None:
            raise self._undo(before, command.downgrade, failure, snapshot) from failure
        return Change(before=before, current=target, snapshot=snapshot)

    def downgrade(self, to: str, *, guard: Guard = unguarded) -> Change:
        """Undo the revisions after `to`.

        Raises:
            RefusedError: one of them cannot be undone, or `to` is not behind; nothing changed.
            SnapshotError: the guard took no snapshot; nothing changed.
            FailedError: undoing one failed, and those undone were run again.
        """
        with exclusive(self._engine) as connection:
            before = revision_of(connection)
            if before is None:
                raise RefusedError("the database has no revision yet; there is nothing to undo")
            if not self.revisions.knows(before):
                raise RefusedError(
                    f"the database is at {before!r}, which this release does not know how to undo; "
                    "run the downgrade with the release that brought it"
                )
            steps = self.revisions.between(to, before)
            if not steps:
                return Change(before=before, current=before)
            refusals = [step.refusal for step in steps if step.refusal is not None]
            if refusals:
                raise RefusedError(f"the database stays at {before}: {'; '.join(refusals)}")
            snapshot = guard(before, to)
            failure = self._attempt(connection, lambda: command.downgrade(self.revisions.config, to))
        if failure is not None:
            raise self._undo(before, command.upgrade, failure, snapshot) from failure
        return Change(before=before, current=to, snapshot=snapshot)

    def _fill(self, connection: Connection, target: str) -> Change:
        """Run all revisions on an empty database, as one transaction: it is filled or stays empty."""
        self.revisions.config.attributes["one_transaction"] = True
        try:
            failure = self._attempt(connection, lambda: command.upgrade(self.revisions.config, target))
        finally:
            self.revisions.config.attributes["one_transaction"] = False
        if failure is not None:
            raise FailedError(f"{_words(failure)}. The database is empty, as before") from failure
        return Change(before=None, current=target)

    def _attempt(self, connection: Connection, move: Callable[[], None]) -> Exception | None:
        self.revisions.config.attributes["connection"] = connection
        try:
            insist(connection, move)
        except Exception as error:  # noqa: BLE001 - a revision is a program: whatever it raises, its neighbours are undone
            return error
        return None

    def _undo(self, before: str, restore: AlembicCommand, failure: Exception, snapshot: str | None) -> FailedError:
        """Go back to `before` on a new connection, as the failure may have been the old one's."""
        back = f"; snapshot {snapshot} has the data" if snapshot else ""
        try:
            with exclusive(self._engine) as connection:
                self.revisions.config.attributes["connection"] = connection
                reached = revision_of(connection)
                if reached != before:
                    insist(connection, lambda: restore(self.revisions.config, before))
        except Exception:  # noqa: BLE001 - the caller raises what it is told here; the log has this one
            logger.exception("a failed migration cannot be undone")
            return FailedError(
                f"{_words(failure)}. What went before it could not be undone (see the log): the schema is not at "
                f"{before} any more, but every revision suits the release that is live{back}"
            )
        return FailedError(f"{_words(failure)}. The schema is at {before}, as before")


def _hide_values(context: ExceptionContext) -> None:
    """SQLAlchemy has made its own message of PostgreSQL's already."""
    error, own = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg.Error):
        hide_values(error)
        if own is not None:
            own.args = (f"({type(error).__name__}) {error}",)


def _refuse_dead_ends(steps: Sequence[Revision]) -> None:
    """Refuse what could get stuck: a revision that cannot be undone, with more after it that may fail."""
    for step, after in pairwise(steps):
        if step.refusal is not None:
            raise RefusedError(
                f"should {after.id} fail, the schema could not go back, because {step.id} before it cannot be undone. "
                f"Deploy the release whose newest revision is {step.id} first"
            )


def _words(error: Exception) -> str:
    """The first line of a message; the rest is SQL, which the log has."""
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
