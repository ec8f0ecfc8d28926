"""The password of an ElastiCache user, who may have two at once.

Source: ElastiCache User Guide, "Authenticating users with RBAC" (two passwords per user, for rotation).
"""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
from valkey.exceptions import ValkeyError

from flux_core.aws import CLIENT_CONFIG
from flux_core.bounded_aws import bounded
from flux_core.cache import build_client
from flux_core.secrets import Login
from flux_core.settings import CacheSettings

from .settings import CacheRotationSettings
from .strategy import RotationError, Strategy, Value, Values, random_text

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

# ElastiCache applies a change within seconds, and takes no other one meanwhile.
ACTIVE_SECONDS = 120
_POLL_SECONDS = 1


class CacheLogin(Strategy):
    """Lets the user in with the old and the new password, and with the new one alone once it is current."""

    retires = True

    def __init__(
        self,
        settings: CacheSettings,
        elasticache: "ElastiCacheClient",
        *,
        user: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._elasticache = elasticache
        self._user = user
        self._sleep = sleep

    def create(self, current: str, *, token: str) -> str:
        """The same user with another password."""
        del token
        return json.dumps({**json.loads(current), "password": random_text()})

    def put_into_force(self, values: Values) -> None:
        """Both passwords work from here on."""
        self._admit(values.current, values.pending)

    def test(self, pending: Value) -> None:
        """Log in."""
        login = Login.model_validate_json(pending.content)
        try:
            with build_client(self._settings, login, retries=0) as client:
                client.ping()
        except ValkeyError as error:
            # Valkey quotes the arguments of a command that it does not take.
            raise RotationError(
                f"the cache refuses the new password of {login.username}: {type(error).__name__}"
            ) from None

    def retire(self, current: Value) -> None:
        """The new password alone works from here on."""
        self._admit(current)

    def _admit(self, *values: Value) -> None:
        passwords = [Login.model_validate_json(value.content).password for value in values]
        self._wait_until_active()
        self._elasticache.modify_user(UserId=self._user, Passwords=passwords)
        self._wait_until_active()

    def _wait_until_active(self) -> None:
        for _ in range(ACTIVE_SECONDS // _POLL_SECONDS):
            (user,) = self._elasticache.describe_users(UserId=self._user)["Users"]
            if user["Status"] == "active":
                return
            self._sleep(_POLL_SECONDS)
        raise RotationError(f"ElastiCache user {self._user} is not active after {ACTIVE_SECONDS} s; see its events")


def build_cache_login() -> CacheLogin:
    """From the environment."""
    settings = CacheRotationSettings.load()
    return CacheLogin(settings, bounded(boto3.client("elasticache", config=CLIENT_CONFIG)), user=settings.cache_user)
