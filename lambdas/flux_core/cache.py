"""Valkey as a cache that may be away: then everything is a miss, and Flux is correct but slower."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from valkey import Valkey
from valkey.backoff import NoBackoff
from valkey.exceptions import AuthenticationError, ReadOnlyError, ResponseError, ValkeyError
from valkey.exceptions import ConnectionError as NoConnectionError
from valkey.retry import Retry

from .deadline import no_deadline
from .logs import logger
from .secrets import Login, SecretError, Secrets
from .settings import CacheSettings

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 0.5
# After a failure the cache is left alone this long, so that not every request waits for its timeouts.
PAUSE_SECONDS = 30.0
# A lost connection and a silent new one; who has less time left goes on without the cache.
SLOWEST_SECONDS = 2 * (CONNECT_SECONDS + ANSWER_SECONDS) + 0.5


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


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A counter. number: of times that it was counted up; seconds_left: until it begins anew."""

    number: int
    seconds_left: int


class Cache:
    """Bytes by key, over TLS, under the login in its secret.

    time_left: seconds that the caller has; nothing is begun that may take longer.
    """

    def __init__(
        self,
        settings: CacheSettings,
        secrets: Secrets,
        *,
        clock: Callable[[], float] = time.monotonic,
        time_left: Callable[[], float] = no_deadline,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._clock = clock
        self._time_left = time_left
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

    def count(self, key: str, *, seconds: int) -> Counted | None:
        """Count up, in one step whoever else does; the count begins anew that long after its first. None: no cache."""

        def up(client: Valkey) -> object:
            with client.pipeline(transaction=True) as steps:
                steps.incr(key)
                steps.expire(key, seconds, nx=True)
                steps.ttl(key)
                return steps.execute()  # type: ignore[no-untyped-call] # valkey types all but this

        match self._attempt(up):
            case [int(number), _, int(left)]:
                return Counted(number=number, seconds_left=max(left, 1))
            case _:
                return None

    def count_down(self, key: str) -> None:
        """Take back one count, if the counter is still there."""
        self._attempt(lambda client: client.decr(key) if client.exists(key) else None)

    def forget(self, key: str) -> None:
        """Keep nothing under the key any more."""
        self._attempt(lambda client: client.delete(key))

    def ping(self) -> None:
        """Ask the cache for an answer.

        Raises:
            CacheUnavailableError: there is none.
        """
        try:
            self._call(lambda client: client.ping())
        except (ValkeyError, SecretError) as error:
            raise CacheUnavailableError(f"the cache does not answer: {_words(error)}") from None

    def _attempt(self, call: Callable[[Valkey], object]) -> object:
        if self._clock() < self._paused_until or self._time_left() < SLOWEST_SECONDS:
            return None
        try:
            return self._call(call)
        except (ValkeyError, SecretError) as error:
            self._paused_until = self._clock() + PAUSE_SECONDS
            logger.warning("cache is away; going on without it", extra={"reason": _words(error)})
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


def _words(error: ValkeyError | SecretError) -> str:
    """Valkey quotes the arguments of a command that it does not take: a password, when that was AUTH."""
    return type(error).__name__ if isinstance(error, ResponseError) else f"{type(error).__name__}: {error}"
