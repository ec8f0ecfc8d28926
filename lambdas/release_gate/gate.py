"""Whether a new version may have traffic."""

import json
import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from flux_core.logs import logger

from .checks import Check, CheckFailedError
from .deployment import Release
from .requests import SCRIPTS
from .settings import GateSettings
from .signing import Signatures

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# A first request includes a cold start; a version that takes longer would time out for users behind API Gateway.
LIMIT_SECONDS = 10.0
# A slow answer is asked for again: it may have met a cold start, or a neighbour.
TRIES = 3

# A gate that takes longer than this has seen enough; without an answer CodeDeploy would wait for an hour.
ROUNDS_SECONDS = 60.0


class TooSlowError(CheckFailedError):
    """It answered well, and too late, more than once."""


class Gate:
    """Sends a version its checks, and believes only the answers."""

    def __init__(
        self,
        client: "LambdaClient",
        *,
        settings: GateSettings,
        signatures: Signatures,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Which functions it judges, how often it asks and what it refuses, the settings say."""
        self._client = client
        self._settings = settings
        self._signatures = signatures
        self._clock = clock

    def judge(self, release: Release) -> None:
        """Run every check of the function, compare its pace with the live version's, run the checks again and again.

        Once tells whether it works at all; often, whether it works nearly always. Any version fails now and then, so a
        check that failed is asked again at once: failing twice in a row refuses, and so do too many single failures.

        Raises:
            CheckFailedError: the version must not have traffic.
            SecretError: a key that the requests are signed with cannot be read.
            botocore.exceptions.BotoCoreError, ClientError: Lambda does not let it be asked.
        """
        name = self._settings.gated_functions.get(release.function)
        if name is None:
            raise CheckFailedError(f"no checks for {release.function}; GATED_FUNCTIONS does not name it")
        if name not in SCRIPTS:
            raise CheckFailedError(f"no checks for {name}; add them to release_gate/requests.py")
        checks = SCRIPTS[name](self._signatures)
        failures = sum(self._run_twice(release, check) for check in checks)
        for check in checks:
            if check.paced:
                self._compare(release, check)
        rounds = math.ceil(self._settings.requests / len(checks))
        if rounds > 1:
            self._repeat(release, checks, rounds=rounds - 1, failures=failures)

    def _repeat(self, release: Release, checks: Sequence[Check], *, rounds: int, failures: int) -> None:
        """Run all checks some rounds more, unless that takes too long.

        Raises:
            CheckFailedError: too many failed, those of earlier rounds (`failures`) included.
        """
        began = self._clock()
        for _ in range(rounds):
            for check in checks:
                failures += self._run_twice(release, check)
                if failures >= self._settings.refused_at:
                    raise CheckFailedError(f"{failures} requests failed once and not again; the log says which")
            if self._clock() - began > ROUNDS_SECONDS:
                return

    def _run_twice(self, release: Release, check: Check) -> bool:
        """Run a check, and again if it fails; whether the first run failed.

        Raises:
            CheckFailedError: the second run failed, too.
        """
        try:
            self._run(release, check)
        except TooSlowError:
            raise  # it was asked again already
        except CheckFailedError as error:
            logger.warning("check failed, asking again", extra={"check": check.name, "reason": str(error)})
            self._run(release, check)
            return True
        return False

    def _run(self, release: Release, check: Check) -> None:
        fastest = float("inf")
        for _ in range(TRIES):
            seconds = self._ask(release.function, release.version, check)
            fastest = min(fastest, seconds)
            if seconds > LIMIT_SECONDS:
                raise TooSlowError(
                    f"{check.name}: answered after {seconds:.1f} s, must be within {LIMIT_SECONDS:.0f} s"
                )
            if fastest <= check.seconds:
                logger.info(
                    "check passed",
                    extra={"check": check.name, "version": release.version, "seconds": round(fastest, 3)},
                )
                return
        raise TooSlowError(
            f"{check.name}: {TRIES} answers took {fastest:.1f} s or more, must be within {check.seconds:.0f} s"
        )

    def _compare(self, release: Release, check: Check) -> None:
        """Refuse a version that is much slower than the live one; whose faults never stop the version that mends them.

        Raises:
            CheckFailedError: it is.
        """
        try:
            live = self._pace(release.function, release.live_version, check)
        except (CheckFailedError, BotoCoreError, ClientError) as error:
            logger.warning("the live version sets no pace", extra={"check": check.name, "reason": str(error)})
            return
        try:
            new = self._pace(release.function, release.version, check)
        except CheckFailedError:
            new = self._pace(release.function, release.version, check)
        milliseconds = {"new_ms": round(new * 1000), "live_ms": round(live * 1000)}
        if new > self._settings.pace_factor * live + self._settings.pace_grace_ms / 1000:
            raise CheckFailedError(
                f"{check.name}: takes {milliseconds['new_ms']} ms at best, the live version "
                f"{milliseconds['live_ms']} ms"
            )
        logger.info("pace kept", extra={"check": check.name, "version": release.version, **milliseconds})

    def _pace(self, function: str, version: str, check: Check) -> float:
        """Seconds of the fastest of some good answers."""
        return min(self._ask(function, version, check) for _ in range(self._settings.pace_requests))

    def _ask(self, function: str, version: str, check: Check) -> float:
        """Get one answer that is as the check demands; returns the seconds that it took.

        Raises:
            CheckFailedError: the function failed, or answered otherwise.
        """
        began = self._clock()
        answer = self._client.invoke(
            FunctionName=function, Qualifier=version, Payload=json.dumps(check.payload).encode()
        )
        seconds = self._clock() - began
        content = answer["Payload"].read()
        if "FunctionError" in answer:
            raise CheckFailedError(f"{check.name}: the function failed: {_reason(content)}")
        check.judge(content)
        return seconds


def _reason(content: bytes) -> str:
    """What Lambda says of a function that failed, without its stack trace."""
    try:
        error = json.loads(content)
    except ValueError:
        error = None
    if not isinstance(error, dict):
        return content[:500].decode(errors="replace")
    return f"{error.get('errorType')}: {error.get('errorMessage')}"[:500]
