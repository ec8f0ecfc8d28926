"""A replication group as a running Valkey, and who may use it. What CloudFormation makes of it is in elasticache.py."""

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


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A running replication group.

    server: Valkey, listening without TLS on a port that nobody is told; its one configured user is the service itself.
    terminator: the group's endpoint.
    admitted: the names of the users that were let in.
    """

    server: ValkeyServer
    terminator: Terminator
    admitted: set[str] = field(default_factory=set)

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
            for name in self.admitted - users.keys():
                command("ACL", "SETUSER", name, "reset")
            for user in users.values():
                words = [f">{password}" for password in user.passwords] or ["nopass"]
                command("ACL", "SETUSER", user.name, "reset", *user.rules, *words)
        self.admitted.clear()
        self.admitted.update(users)

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
