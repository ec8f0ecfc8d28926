"""The key of the access tokens, as the functions that sign, read and replace it know it."""

from datetime import timedelta
from typing import Annotated

from pydantic import StringConstraints

from .secrets import AGE_SECONDS, Secret, SecretText

LIFETIME_SECONDS = 30 * 60

# A key that waits longer between its making and its use is not taken: see ACCEPTED_AFTER.
MAX_PENDING_SECONDS = 15 * 60

# How long after a new key was made tokens of the one before are still good: the key may wait that long before it signs,
# an instance may sign with the old one until it looks again (later if Secrets Manager does not answer), and a token
# lives as long as it does.
ACCEPTED_AFTER = timedelta(seconds=MAX_PENDING_SECONDS + AGE_SECONDS + LIFETIME_SECONDS)


class TokenKey(Secret):
    """kid: names the key. key: HS256 asks for 32 bytes at least (RFC 7518, 3.2)."""

    kid: SecretText
    key: Annotated[str, StringConstraints(min_length=32)]
