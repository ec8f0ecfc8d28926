"""The probe's webhooks: as Square's in all that a request goes through, and of no consequence."""

import hmac

from flux_core.probe import ProbeSecret, sign
from flux_core.secrets import Secrets

from .square import message_of

# The sync worker sets it aside, as every kind of event that it does not know.
EVENT = message_of({"type": "flux.probe"})


class ProbeSignatures:
    """Tells the probe's requests from others.

    name: of its secret.
    """

    def __init__(self, secrets: Secrets, *, name: str) -> None:
        self._secrets = secrets
        self._name = name

    def accept(self, body: bytes, signature: str) -> bool:
        """Whether the probe signed this body.

        Raises:
            SecretError: its secret cannot be read.
        """
        expected = sign(self._secrets.refresh(self._name, ProbeSecret), body)
        return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
