"""The function's part in a restore drill: the operator restores, this function alone can reach the database."""

from typing import TYPE_CHECKING

import psycopg
from psycopg.rows import TupleRow

from flux_core.secrets import Login, Secrets

from .inspection import Inspection, inspect
from .requests import Adopted, InspectRequest
from .restored import Server, find_server, give_password, require_drill
from .settings import MigrateSettings

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

# Counting a restaurant's rows on a restored database waits for S3; the function itself has 900 s.
_STATEMENT_SECONDS = 300
_OPTIONS = f"-c default_transaction_read_only=on -c statement_timeout={_STATEMENT_SECONDS}s"


class Drill:
    """The live database, and those that drills restore beside it."""

    def __init__(self, settings: MigrateSettings, secrets: Secrets, rds: "RDSClient") -> None:
        self._settings = settings
        self._secrets = secrets
        self._rds = rds

    def adopt(self, instance: str) -> Adopted:
        """Let the owner of today log in to a restored database.

        Raises:
            RefusedError: it is no drill's instance, or RDS refuses.
        """
        require_drill(self._settings.flux_environment, instance)
        give_password(self._rds, instance, self._owner().password)
        return Adopted(instance=instance)

    def inspect(self, request: InspectRequest) -> Inspection:
        """Count what a database holds; see inspection.py.

        Raises:
            RefusedError: the instance is no drill's, or does not listen, or holds a table that is not known.
            psycopg.OperationalError: no connection; soon after `adopt` the password may not be in force yet.
        """
        with self._connect(self._server(request.instance)) as connection:
            return inspect(connection, request)

    def _server(self, instance: str | None) -> Server:
        if instance is None:
            return Server(host=self._settings.database_host, port=self._settings.database_port)
        require_drill(self._settings.flux_environment, instance)
        return find_server(self._rds, instance)

    def _owner(self) -> Login:
        return self._secrets.refresh(self._settings.database_secret, Login)

    def _connect(self, server: Server) -> psycopg.Connection[TupleRow]:
        owner = self._owner()
        return psycopg.connect(
            host=server.host,
            port=server.port,
            dbname=self._settings.database_name,
            user=owner.username,
            password=owner.password,
            connect_timeout=10,
            autocommit=True,
            options=_OPTIONS,
        )
