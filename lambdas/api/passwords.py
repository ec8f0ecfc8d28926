"""Passwords: Argon2id, and the same time for an address that nobody has as for a wrong password."""

from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from pydantic import AfterValidator, SecretStr, StringConstraints

# The shortest that a password alone may be (NIST SP 800-63B-4, 3.1.1.2). It asks for no digits and no signs.
SHORTEST = 15
LONGEST = 1024

# RFC 9106's second recommendation, 64 MiB, which argon2-cffi takes by default.
_HASHER = PasswordHasher()

# The hash of a password that nobody knows, with the parameters above.
DECOY = "$argon2id$v=19$m=65536,t=3,p=4$WwK3aFvSFW8/V2qqa0palQ$HHiQpapfPdf4XJb8OOSHL0lwN4oIXYGNyeVMuL1dby4"


def _is_text(password: SecretStr) -> SecretStr:
    try:
        password.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("must not hold half of a surrogate pair") from None  # the cause would show the password
    return password


Password = Annotated[SecretStr, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(_is_text)]
NewPassword = Annotated[SecretStr, StringConstraints(min_length=SHORTEST, max_length=LONGEST), AfterValidator(_is_text)]


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
