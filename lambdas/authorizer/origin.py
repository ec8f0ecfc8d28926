"""The values of the origin header that count as CloudFront's, as Secrets Manager knows them."""

import hmac
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from flux_core.logs import logger
from flux_core.secrets import CURRENT, PENDING, PREVIOUS, Secret, SecretError
from flux_core.texts import TextsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# While a rotation runs, some edges send the old value and some the new one. In this order: a rotation that ends between
# two reads moves AWSPENDING's value to AWSCURRENT, and AWSCURRENT's to AWSPREVIOUS, so none is missed.
STAGES = (PENDING, CURRENT, PREVIOUS)

# How long an instance believes what it read: a value that was taken out of use is refused after this at the latest, if
# Secrets Manager answers. If it does not, a request with a known value waits for it this seldom.
KEEP_SECONDS = 30.0

# How soon it may read again for a value that it does not know, which may be new or forged. The rotation waits longer
# than this between making a value and sending it, so that nobody who sends a new value is refused.
RETRY_SECONDS = 5.0

# While an instance reads, it serves nobody, and there are few instances. Who must know a new value asks again later.
CONNECT_SECONDS = 0.5
READ_SECONDS = 1.0
CLIENT_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"mode": "standard", "total_max_attempts": 1}
)


class OriginValue(Secret):
    """One version of the origin secret."""

    value: str


# Not flux_core.secrets' cache, which asks again at each call that fails: of eight forged requests while Secrets Manager
# does not answer, it kept each waiting for 1.0 s, and these values only the first.
class OriginValues:
    """Tells CloudFront's requests from others."""

    def __init__(
        self, client: "SecretsManagerClient", *, secret: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock
        self._values: Sequence[bytes] = ()
        self._asked = float("-inf")
        self._failure: Exception | None = None

    def accept(self, value: str) -> bool:
        """Whether CloudFront sends this value, or just did before a rotation.

        A value that is known stays accepted while Secrets Manager fails: no outage of one service becomes one of Flux.

        Raises:
            SecretError: the value is unknown, and what is known may be out of date, for the secret cannot be read. Not
                the same as a refusal, which API Gateway would remember.
        """
        known = self._matches(value)
        if self._clock() - self._asked >= (KEEP_SECONDS if known else RETRY_SECONDS):
            self._read()
            known = self._matches(value)
        if not known and self._failure is not None:
            raise SecretError(f"secret {self._secret} cannot be read: {self._failure}") from self._failure
        return known

    def _matches(self, value: str) -> bool:
        given = value.encode(errors="replace")
        # All are compared, and each in full: the time tells neither which one nor how far it was right.
        compared = [hmac.compare_digest(known, given) for known in self._values]
        return any(compared)

    def _read(self) -> None:
        self._asked = self._clock()
        try:
            self._values = self._versions()
            self._failure = None
        except (BotoCoreError, ClientError, SecretError) as error:
            logger.warning("origin secret not read", extra={"reason": str(error)})
            self._failure = error
            self._asked = self._clock()  # from its end: a read that hangs must not use up the time until the next one
        finally:
            # By the next read the other end may have dropped a connection that is kept, and there is one attempt only.
            self._client.close()

    def _versions(self) -> Sequence[bytes]:
        versions = {stage: self._version(stage) for stage in STAGES}
        if versions[CURRENT] is None:
            raise SecretError(f"it has no usable version {CURRENT}")
        return [version for version in versions.values() if version is not None]

    def _version(self, stage: str) -> bytes | None:
        """The value with this label; None if there is none, or none that can be used."""
        try:
            content = self._client.get_secret_value(SecretId=self._secret, VersionStage=stage).get("SecretString", "")
            return OriginValue.model_validate_json(content).value.encode()
        except self._client.exceptions.ResourceNotFoundException:
            return None
        except TextsError:
            # Another version must not stop the one in use from counting.
            logger.error("a version of the origin secret has no value", extra={"stage": stage})
            return None
