"""Valkey as a cache that may be away: then everything is a miss, and Flux is correct but slower."""

import time
from collections.abc import Callable

from valkey import Valkey
from valkey.backoff import NoBackoff
from valkey.exceptions import AuthenticationError, ReadOnlyError, ValkeyError
from valkey.exceptions import ConnectionError as NoConnectionError
from valkey.retry import Retry

from .logs import logger
from .secrets import Login, SecretError, Secrets
from .settings import CacheSettings

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 0.5
# After a failure the cache is left alone this long, so that not every request waits for its timeouts.
PAUSE_SECONDS = 30.0


def build_client(settings: CacheSettings, login: Login, *, retries: int) -> Valkey:
    """Return a client that connects when it is first asked.

    retries: how often it connects again and repeats a command whose connection is lost.
    """
    return Valkey(
        host=settings.cache_host,
        port=settings.cache_port,
        username=login.username,
        password=login.password,
        ssl=True,
        ssl_cert_reqs="required",
        ssl_check_hostname=True,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), retries),
        retry_on_error=[NoConnectionError],
    )


class CacheUnavailableError(RuntimeError):
    """The cache does not answer."""


class Cache:
    """Bytes by key, over TLS, under the login in its secret."""

    def __init__(
        self, settings: CacheSettings, secrets: Secrets, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._clock = clock
        self._client: Valkey | None = None
        self._login: Login | None = None
        self._paused_until = 0.0

    def get(self, key: str) -> bytes | None:
        """What is kept under the key; None when there is nothing or no cache."""
        found = self._attempt(lambda client: client.get(key))
        return found if isinstance(found, bytes) else None

    def set(self, key: str, value: bytes, *, seconds: int) -> None:
        """Keep a value for some seconds, if there is a cache."""
        self._attempt(lambda client: client.set(key, value, ex=seconds))

    def ping(self) -> None:
        """Ask the cache for an answer.

        Raises:
            CacheUnavailableError: there is none.
        """
        try:
            self._call(lambda client: client.ping())
        except (ValkeyError, SecretError) as error:
            raise CacheUnavailableError(f"the cache does not answer: {error}") from error

    def _attempt(self, call: Callable[[Valkey], object]) -> object:
        if self._clock() < self._paused_until:
            return None
        try:
            return self._call(call)
        except (ValkeyError, SecretError) as error:
            self._paused_until = self._clock() + PAUSE_SECONDS
            logger.warning("cache is away; going on without it", extra={"reason": str(error)})
            return None

    def _call(self, call: Callable[[Valkey], object]) -> object:
        name = self._settings.cache_secret
        known = self._secrets.read(name, Login)
        try:
            return call(self._connected(known))
        except ReadOnlyError:
            # The primary has become a replica. Its name leads to the new one, but only those who connect again.
            self._disconnect()
            raise
        except AuthenticationError:
            fresh = self._secrets.refresh_versions(name, Login).current
            if fresh == known:
                raise
            return call(self._connected(fresh))

    def _connected(self, login: Login) -> Valkey:
        if self._client is None or login != self._login:
            self._login = login
            # Once more, because a connection that slept through a frozen instance may be gone.
            self._client = build_client(self._settings, login, retries=1)
        return self._client

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]  # valkey leaves it so
            self._client = None
