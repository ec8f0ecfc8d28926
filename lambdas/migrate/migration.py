"""Bringing the database to this release: the functions' role first, then the revisions that grant to it."""

from dataclasses import dataclass

import psycopg
from psycopg.rows import TupleRow

from flux_core.secrets import Login, Secrets

from .functions_role import ensure_functions_role
from .schema import Schema
from .settings import MigrateSettings


@dataclass(frozen=True, kw_only=True)
class Status:
    """Where the database stands.

    current: its revision; None before the first.
    head: the newest revision that this release knows.
    """

    current: str | None
    head: str


class Migration:
    """The database, seen as its owner."""

    def __init__(self, settings: MigrateSettings, secrets: Secrets) -> None:
        self._settings = settings
        self._secrets = secrets
        self._schema = Schema(self._connect)

    def status(self) -> Status:
        """Ask, change nothing."""
        return Status(current=self._schema.current(), head=self._schema.head)

    def upgrade(self) -> Status:
        """Move to the newest revision; a database that is there already, or ahead, stays as it is."""
        login = self._secrets.refresh(self._settings.functions_database_secret, Login)
        with self._connect() as connection:
            ensure_functions_role(connection, login)
        return Status(current=self._schema.upgrade(), head=self._schema.head)

    def _connect(self) -> psycopg.Connection[TupleRow]:
        # Asked for each time: a migration is rare, and the owner's password may have been rotated since.
        owner = self._secrets.refresh(self._settings.database_secret, Login)
        return psycopg.connect(
            host=self._settings.database_host,
            port=self._settings.database_port,
            dbname=self._settings.database_name,
            user=owner.username,
            password=owner.password,
            connect_timeout=10,
        )
