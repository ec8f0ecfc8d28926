"""What differs from one kind of secret to another."""

import secrets
import string
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime


class RotationError(RuntimeError):
    """The rotation stops here; the message says what works meanwhile and what to do."""


_CHARACTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, kw_only=True)
class Value:
    """One version of a secret.

    content: its JSON.
    created: when it was written.
    """

    content: str
    created: datetime

    def __repr__(self) -> str:
        return f"Value(created={self.created:%Y-%m-%dT%H:%M:%SZ})"


@dataclass(frozen=True, kw_only=True)
class Values:
    """The versions of a secret in the middle of a rotation, by their labels."""

    pending: Value
    current: Value
    previous: Value | None = None


class Strategy(ABC):
    """How one kind of secret gets a new value. Every method may be called again, and then changes nothing more.

    Whatever raises ends the rotation; Secrets Manager begins the step again later. Until `put_into_force` returns,
    AWSCURRENT must work, and after it AWSPENDING must.

    Attributes:
        retires: whether `retire` has something to do.
    """

    retires = False

    @abstractmethod
    def create(self, current: str, *, token: str) -> str:
        """Return the new content.

        token: names this rotation; the same one asks for the same content.
        """

    def put_into_force(self, values: Values) -> None:  # noqa: B027 - many secrets are in force where they are kept
        """Make the other side take AWSPENDING."""

    @abstractmethod
    def test(self, pending: Value) -> None:
        """Prove that AWSPENDING works.

        Raises:
            RotationError: it does not.
        """

    def retire(self, current: Value) -> None:  # noqa: B027 - see `retires`
        """Make the other side refuse everything but `current`, the new value."""


def random_text(length: int = 40) -> str:
    """Letters and digits, which PostgreSQL, ElastiCache, headers and JSON all take unescaped; 40 are 238 bits."""
    return "".join(secrets.choice(_CHARACTERS) for _ in range(length))
