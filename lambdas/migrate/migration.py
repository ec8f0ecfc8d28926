"""The database of this environment: where its schema stands, and how it moves."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import psycopg
from psycopg.rows import TupleRow

from flux_core.bounded_connection import BoundedConnection
from flux_core.logins import LoginsRefusedError, connect_with_first, connection_string
from flux_core.secrets import Login, Secrets, Versions

from .functions_role import ensure_functions_role
from .password_links import LinkMade, PasswordLinkRequest, make_link
from .requests import Moved, Status, StepBack
from .restaurants import Opened, OpenRestaurantRequest, open_restaurant
from .schema import Change, Guard, Schema, unguarded
from .session import EXCHANGE_SECONDS
from .settings import MigrateSettings
from .snapshots import snapshot_name, take_snapshot

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient


class Migration:
    """The database, seen as its owner."""

    def __init__(self, settings: MigrateSettings, secrets: Secrets, rds: "RDSClient | None" = None) -> None:
        self._settings = settings
        self._secrets = secrets
        self._rds = rds
        self._schema = Schema(self._connect)

    @property
    def migrations_hash(self) -> str:
        """The state of the migrations in this bundle."""
        return self._settings.migrations_hash

    def status(self) -> Status:
        """Ask, change nothing."""
        current, revisions = self._schema.current(), self._schema.revisions
        ahead = current is not None and not revisions.knows(current)
        return Status(
            current=current,
            head=revisions.head,
            pending=() if ahead else tuple(step.id for step in revisions.between(current, revisions.head)),
            ahead=ahead,
            steps_back=() if ahead or current is None else tuple(self._steps_back(current)),
        )

    def upgrade(self, to: str | None = None, *, request_id: str) -> Moved:
        """Create the functions' role if need be, then run the revisions, which grant to it; see Schema.upgrade."""
        logins = self._secrets.refresh_versions(self._settings.functions_database_secret, Login)
        with self._connect() as connection:
            ensure_functions_role(connection, logins.current, opens=lambda: self._opens(logins))
        return self._told(self._schema.upgrade(to, guard=self._guard(request_id)))

    def downgrade(self, to: str, *, request_id: str) -> Moved:
        """Undo revisions; see Schema.downgrade."""
        return self._told(self._schema.downgrade(to, guard=self._guard(request_id)))

    def open_restaurant(self, request: OpenRestaurantRequest) -> Opened:
        """Open a restaurant with its owner; see restaurants.open_restaurant."""
        with self._connect() as connection:
            return open_restaurant(connection, request)

    def make_password_link(self, request: PasswordLinkRequest) -> LinkMade:
        """Let somebody choose a password; see password_links.make_link."""
        with self._connect() as connection:
            return make_link(connection, request)

    def _told(self, change: Change) -> Moved:
        return Moved(**asdict(change), head=self._schema.revisions.head)

    def _steps_back(self, current: str) -> Iterator[StepBack]:
        for step in reversed(self._schema.revisions.between(None, current)):
            yield StepBack(
                revision=step.id, to=step.before, phase=step.phase, summary=step.summary, refusal=step.refusal
            )
            if step.refusal is not None:
                return

    def _guard(self, request_id: str) -> Guard:
        rds, instance = self._rds, self._settings.snapshot_instance
        if rds is None or instance is None:
            return unguarded
        environment = self._settings.flux_environment

        def guard(before: str, after: str) -> str:
            name = snapshot_name(environment, before=before, after=after, request_id=request_id)
            return take_snapshot(rds, instance=instance, name=name)

        return guard

    def _connect(self) -> psycopg.Connection[TupleRow]:
        """Log in as the owner, with whichever password works: it may be in the middle of its rotation."""
        # Asked for each time: a migration is rare, and the password may have been rotated since.
        owners = self._secrets.refresh_versions(self._settings.database_secret, Login)
        return connect_with_first(owners, self._log_in)

    def _opens(self, logins: Versions[Login]) -> bool:
        """Whether the current password works, or the next one. The last one does not count: a snapshot restores it.

        Raises:
            psycopg.OperationalError: PostgreSQL does not tell.
        """
        usable = [login for login in (logins.current, logins.pending) if login is not None]
        try:
            connect_with_first(usable, self._log_in).close()
        except LoginsRefusedError:
            return False
        return True

    def _log_in(self, login: Login) -> BoundedConnection:
        connection = BoundedConnection.connect(connection_string(self._settings, login), connect_timeout=10)
        connection.exchange_seconds = EXCHANGE_SECONDS
        return connection
