"""A replication group as a running Valkey, and who may use it. What CloudFormation makes of it is in elasticache.py."""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import valkey

from .network import expose, free_port
from .servers.valkey import ValkeyServer
from .settings import HOST, settings
from .tls.terminator import Terminator, plain_tls

EVERYTHING = ("on", "~*", "&*", "+@all")
"""The access string of someone who may do all."""


@dataclass(frozen=True, kw_only=True)
class User:
    """An ElastiCache user: a Valkey ACL entry.

    name: login name; `default` is who does not log in with a name.
    rules: its access string, in words (Valkey documentation, "ACL").
    passwords: those that it may log in with; none: any.
    """

    name: str
    rules: tuple[str, ...]
    passwords: tuple[str, ...] = field(default=(), repr=False)

    @property
    def acl(self) -> tuple[str, ...]:
        """Rules and passwords as Valkey takes them; hashed, because a password may hold what a file reads otherwise."""
        hashed = (f"#{hashlib.sha256(password.encode()).hexdigest()}" for password in self.passwords)
        return (*self.rules, *hashed) if self.passwords else (*self.rules, "nopass")


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A running replication group.

    server: Valkey, listening without TLS on a port that nobody is told; its one configured user is the service itself.
    terminator: the group's endpoint.
    """

    server: ValkeyServer
    terminator: Terminator

    @classmethod
    def create(cls, group: str, *, port: int) -> "Cache":
        """Start an empty cache that nobody may use yet, reached on `port` if that is free."""
        server = ValkeyServer(
            settings().state / "elasticache" / group,
            free_port(),
            username=f"elasticache-{secrets.token_hex(4)}",
            password=secrets.token_hex(24),
        )
        server.start()
        try:
            return cls(server=server, terminator=expose(server.port, port=port, opening=plain_tls))
        except OSError:
            server.stop()
            raise

    def admit(self, users: Mapping[str, User]) -> None:
        """Let these users in with these rights, and nobody else; keys are kept."""
        with self._service() as command:
            for name in self.server.users.keys() - users.keys():
                command("ACL", "SETUSER", name, "reset")
            for user in users.values():
                command("ACL", "SETUSER", user.name, "reset", *user.acl)
        self.server.users = {user.name: user.acl for user in users.values()}

    def stop(self) -> None:
        """End the endpoint and the server."""
        self.terminator.close()
        self.server.stop()

    @contextmanager
    def _service(self) -> Iterator[Callable[..., object]]:
        """Send commands as the service; an answer that is an error is raised."""
        to = self.server
        with valkey.Valkey(host=HOST, port=to.port, username=to.username, password=to.password) as client:
            yield client.execute_command
