"""Signatures of the gate's requests, made as those make them who are out there while a release is under way.

By the specifications and not by the functions' own code: a version that signs and reads in a new way would agree with
itself, and refuse every person who is signed in and everything that Square sends.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from uuid import UUID

from pydantic import JsonValue

from flux_core.rehearsal import RESTAURANT_ID
from flux_core.secrets import Secret, Secrets

# A check takes seconds; the token is of no use to whoever finds it in a log later.
TOKEN_SECONDS = 60


class TokenKey(Secret):
    """The key of the access tokens, and its name."""

    kid: str
    key: str


class Subscription(Secret):
    """What Square shows for a webhook subscription."""

    signature_key: str
    notification_url: str


class Origin(Secret):
    """What CloudFront sends with every request."""

    value: str


class Signatures:
    """Signs for the rehearsal's restaurant, and for Square; knows what CloudFront sends."""

    def __init__(
        self,
        secrets: Secrets,
        *,
        token_keys: str,
        subscription: str,
        origin: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secrets = secrets
        self._token_keys = token_keys
        self._subscription = subscription
        self._origin = origin
        self._clock = clock

    def token(
        self, restaurant_id: UUID = RESTAURANT_ID, *, role: str = "chef", age: int = 0, forged: bool = False
    ) -> str:
        """A JSON Web Token (RFC 7519, HS256) of somebody of a rehearsal's restaurant, for a minute.

        age: seconds since it was made.
        forged: it is signed with a key that is not in use, under the name of one that is.

        Raises:
            SecretError: the key cannot be read.
        """
        key = self._secrets.refresh(self._token_keys, TokenKey)
        made = int(self._clock()) - age
        claims = {
            "sub": str(restaurant_id),
            "restaurant_id": str(restaurant_id),
            "role": role,
            "iss": "flux-platform",
            "aud": "flux-api",
            "iat": made,
            "exp": made + TOKEN_SECONDS,
        }
        header = {"alg": "HS256", "typ": "JWT", "kid": key.kid}
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        signature = _signature("forged" if forged else key.key, signed)
        return f"{signed}.{signature}"

    def claims(self, token: str) -> Mapping[str, JsonValue] | None:
        """What a token says that the version issued; None if it is not signed with the key in use.

        Raises:
            SecretError: the key cannot be read.
        """
        signed, _, signature = token.rpartition(".")
        if signature != _signature(self._secrets.refresh(self._token_keys, TokenKey).key, signed):
            return None
        content = signed.partition(".")[2]
        claims: JsonValue = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
        return claims if isinstance(claims, dict) else None

    def keys(self) -> list[str]:
        """All that it signs and proves with: no log may hold it.

        Raises:
            SecretError: one cannot be read.
        """
        return [
            self._secrets.read(self._token_keys, TokenKey).key,
            self._secrets.read(self._subscription, Subscription).signature_key,
            self._secrets.read(self._origin, Origin).value,
        ]

    def square(self, body: bytes) -> str:
        """Square's signature of a body (Square Developer, "Verify and validate an event notification").

        Raises:
            SecretError: the key cannot be read.
        """
        subscription = self._secrets.refresh(self._subscription, Subscription)
        signed = subscription.notification_url.encode() + body
        digest = hmac.new(subscription.signature_key.encode(), signed, hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    def origin(self) -> str:
        """The header by which the HTTP API knows CloudFront.

        Raises:
            SecretError: it cannot be read.
        """
        return self._secrets.refresh(self._origin, Origin).value


def _signature(key: str, signed: str) -> str:
    return _base64url(hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
