"""RDS for PostgreSQL: every instance is a real PostgreSQL with the template's master user, behind TLS.

As on RDS, the master user is no superuser, clear text is refused, and the parameter group's parameters are in force.
Snapshots are in rds_snapshots.py, what operators do to an instance in rds_operations.py. Not imitated: the engine's
version (the one PostgreSQL of this machine serves all), an end to its storage, automated backups, the standby.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import override

from ministack.services import rds

from .network import expose, free_port
from .resources import Request, Resource, Stock, register
from .servers.postgres import Master, PostgresServer
from .settings import HOST, settings
from .shutdown import at_shutdown
from .tls.postgres import postgres_tls
from .tls.terminator import Terminator
from .values import Json, Properties

DEFAULT_PORT = 5432
# The data live no longer than the emulator, so nobody waits for the disk.
_FLEETING = {"fsync": "off"}


@dataclass(kw_only=True)
class Database:
    """A running instance.

    server: PostgreSQL, listening without TLS on a port that nobody is told.
    terminator: the instance's endpoint.
    """

    server: PostgresServer
    terminator: Terminator

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        master: Master,
        parameters: Mapping[str, str],
        port: int,
        backup: Path | None = None,
    ) -> "Database":
        """Start a new database with its data in `folder`, reached on `port` if that is free.

        It is empty, or what `backup` holds.
        """
        server = PostgresServer(folder, free_port(), master=master, parameters=parameters)
        shutil.rmtree(folder, ignore_errors=True)
        if backup is not None:
            server.restore(backup)
        server.start()
        try:
            return cls(server=server, terminator=expose(server.port, port=port, opening=postgres_tls))
        except OSError:
            server.stop()
            raise

    def change(self, *, master: Master, parameters: Mapping[str, str]) -> None:
        """Bring password and parameters into force; PostgreSQL restarts if they differ, and sessions end."""
        if (master, dict(parameters)) != (self.server.master, self.server.parameters):
            self.server.master, self.server.parameters = master, dict(parameters)
            self.server.start()

    def move(self, port: int) -> None:
        """Listen on another port."""
        self.terminator.close()
        self.terminator = expose(self.server.port, port=port, opening=postgres_tls)

    def stop(self) -> None:
        """End the endpoint and the server."""
        self.terminator.close()
        self.server.stop()

    def discard(self) -> None:
        """End it, and delete its data."""
        self.stop()
        shutil.rmtree(self.server.data)


DATABASES: dict[str, Database] = {}
"""The databases behind ministack's records, by DBInstanceIdentifier."""


class DatabaseInstance(Stock):
    """`AWS::RDS::DBInstance`: ministack's record, and a database behind it.

    The endpoint's port is the template's, or a free one if another program has that; `Endpoint.Port` tells.
    """

    name = "AWS::RDS::DBInstance"
    slow = True

    @override
    def create(self, request: Request) -> Resource:
        engine = request.properties.text("Engine")
        if engine != "postgres":
            raise ValueError(f"Engine={engine!r}: AWS on this machine has only 'postgres'")
        made = super().create(request)
        try:
            database = Database.create(
                settings().state / "rds" / made.physical_id,
                master=_master(request.properties),
                parameters=group_parameters(request.properties.text("DBParameterGroupName", "")),
                port=request.properties.number("Port", DEFAULT_PORT),
            )
        except Exception:
            super().delete(made.physical_id, request.properties)
            raise
        DATABASES[made.physical_id] = database
        return made.with_attributes(publish_endpoint(made.physical_id, database))

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        made = super().update(physical_id, old, request)
        database = DATABASES[physical_id]
        database.change(
            master=_master(request.properties),
            parameters=group_parameters(request.properties.text("DBParameterGroupName", "")),
        )
        port = request.properties.number("Port", DEFAULT_PORT)
        if port != old.number("Port", DEFAULT_PORT):
            database.move(port)
        return made.with_attributes(publish_endpoint(physical_id, database))

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        if rds._instances.get(physical_id, {}).get("DeletionProtection"):
            raise ValueError(
                "Cannot delete protected DB Instance, please disable deletion protection and try again. "
                "(Service: Rds, Status Code: 400)"
            )
        database = DATABASES.pop(physical_id, None)
        if database is not None:
            database.discard()
        super().delete(physical_id, properties)


class ParameterGroup(Stock):
    """`AWS::RDS::DBParameterGroup`: a change reaches the instances that use the group.

    All parameters take effect at once, by a restart; on RDS the static ones would wait for the next reboot.
    """

    name = "AWS::RDS::DBParameterGroup"
    slow = True

    @override
    def complete(self, made: Resource, request: Request) -> Resource:
        for instance, database in list(DATABASES.items()):
            groups = rds._instances[instance]["DBParameterGroups"]
            if any(group["DBParameterGroupName"] == made.physical_id for group in groups):
                database.change(master=database.server.master, parameters=group_parameters(made.physical_id))
        return made


def _master(properties: Properties) -> Master:
    return Master(
        username=properties.text("MasterUsername"),
        password=properties.text("MasterUserPassword"),
        database=properties.text("DBName"),
    )


def group_parameters(group: str) -> dict[str, str]:
    """The group's parameters that a PostgreSQL outside AWS can take.

    Left out: RDS's own (`rds.force_ssl` is what the endpoint does anyway), formulas over the instance class, and
    libraries to preload, which are not among this machine's.
    """
    record: Mapping[str, Mapping[str, str]] = rds._param_groups.get(group, {}).get("Parameters", {})
    return _FLEETING | {
        name: parameter["ParameterValue"]
        for name, parameter in record.items()
        if not name.startswith("rds.") and name != "shared_preload_libraries" and "{" not in parameter["ParameterValue"]
    }


def publish_endpoint(instance: str, database: Database) -> dict[str, Json]:
    """Tell ministack's record, and so DescribeDBInstances and attached secrets, where the instance listens."""
    rds._instances[instance]["Endpoint"].update(Address=HOST, Port=database.terminator.port)
    return {"Endpoint.Address": HOST, "Endpoint.Port": str(database.terminator.port)}


def install() -> None:
    """Put databases behind ministack's records."""

    def stop() -> None:
        for database in DATABASES.values():
            database.stop()

    at_shutdown("RDS", stop)
    register(DatabaseInstance(), ParameterGroup())
