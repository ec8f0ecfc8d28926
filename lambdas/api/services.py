"""What the api's routes work with."""

from dataclasses import dataclass

import boto3

from flux_core.aws import CLIENT_CONFIG
from flux_core.bounded_aws import bounded
from flux_core.cache import Cache
from flux_core.database import Database
from flux_core.deadline import Deadline
from flux_core.secrets import Secrets

from .limits import SignInLimits
from .rehearsal import ProbePassword
from .settings import ApiSettings
from .tokens import AccessTokens

# Below the function's own 10 s, so that a slow statement becomes an answer.
STATEMENT_SECONDS = 5

# Kept for the answer itself, on an instance that shares its processor.
ANSWER_SECONDS = 1.5


@dataclass(frozen=True, kw_only=True)
class Services:
    """One of each, for the life of the instance.

    probe: None where there is no probe.
    """

    database: Database
    cache: Cache
    tokens: AccessTokens
    limits: SignInLimits
    probe: ProbePassword | None
    deadline: Deadline


def build_services(settings: ApiSettings) -> Services:
    """Everything that the settings speak of; nothing is called yet."""
    deadline = Deadline(answer_seconds=ANSWER_SECONDS)
    secrets = Secrets(bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG)), time_left=deadline.left)
    probe = None if settings.probe_secret is None else ProbePassword(secrets, name=settings.probe_secret)
    cache = Cache(settings, secrets, time_left=deadline.left)
    return Services(
        database=Database(settings, secrets, statement_seconds=STATEMENT_SECONDS, time_left=deadline.left),
        cache=cache,
        tokens=AccessTokens(secrets, key_name=settings.token_keys_secret),
        limits=SignInLimits(cache),
        probe=probe,
        deadline=deadline,
    )
