"""The key of the access tokens. Nobody but the functions knows it, so it is in force where it is kept.

AWSCURRENT signs. Tokens of AWSPENDING are accepted before there are any, those of AWSPREVIOUS until they have expired:
lambdas/api/tokens.py.
"""

import json
from datetime import UTC, datetime

from flux_core.texts import TextsError
from flux_core.token_key import MAX_PENDING_SECONDS, TokenKey

from .strategy import RotationError, Strategy, Value, random_text

# HS256 asks for at least 256 bits (RFC 7518, 3.2).
KEY_CHARACTERS = 64


class TokenKeyRotation(Strategy):
    """Makes a key under a new name (`kid`)."""

    def create(self, current: str, *, token: str) -> str:
        """A key that is named like its version."""
        del current
        return json.dumps({"kid": token, "key": random_text(KEY_CHARACTERS)})

    def test(self, pending: Value) -> None:
        """Refuse what could not sign, and what has been pending for so long that old tokens would be refused early."""
        try:
            TokenKey.model_validate_json(pending.content)
        except TextsError as error:
            raise RotationError("the new value is no key of access tokens") from error
        age = (datetime.now(UTC) - pending.created).total_seconds()
        if age > MAX_PENDING_SECONDS:
            raise RotationError(
                f"the new key has been pending for {age:.0f} s, more than {MAX_PENDING_SECONDS} s; people would be "
                "signed out. Take the label AWSPENDING off it, then rotate again (docs/runbooks/rotate-a-secret.md)"
            )
