"""The key of the access tokens, as the functions that sign, read and replace it know it."""

from datetime import timedelta

from .secrets import AGE_SECONDS, Secret
from .texts import TextsError

LIFETIME_SECONDS = 30 * 60

# A key that waits longer between its making and its use is not taken: see ACCEPTED_AFTER.
MAX_PENDING_SECONDS = 15 * 60

# How long after a new key was made tokens of the one before are still good: the key may wait that long before it signs,
# an instance may sign with the old one until it looks again (later if Secrets Manager does not answer), and a token
# lives as long as it does.
ACCEPTED_AFTER = timedelta(seconds=MAX_PENDING_SECONDS + AGE_SECONDS + LIFETIME_SECONDS)


class TokenKey(Secret):
    """kid: names the key. key: HS256 asks for 32 bytes at least (RFC 7518, 3.2)."""

    kid: str
    key: str

    def __post_init__(self) -> None:
        if len(self.key) < 32:
            raise TextsError(["key"])
