"""Square's webhooks: who sent them, and what they look like.

Source: Square Developer, "Verify and validate an event notification".
"""

import base64
import hashlib
import hmac

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic_core import from_json

from flux_core.messages import SquareEvent
from flux_core.secrets import Secret, Secrets, SecretText

SIGNATURE_HEADER = "x-square-hmacsha256-signature"


class MalformedEventError(ValueError):
    """A signed body is not a Square event."""


class SquareSubscription(Secret):
    """What Square shows for a webhook subscription.

    notification_url: the address exactly as registered with Square; it is part of what is signed.
    """

    signature_key: SecretText
    notification_url: SecretText


class SquareSignatures:
    """Tells Square's requests from others."""

    def __init__(self, secrets: Secrets, *, subscription: str) -> None:
        self._secrets = secrets
        self._subscription = subscription

    def accept(self, body: bytes, signature: str) -> bool:
        """Whether Square signed this body.

        A signature that fails is tried again with the secret as it is now, in case the key has been rotated.

        Raises:
            SecretError: the key cannot be read.
        """
        known = self._secrets.read(self._subscription, SquareSubscription)
        if _matches(known, body, signature):
            return True
        fresh = self._secrets.refresh(self._subscription, SquareSubscription)
        return fresh != known and _matches(fresh, body, signature)


class _Event(BaseModel):
    """The members that every event of Square has, and that the sync worker reads."""

    model_config = ConfigDict(strict=True)

    merchant_id: str
    type: str
    event_id: str
    data: dict[str, JsonValue]


def event_message(body: bytes) -> SquareEvent:
    """The queue's message for an event.

    Raises:
        MalformedEventError: the body is not a Square event.
    """
    try:
        _Event.model_validate_json(body)
        return SquareEvent(event=from_json(body, allow_inf_nan=False))
    except ValueError as error:  # pydantic's own among them
        raise MalformedEventError("the body is not an event as Square sends them") from error


def _matches(subscription: SquareSubscription, body: bytes, signature: str) -> bool:
    signed = subscription.notification_url.encode() + body
    digest = hmac.new(subscription.signature_key.encode(), signed, hashlib.sha256).digest()
    # compare_digest takes bytes; a header may hold any character.
    return hmac.compare_digest(base64.b64encode(digest), signature.encode(errors="replace"))
