"""How old the values are of the secrets that rotate."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from flux_core.secrets import CURRENT

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def ages(client: "SecretsManagerClient", secrets: Iterable[str], *, now: dt.datetime) -> Mapping[str, dt.timedelta]:
    """Return how long each secret has had the value that is in use.

    Of versions, not of the secret: what Secrets Manager calls its last change may be a rotation that failed.

    secrets: their names or ARNs.

    Raises:
        LookupError: a secret has no value in use.
    """
    return {secret: now - _made(client, secret) for secret in secrets}


def _made(client: "SecretsManagerClient", secret: str) -> dt.datetime:
    # Versions without a label, which could be more than one answer holds, are left out unless asked for.
    for version in client.list_secret_version_ids(SecretId=secret)["Versions"]:
        if CURRENT in version.get("VersionStages", ()):
            return version["CreatedDate"]
    raise LookupError(f"{secret} has no version {CURRENT}; put a value in with 'put-secret-value'")
