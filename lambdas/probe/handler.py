"""The probe: every minute it makes the journey of a user and of a webhook, and says how it went.

Once a day it says how old the secrets are.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from flux_core.aws import CLIENT_CONFIG
from flux_core.bounded_aws import bounded
from flux_core.logs import logger
from flux_core.metrics import count, metered, record
from flux_core.probe import ProbeSecret
from flux_core.secrets import SecretError, Secrets
from flux_core.vocabulary import JOURNEY_MILLISECONDS, JOURNEY_RUNS, JOURNEYS_SUCCEEDED, SECRET_AGE_DAYS

from .journey import CHECKS, SECRET_CHECKS, JourneyError, Visitor
from .secret_ages import ages
from .settings import ProbeSettings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# What the rule sends that has it look at the secrets.
DAILY = "probe.secret-ages"

# An answer that takes longer is none to whoever waits for it: the API itself gives up after 10 s.
STEP_SECONDS = 8.0
# For the whole journey; below the function's own 30 s, so that a journey that hangs is told as one that failed.
JOURNEY_SECONDS = 25.0


@cache
def _client() -> "SecretsManagerClient":
    return bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG))


@cache
def _secrets() -> Secrets:
    return Secrets(_client())


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda's signature
    """Do what its rule asks for: look at the secrets, or else make the journey.

    What it did not foresee ends it without a count, and so is noticed as silence.
    """
    settings = ProbeSettings.load()
    if event.get("type") == DAILY:
        _look_at_secrets(settings)
    else:
        _make_journey(settings)


def _look_at_secrets(settings: ProbeSettings) -> None:
    """Report the oldest; the log says which it is."""
    found = ages(_client(), settings.rotated_secrets, now=dt.datetime.now(dt.UTC))
    days = {secret: round(age / dt.timedelta(days=1), 1) for secret, age in found.items()}
    with metered():
        record(SECRET_AGE_DAYS, max(days.values()))
    logger.info("secrets looked at", extra={"days": days})


def _make_journey(settings: ProbeSettings) -> None:
    """Make the journey once, every step whatever became of the others."""
    began = time.monotonic()
    visitor = Visitor(
        settings.site_url,
        agent="flux-probe",
        host=settings.site_host,
        seconds=STEP_SECONDS,
        left=lambda: began + JOURNEY_SECONDS - time.monotonic(),
    )
    steps: dict[str, Callable[[], object]] = {
        **{name: partial(check, visitor) for name, check in CHECKS.items()},
        **{name: partial(_with_secret, settings, check, visitor) for name, check in SECRET_CHECKS.items()},
    }
    failed = dict(_failures(steps))
    milliseconds = round(1000 * (time.monotonic() - began))
    with metered():
        count(JOURNEY_RUNS)
        count(JOURNEYS_SUCCEEDED, int(not failed))
        record(JOURNEY_MILLISECONDS, milliseconds)
    if failed:
        logger.error("journey failed", extra={"failed": failed, "milliseconds": milliseconds})
    else:
        logger.info("journey succeeded", extra={"milliseconds": milliseconds})


def _failures(steps: Mapping[str, Callable[[], object]]) -> Iterator[tuple[str, str]]:
    for name, step in steps.items():
        try:
            step()
        except (JourneyError, SecretError) as error:
            yield name, str(error)


def _with_secret(settings: ProbeSettings, check: Callable[[Visitor, ProbeSecret], object], visitor: Visitor) -> None:
    check(visitor, _secrets().refresh(settings.probe_secret, ProbeSecret))
