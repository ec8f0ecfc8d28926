"""The function's part in a restore drill: the operator restores, this function alone can reach the database.

Only names that begin with `flux-<environment>-drill-` are spoken to: whoever may invoke this function cannot point it,
and the owner's password, at another server.
"""

import re
from typing import TYPE_CHECKING

import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.rows import TupleRow

from flux_core.bounded_connection import BoundedConnection
from flux_core.logins import connection_string
from flux_core.secrets import Login, Secrets

from .errors import RefusedError
from .inspection import Inspection, inspect
from .requests import Adopted, InspectRequest
from .session import EXCHANGE_SECONDS, STATEMENT_SECONDS
from .settings import MigrateSettings

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

# Counting a restaurant's rows on a restored database waits for S3; the function itself has 900 s.
_OPTIONS = f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_SECONDS}s"


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
        _require_drill(self._settings.flux_environment, instance)
        _give_password(self._rds, instance, self._owner().password)
        return Adopted(instance=instance)

    def inspect(self, request: InspectRequest) -> Inspection:
        """Count what a database holds; see inspection.py.

        Raises:
            RefusedError: the instance is no drill's, or does not listen, or holds a table that is not known.
            psycopg.OperationalError: no connection; soon after `adopt` the password may not be in force yet.
        """
        with self._connect(request.instance) as connection:
            return inspect(connection, request)

    def _server(self, instance: str | None) -> tuple[str, int]:
        if instance is None:
            return self._settings.database_host, self._settings.database_port
        _require_drill(self._settings.flux_environment, instance)
        return _find_server(self._rds, instance)

    def _owner(self) -> Login:
        return self._secrets.refresh(self._settings.database_secret, Login)

    def _connect(self, instance: str | None) -> psycopg.Connection[TupleRow]:
        (host, port), owner = self._server(instance), self._owner()
        server = self._settings.model_copy(update={"database_host": host, "database_port": port})
        connection = BoundedConnection.connect(
            connection_string(server, owner), connect_timeout=10, autocommit=True, options=_OPTIONS
        )
        connection.exchange_seconds = EXCHANGE_SECONDS
        return connection


def _require_drill(environment: str, instance: str) -> None:
    """Refuse every instance but those of this environment's drills."""
    prefix = f"flux-{environment}-drill-"
    if re.fullmatch(f"{re.escape(prefix)}[a-z0-9-]+", instance) is None:
        raise RefusedError(f"instance={instance!r}: only instances called {prefix}... are inspected; nothing was asked")


def _find_server(rds: "RDSClient", instance: str) -> tuple[str, int]:
    """Ask RDS at which host and port an instance listens."""
    try:
        (described,) = rds.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
    except (BotoCoreError, ClientError) as error:
        raise RefusedError(f"RDS does not tell where {instance} is: {error}") from error
    match described.get("Endpoint"):
        case {"Address": str(host), "Port": int(port)}:
            return host, port
        case _:
            raise RefusedError(f"{instance} does not listen yet; it is {described.get('DBInstanceStatus')}")


def _give_password(rds: "RDSClient", instance: str, password: str) -> None:
    """Give the instance's owner today's password: a backup has the one of its time, which was rotated since."""
    try:
        rds.modify_db_instance(DBInstanceIdentifier=instance, MasterUserPassword=password, ApplyImmediately=True)
    except (BotoCoreError, ClientError) as error:
        raise RefusedError(f"RDS does not change the password of {instance}: {error}") from error
