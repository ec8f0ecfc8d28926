"""Access tokens: JSON Web Tokens that say who is calling, and for which restaurant."""

import time
from collections.abc import Callable
from typing import Literal
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from flux_core.secrets import REFRESH_SECONDS, Secrets
from flux_core.token_key import ACCEPTED_AFTER, LIFETIME_SECONDS, TokenKey

ISSUER = "flux-platform"
AUDIENCE = "flux-api"

_ALGORITHM = "HS256"

Role = Literal["owner", "manager", "chef"]


class InvalidTokenError(ValueError):
    """A token that is not ours, is expired, or says something impossible."""


class Caller(BaseModel):
    """Who is calling.

    sub: the user.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    sub: UUID
    restaurant_id: UUID
    role: Role


class AccessTokens:
    """Issues tokens and reads them."""

    def __init__(self, secrets: Secrets, *, key_name: str, clock: Callable[[], float] = time.time) -> None:
        self._secrets = secrets
        self._key_name = key_name
        self._clock = clock

    def issue(self, caller: Caller) -> str:
        """A token for thirty minutes.

        Raises:
            SecretError: the key cannot be read.
        """
        # A replaced key must not go on signing: what it signs is refused after the next rotation.
        key = self._secrets.read(self._key_name, TokenKey, age=REFRESH_SECONDS)
        now = int(self._clock())
        issued = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME_SECONDS}
        claims = {**caller.model_dump(mode="json"), **issued}
        return jwt.encode(claims, key.key, algorithm=_ALGORITHM, headers={"kid": key.kid})

    def read(self, token: str) -> Caller:
        """Whom a token speaks for.

        Raises:
            InvalidTokenError: nobody.
            SecretError: the key cannot be read.
        """
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[_ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
            return Caller.model_validate(claims)
        # PyJWT lets through what Python raises for claims and headers of other types, like an `exp` that is a list.
        except (jwt.PyJWTError, ValidationError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise InvalidTokenError(str(error)) from error

    def _key(self, kid: object) -> TokenKey:
        """The key of this name, among those in use: the current one, and around a rotation its neighbours."""
        for versions in (self._secrets.versions, self._secrets.refresh_versions):
            for key in versions(self._key_name, TokenKey).accepted(now=self._clock(), overlap=ACCEPTED_AFTER):
                if key.kid == kid:
                    return key
        raise InvalidTokenError("signed with a key that is not in use")
