"""Square's Webhook Subscriptions API on this machine, as far as Flux calls it.

Follows Square's API reference: RetrieveWebhookSubscription and UpdateWebhookSubscriptionSignatureKey.
"""

import secrets
import threading
from dataclasses import dataclass, field
from http import HTTPStatus

from .square_answers import Record, Refused


@dataclass(kw_only=True)
class Subscription:
    """A webhook subscription.

    access_token: of the application that it belongs to.
    answers: the keys that were given, by the idempotency key of the request.
    """

    access_token: str
    notification_url: str
    signature_key: str
    answers: dict[str, str] = field(default_factory=dict)


class Subscriptions:
    """The subscriptions of all applications, by id."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}
        self._lock = threading.Lock()

    def put(self, subscription_id: str, body: Record) -> Record:
        """Do what the developer console does: subscribe."""
        with self._lock:
            self._subscriptions[subscription_id] = Subscription(
                access_token=str(body["access_token"]),
                notification_url=str(body["notification_url"]),
                signature_key=str(body["signature_key"]),
            )
        return {"id": subscription_id}

    def retrieve(self, token: str, subscription_id: str) -> Record:
        """RetrieveWebhookSubscription, with the key that Square signs with."""
        with self._lock:
            found = self._of(token, subscription_id)
            subscription: Record = {
                "id": subscription_id,
                "notification_url": found.notification_url,
                "signature_key": found.signature_key,
            }
            return {"subscription": subscription}

    def replace_key(self, token: str, subscription_id: str, body: Record) -> Record:
        """UpdateWebhookSubscriptionSignatureKey: another key from now on; the same one for a repeated request."""
        request = str(body.get("idempotency_key") or secrets.token_hex())
        with self._lock:
            found = self._of(token, subscription_id)
            if request not in found.answers:
                found.answers[request] = found.signature_key = secrets.token_urlsafe(16)
            return {"signature_key": found.answers[request]}

    def _of(self, token: str, subscription_id: str) -> Subscription:
        found = self._subscriptions.get(subscription_id)
        if found is None or not secrets.compare_digest(found.access_token, token):
            raise Refused(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "This request could not be authorized.")
        return found
