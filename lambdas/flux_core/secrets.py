"""Secrets by name from Secrets Manager, kept while they are known to work.

A secret that is being rotated has several values at once, told apart by their labels: AWSCURRENT is for use, AWSPENDING
is the next one, AWSPREVIOUS the last one (Secrets Manager User Guide, "Secret versions").
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from botocore.exceptions import BotoCoreError, ClientError

from .deadline import no_deadline
from .logs import logger
from .patience import SLOWEST_CALL_SECONDS
from .texts import Texts, TextsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"

# A caller that suspects a rotation may ask again this often; otherwise each forged request would cost calls to AWS.
# Rotations wait a little longer than this wherever a value must be known before it is used (docs/decisions/0027).
REFRESH_SECONDS = 5.0

# A value that still works is read again after this time, so that what was rotated or filled in gets around by itself.
AGE_SECONDS = 300.0

# When Secrets Manager does not answer, no old value is read again for this long: each attempt takes seconds.
PAUSE_SECONDS = 60.0


class SecretError(RuntimeError):
    """A secret cannot be read, or does not hold what it should."""


class Secret(Texts):
    """The shape of a secret's JSON. Members that it does not name are ignored: RDS adds its own."""

    @classmethod
    def model_validate_json(cls, content: str | bytes) -> Self:
        """The secret in a text.

        Raises:
            TextsError: it is no JSON, or has not this shape.
        """
        try:
            members = json.loads(content)
        except ValueError:
            members = None
        if not isinstance(members, dict):
            raise TextsError(["JSON"])
        return cls.model_validate(members)


class Login(Secret):
    """A user name and its password."""

    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Versions[Shape: Secret]:
    """The values of a secret, by their labels.

    current_since: when the current value was written.
    """

    current: Shape
    current_since: datetime
    pending: Shape | None = None
    previous: Shape | None = None

    def __iter__(self) -> Iterator[Shape]:
        """Those that there are, in the order in which they are to be tried."""
        return (value for value in (self.current, self.pending, self.previous) if value is not None)

    def accepted(self, *, now: float, overlap: timedelta) -> Iterator[Shape]:
        """Those that count: the previous one only as long after the current one was written as `overlap` says.

        now: seconds since 1970.
        """
        recent = datetime.fromtimestamp(now, UTC) - self.current_since < overlap
        return (value for value in self if recent or value is not self.previous)


@dataclass(frozen=True, kw_only=True)
class _Value:
    content: str = field(repr=False)
    written: datetime


@dataclass(kw_only=True)
class _Kept:
    """What is known of a secret's values, and when it was asked for."""

    current: _Value
    current_asked: float
    pending: _Value | None = None
    previous: _Value | None = None
    all_asked: float = -math.inf


class Secrets:
    """Reads secrets, and reads them again when they are old or a caller finds that one no longer works.

    When Secrets Manager does not answer, it is left alone for some seconds, for all secrets: each attempt takes
    seconds, and a stranger with a forged signature or token causes one.

    time_left: seconds that the caller has; a call is not begun that may take longer.
    """

    def __init__(
        self,
        client: "SecretsManagerClient",
        *,
        clock: Callable[[], float] = time.monotonic,
        time_left: Callable[[], float] = no_deadline,
    ) -> None:
        self._client = client
        self._clock = clock
        self._time_left = time_left
        self._silent_until = -math.inf
        self._kept: dict[str, _Kept] = {}
        self._pending: dict[str, tuple[float, str | None]] = {}
        self._paused_until = -math.inf

    def read[Shape: Secret](self, name: str, shape: type[Shape], *, age: float = AGE_SECONDS) -> Shape:
        """The current value as this instance knows it.

        age: how old it may be, seconds; older while Secrets Manager does not answer.

        Raises:
            SecretError: Secrets Manager does not give it, or it does not have that shape.
        """
        return self.versions(name, shape, age=age).current

    def refresh[Shape: Secret](self, name: str, shape: type[Shape]) -> Shape:
        """The current value as it is now, but asked for every few seconds at the most.

        Raises:
            SecretError: as for `read`.
        """
        kept = self._known(name)
        if self._clock() - kept.current_asked >= REFRESH_SECONDS:
            self._fetch_current(name)
        return self._current(name, self._kept[name], shape)

    def versions[Shape: Secret](self, name: str, shape: type[Shape], *, age: float = AGE_SECONDS) -> Versions[Shape]:
        """The values that this instance knows: the current one, and others if it has asked for them.

        age: as for `read`.

        Raises:
            SecretError: as for `read`.
        """
        kept = self._known(name)
        if self._clock() - kept.current_asked >= age:
            self._renew(name)
        return self._versions(name, self._kept[name], shape)

    def refresh_versions[Shape: Secret](
        self, name: str, shape: type[Shape], *, at_once: bool = False
    ) -> Versions[Shape]:
        """All values as they are now, but asked for every few seconds at the most.

        at_once: ask however short ago that was.

        Raises:
            SecretError: as for `read`.
        """
        known = self._kept.get(name)
        if known is None or at_once or self._clock() - known.all_asked >= REFRESH_SECONDS:
            self._fetch_all(name)
        return self._versions(name, self._kept[name], shape)

    def pending_version(self, name: str) -> str | None:
        """The id of the version that a rotation has begun, be its value there or not; None without a rotation.

        Asked for every few seconds at the most.

        Raises:
            SecretError: Secrets Manager does not tell.
        """
        asked, pending = self._pending.get(name, (-math.inf, None))
        if self._clock() - asked < REFRESH_SECONDS:
            return pending
        self._require_time(name)
        asked = self._clock()
        try:
            stages = self._client.describe_secret(SecretId=name).get("VersionIdsToStages", {})
        except (BotoCoreError, ClientError) as error:
            self._note(error)
            raise SecretError(f"secret {name} cannot be described: {error}") from error
        versions = (version for version, labels in stages.items() if PENDING in labels and CURRENT not in labels)
        pending = next(versions, None)  # Secrets Manager gives a label to one version at a time
        self._pending[name] = (asked, pending)
        return pending

    def _known(self, name: str) -> _Kept:
        if name not in self._kept:
            self._fetch_current(name)
        return self._kept[name]

    def _renew(self, name: str) -> None:
        """Replace a value that may still work. While that fails, those that are known are good enough."""
        if self._clock() < self._paused_until:
            return
        try:
            self._fetch_current(name)
        except SecretError as error:
            logger.warning("a secret is older than it should be", extra={"reason": str(error)})
            self._paused_until = self._clock() + PAUSE_SECONDS

    def _fetch_current(self, name: str) -> None:
        asked = self._clock()
        current = self._get_current(name)
        kept = self._kept.get(name)
        if kept is None or kept.current != current:
            kept = _Kept(current=current, current_asked=asked)  # other values have other labels now, too
        kept.current_asked = asked
        self._kept[name] = kept

    def _fetch_all(self, name: str) -> None:
        """In the order in which a value takes its labels, so that one that moves meanwhile is not missed."""
        asked = self._clock()
        pending = self._get(name, PENDING)
        current = self._get_current(name)
        previous = self._get(name, PREVIOUS)
        self._kept[name] = _Kept(
            current=current, current_asked=asked, pending=pending, previous=previous, all_asked=asked
        )

    def _get_current(self, name: str) -> _Value:
        current = self._get(name, CURRENT)
        if current is None:
            raise SecretError(f"secret {name} cannot be read: there is none of this name, or it has no value")
        return current

    def _require_time(self, name: str) -> None:
        if self._clock() < self._silent_until:
            raise SecretError(f"secret {name} is not asked for: Secrets Manager has just not answered")
        if self._time_left() < SLOWEST_CALL_SECONDS:
            raise SecretError(f"secret {name} is not asked for: no time is left to wait for Secrets Manager")

    def _note(self, error: Exception) -> None:
        if isinstance(error, BotoCoreError):  # not a ClientError, with which Secrets Manager has answered
            self._silent_until = self._clock() + REFRESH_SECONDS

    def _get(self, name: str, stage: str) -> _Value | None:
        self._require_time(name)
        try:
            found = self._client.get_secret_value(SecretId=name, VersionStage=stage)
            return _Value(content=found["SecretString"], written=found["CreatedDate"])
        except (BotoCoreError, ClientError, KeyError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            self._note(error)
            raise SecretError(f"secret {name} cannot be read: {error}") from error

    def _versions[Shape: Secret](self, name: str, kept: _Kept, shape: type[Shape]) -> Versions[Shape]:
        return Versions(
            current=self._current(name, kept, shape),
            current_since=kept.current.written,
            pending=_usable(kept.pending, shape),
            previous=_usable(kept.previous, shape),
        )

    def _current[Shape: Secret](self, name: str, kept: _Kept, shape: type[Shape]) -> Shape:
        try:
            return shape.model_validate_json(kept.current.content)
        except TextsError as error:
            self._kept.pop(name)  # an operator is about to fill it in
            lacking = ", ".join(error.names)
            raise SecretError(f"secret {name} lacks a usable {lacking}; an operator must fill it in") from None


def _usable[Shape: Secret](value: _Value | None, shape: type[Shape]) -> Shape | None:
    """What is not current only helps; a secret that an operator fills in has a previous value of no use."""
    try:
        return None if value is None else shape.model_validate_json(value.content)
    except TextsError:
        return None
