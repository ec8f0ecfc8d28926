"""Passwords: Argon2id, and the same time for an address that nobody has as for a wrong password."""

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

# RFC 9106's second recommendation, 64 MiB, which argon2-cffi takes by default.
_HASHER = PasswordHasher()

# The hash of a password that nobody knows, with the parameters above.
DECOY = "$argon2id$v=19$m=65536,t=3,p=4$WwK3aFvSFW8/V2qqa0palQ$HHiQpapfPdf4XJb8OOSHL0lwN4oIXYGNyeVMuL1dby4"


def hash_password(password: str) -> str:
    """Its hash, as `password_matches` knows it."""
    return _HASHER.hash(password)


def password_matches(password: str, known_hash: str | None) -> bool:
    """Whether the password has this hash; without one, False after as much work."""
    try:
        _HASHER.verify(known_hash or DECOY, password)
    except VerificationError:
        return False
    return known_hash is not None
