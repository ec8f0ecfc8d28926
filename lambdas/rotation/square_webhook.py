"""The key with which Square signs its webhooks. Square makes it, and signs with it at once.

So it cannot be published before it is used, as other secrets are. Instead, the webhook function sees that a rotation is
under way (a version that is AWSPENDING and empty) and waits for the value: lambdas/webhook/square.py.

Source: Square API Reference, UpdateWebhookSubscriptionSignatureKey and RetrieveWebhookSubscription.
"""

import json
import time
from collections.abc import Callable
from http import HTTPStatus

import boto3
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flux_core.aws import CLIENT_CONFIG
from flux_core.bounded_aws import bounded
from flux_core.exchange import Exchange, ExchangeError
from flux_core.logs import logger
from flux_core.secrets import Secret, Secrets
from flux_core.square import API_VERSION

from .protocol import SETTLE_SECONDS
from .settings import SquareRotationSettings
from .strategy import RotationError, Strategy, Value

# What the templates put where an operator must fill in what Square shows (flux_infra/data/secrets.py).
SUBSCRIPTION_TO_FILL_IN = "fill-in"
ADDRESS_TO_FILL_IN = "https://fill-in.invalid/"

# A subscription has some hundred bytes.
MAX_BYTES = 1024 * 1024
SECONDS = 10


class SquareAccess(Secret):
    """What lets Flux manage its webhook subscription.

    access_token: the application's own; the API takes no seller's (Square Developer, "Webhook Subscriptions API").
    """

    access_token: str
    subscription_id: str


class _Known(Secret):
    notification_url: str


class _NewKey(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    signature_key: str = Field(min_length=1, repr=False)


class _Subscription(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    subscription: _NewKey


class SquareWebhook(Strategy):
    """Has Square replace the key."""

    def __init__(self, secrets: Secrets, *, url: str, access: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._secrets = secrets
        self._access = access
        self._sleep = sleep
        self._exchange = Exchange(url, max_bytes=MAX_BYTES)

    def create(self, current: str, *, token: str) -> str:
        """Ask Square for a new key, once every webhook instance may see that a rotation is under way.

        Before Square is connected the content stays as it is: nothing is signed with it.

        Raises:
            RotationError: Square gives no key, or it cannot be asked for another than the one that it signs with.
        """
        if not self._connected():
            if _Known.model_validate_json(current).notification_url == ADDRESS_TO_FILL_IN:
                logger.info("Square is not connected: there is no key to replace, and the value stays as it is")
                return current
            raise RotationError(
                "Square's key cannot be replaced: fill in the secret of Square's access "
                "(docs/runbooks/rotate-a-secret.md)"
            )
        self._sleep(SETTLE_SECONDS)
        # The same idempotency key is answered with the same signature key, should this be done again.
        answer = self._call(_NewKey, "POST", "/signature-key", {"idempotency_key": token})
        return json.dumps({**json.loads(current), "signature_key": answer.signature_key})

    def test(self, pending: Value) -> None:
        """Ask Square which key it signs with. Before Square is connected there is nothing to ask."""
        if not self._connected():
            return
        wanted = _NewKey.model_validate_json(pending.content)
        if self._call(_Subscription, "GET", "").subscription != wanted:
            raise RotationError(
                "Square signs with another key than the pending one. Copy the key that Square's developer console "
                "shows into the secret (docs/runbooks/rotate-a-secret.md)"
            )

    def _connected(self) -> bool:
        return self._secrets.refresh(self._access, SquareAccess).subscription_id != SUBSCRIPTION_TO_FILL_IN

    def _call[Shape: BaseModel](
        self, shape: type[Shape], method: str, path: str, body: dict[str, str] | None = None
    ) -> Shape:
        access = self._secrets.refresh(self._access, SquareAccess)
        path = f"/v2/webhooks/subscriptions/{access.subscription_id}{path}"
        headers = {
            "authorization": f"Bearer {access.access_token}",
            "square-version": API_VERSION,
            "content-type": "application/json",
        }
        content = None if body is None else json.dumps(body).encode()
        try:
            answer = self._exchange.ask(method, path, headers=headers, body=content, seconds=SECONDS)
        except ExchangeError as error:
            raise RotationError(f"Square does not answer {method} {path}: {error}. It is asked again") from error
        if answer.status != HTTPStatus.OK:
            raise RotationError(
                f"Square answers HTTP {answer.status} to {method} {path}; check the access token "
                "and the subscription's id in the secret of Square's access (docs/runbooks/rotate-a-secret.md)"
            )
        try:
            return shape.model_validate_json(answer.content)
        except ValidationError:
            raise RotationError(f"what answers {method} {path} is not Square. It is asked again") from None


def build_square_webhook() -> SquareWebhook:
    """From the environment."""
    settings = SquareRotationSettings.load()
    secrets = Secrets(bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG)))
    return SquareWebhook(secrets, url=settings.square_api_url, access=settings.square_access_secret)
