"""Square's webhooks: who sent them, and what they look like.

Source: Square Developer, "Verify and validate an event notification".
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from flux_core.json_text import read_json
from flux_core.secrets import Secret, Secrets, Versions

SIGNATURE_HEADER = "x-square-hmacsha256-signature"


class MalformedEventError(ValueError):
    """A signed body is not a Square event."""


class SquareSubscription(Secret):
    """What Square shows for a webhook subscription.

    notification_url: the address exactly as registered with Square; it is part of what is signed.
    """

    signature_key: str
    notification_url: str


# Square repeats what it could not deliver for a day (Square Developer, "Webhooks overview"); what it signed with the
# key before may arrive until then.
ACCEPTED_AFTER = timedelta(hours=24)

# Square signs with a new key before its rotation can store it, which takes a moment. A request that no known key has
# signed waits that moment, but only while a rotation is under way. A rotation that fails stays under way until somebody
# mends it; so an instance waits in full for each rotation once, and forged requests do not hold it up again and again.
ARRIVAL_SECONDS = 3.0
_POLL_SECONDS = 0.2


class SquareSignatures:
    """Tells Square's requests from others."""

    def __init__(self, secrets: Secrets, *, subscription: str, clock: Callable[[], float] = time.time) -> None:
        self._secrets = secrets
        self._subscription = subscription
        self._clock = clock
        self._no_longer_awaited: str | None = None

    def accept(self, body: bytes, signature: str) -> bool:
        """Whether Square signed this body, with the key of the subscription or one of its neighbours in a rotation.

        Raises:
            SecretError: the key cannot be read.
        """
        name = self._subscription
        if self._signed(self._secrets.versions(name, SquareSubscription), body, signature):
            return True
        give_up = time.monotonic() + ARRIVAL_SECONDS
        while True:
            # In this order: a rotation that ends in between has left its key where it is looked for next.
            pending = self._secrets.pending_version(name)
            awaited = pending is not None and pending != self._no_longer_awaited
            known = self._secrets.refresh_versions(name, SquareSubscription, at_once=awaited)
            if self._signed(known, body, signature):
                return True
            if not awaited:
                return False
            if known.pending is not None or time.monotonic() > give_up:
                self._no_longer_awaited = pending
                return False
            time.sleep(_POLL_SECONDS)

    def _signed(self, versions: Versions[SquareSubscription], body: bytes, signature: str) -> bool:
        accepted = versions.accepted(now=self._clock(), overlap=ACCEPTED_AFTER)
        return any(_matches(subscription, body, signature) for subscription in accepted)


# The members of Square's events that Flux reads. Square's own models say that any of them may be missing.
_MEMBERS = {"merchant_id": str | None, "type": str | None, "event_id": str | None, "data": dict | None}

# Of lists and objects, one in the other. The worker's parser takes 201, one of which the message adds.
_LEVELS = 200


def event_message(body: bytes) -> str:
    """The text of the queue's message for an event.

    Raises:
        MalformedEventError: the body is not a Square event, or is nested too deep for the worker to read.
    """
    try:
        event = read_json(body)
        return message_of(_as_square_sends_them(event))
    except ValueError as error:
        raise MalformedEventError("the body is not an event as Square sends them") from error


def message_of(event: Mapping[str, object]) -> str:
    """The text of flux_core.messages.SquareEvent.

    Raises:
        ValueError: a number is infinite.
    """
    return json.dumps({"type": "square.event", "event": event}, separators=(",", ":"), allow_nan=False)


def _as_square_sends_them(event: object) -> Mapping[str, object]:
    if not isinstance(event, dict) or not all(isinstance(event.get(name), kinds) for name, kinds in _MEMBERS.items()):
        raise ValueError("other members than Square's")
    # What the worker cannot read is refused here, and does not end in the dead-letter queue.
    _refuse_deeper(event, _LEVELS)
    return event


def _refuse_deeper(value: dict[str, object] | list[object], levels: int) -> None:
    if not levels:
        raise ValueError("nested too deep")
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            _refuse_deeper(each, levels - 1)


def _matches(subscription: SquareSubscription, body: bytes, signature: str) -> bool:
    signed = subscription.notification_url.encode() + body
    digest = hmac.new(subscription.signature_key.encode(), signed, hashlib.sha256).digest()
    # compare_digest takes bytes; a header may hold any character.
    return hmac.compare_digest(base64.b64encode(digest), signature.encode(errors="replace"))
