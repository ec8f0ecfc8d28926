"""What the probe proves itself by: it signs in as the rehearsal's owner, and sends a webhook of its own.

Its secret opens nothing else: that restaurant holds nothing of anybody, and whatever body it signs becomes one and the
same event, which the sync worker sets aside (docs/decisions/0063).
"""

import base64
import hashlib
import hmac

from .secrets import Secret

# Of the webhook's address, in the place of a provider's name.
PROVIDER = "probe"


class ProbeSecret(Secret):
    """password: of the sign-in, and key of the webhook's signature."""

    password: str


def sign(secret: ProbeSecret, body: bytes) -> str:
    """The signature of a webhook's body, in the header that Square's has."""
    return base64.b64encode(hmac.new(secret.password.encode(), body, hashlib.sha256).digest()).decode()
