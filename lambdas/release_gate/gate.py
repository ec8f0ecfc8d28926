"""Whether a new version may have traffic."""

import base64
import json
import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from flux_core.logs import logger

from .checks import Answer, Check, CheckFailedError, WrongEffectError
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


# As a secret is written in JSON, in a text or in a text within a text.
_SECRET_MEMBER = re.compile(
    r'\\*"(password|signature_key|refresh_token|access_token|authorization)\\*": *\\*"[^"\\*]', re.IGNORECASE
)
_MEMORY = re.compile(r'"MemoryUsed": ?(\d+)')
_BEARER = re.compile(r"Bearer +([\w.-]{20,})")


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
        self._secrets: list[str] = []
        self._memory: list[int] = []

    def judge(self, release: Release) -> None:
        """Run every check of the function, compare its pace with the live version's, run the checks again and again.

        Once tells whether it works at all; often, whether it works nearly always, and whether its memory grows. Any
        version fails now and then, so a check that failed is asked again at once: failing twice in a row refuses, and
        so do too many single failures. What is wrong, and not only failing, refuses at once.

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
        script = SCRIPTS[name]
        self._secrets, self._memory = self._signatures.keys(), []
        checks = _known(release, script(self._signatures))
        failures = sum(self._run_through(release, check) for check in checks)
        touched = len(self._memory)
        for check in checks:
            if check.paced:
                self._compare(release, check)
        if self._settings.requests > touched:
            self._repeat(release, lambda: _known(release, script(self._signatures)), failures=failures)
        if not self._has_traffic(release):
            self._refuse_leak(touched)

    def _repeat(self, release: Release, script: Callable[[], Sequence[Check]], *, failures: int) -> None:
        """Run the whole script again, made anew each time, until there were enough requests, or it takes too long.

        Raises:
            CheckFailedError: too many failed, those of the first round (`failures`) included.
        """
        began = self._clock()
        while len(self._memory) < self._settings.requests:
            for check in script():
                failures += self._run_through(release, check)
                if failures >= self._settings.refused_at:
                    raise CheckFailedError(f"{failures} requests failed once and not again; the log says which")
            if self._clock() - began > ROUNDS_SECONDS:
                return

    def _refuse_leak(self, touched: int) -> None:
        """Refuse a version whose instances need more and more memory for the same questions.

        Only while nobody else asks: one large request of a stranger's is enough to grow an instance, and once the
        version has traffic, the alarm on its memory watches it.
        touched: after so many requests everything had been asked once.

        Raises:
            WrongEffectError: it does.
        """
        later = self._memory[touched:]
        # An instance that was warm reports nothing until it has grown.
        first = max(self._memory[:touched], default=0) or next((used for used in later if used), 0)
        most = max(later, default=0)
        if first and most - first > self._settings.memory_grace_mib:
            raise WrongEffectError(
                f"memory grows: {first} MB when everything had been asked once, {most} MB after "
                f"{len(later)} requests more"
            )

    def _has_traffic(self, release: Release) -> bool:
        """Whether others ask the version, too: CodeDeploy does not tell a hook whether it runs before or after."""
        alias = self._client.get_alias(FunctionName=release.function, Name=release.alias)
        return alias["FunctionVersion"] == release.version

    def _run_through(self, release: Release, check: Check) -> int:
        """Run a check, and those that its answer leads to; how many failed once.

        Raises:
            CheckFailedError: one failed twice.
        """
        failed, answer = self._run_twice(release, check)
        return failed + sum(self._run_through(release, each) for each in check.then(answer))

    def _run_twice(self, release: Release, check: Check) -> tuple[bool, Answer]:
        """Run a check, and again if it fails; whether the first run failed, and the answer.

        Raises:
            CheckFailedError: the second run failed, too.
        """
        try:
            return False, self._run(release, check)
        except (TooSlowError, WrongEffectError):
            raise  # it was asked again already, or has done what a second try does not undo
        except CheckFailedError as error:
            logger.warning("check failed, asking again", extra={"check": check.name, "reason": str(error)})
            return True, self._run(release, check)

    def _run(self, release: Release, check: Check) -> Answer:
        fastest = float("inf")
        for _ in range(TRIES):
            seconds, answer, memory = self._ask(release, release.version, check)
            self._memory.append(memory)
            fastest = min(fastest, seconds)
            if seconds > LIMIT_SECONDS:
                raise TooSlowError(
                    f"{check.name}: answered after {seconds:.1f} s, must be within {LIMIT_SECONDS:.0f} s"
                )
            if fastest <= check.seconds:
                logger.info(
                    "check passed",
                    extra={
                        "check": check.name,
                        "version": release.version,
                        "seconds": round(fastest, 3),
                        "memory_mb": memory,
                    },
                )
                return answer
        raise TooSlowError(
            f"{check.name}: {TRIES} answers took {fastest:.1f} s or more, must be within {check.seconds:.0f} s"
        )

    def _compare(self, release: Release, check: Check) -> None:
        """Refuse a version that is much slower than the live one; whose faults never stop the version that mends them.

        Raises:
            CheckFailedError: it is.
        """
        try:
            live = self._pace(release, release.live_version, check)
        except (CheckFailedError, BotoCoreError, ClientError) as error:
            logger.warning("the live version sets no pace", extra={"check": check.name, "reason": str(error)})
            return
        try:
            new = self._pace(release, release.version, check)
        except CheckFailedError:
            new = self._pace(release, release.version, check)
        milliseconds = {"new_ms": round(new * 1000), "live_ms": round(live * 1000)}
        if new > self._settings.pace_factor * live + self._settings.pace_grace_ms / 1000:
            raise CheckFailedError(
                f"{check.name}: takes {milliseconds['new_ms']} ms at best, the live version "
                f"{milliseconds['live_ms']} ms"
            )
        logger.info("pace kept", extra={"check": check.name, "version": release.version, **milliseconds})

    def _pace(self, release: Release, version: str, check: Check) -> float:
        """Seconds of the fastest of some good answers."""
        return min(self._ask(release, version, check)[0] for _ in range(self._settings.pace_requests))

    def _ask(self, release: Release, version: str, check: Check) -> tuple[float, Answer, int]:
        """Get one answer that is as the check demands; returns the seconds that it took, and the instance's megabytes.

        The megabytes are 0 unless it has just needed more than ever before.

        Raises:
            CheckFailedError: the function failed, or answered otherwise.
        """
        began = self._clock()
        answer = self._client.invoke(
            FunctionName=release.function,
            Qualifier=version,
            Payload=json.dumps(check.payload).encode(),
            LogType="Tail",
        )
        seconds = self._clock() - began
        content = answer["Payload"].read()
        log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
        if "FunctionError" in answer:
            raise CheckFailedError(f"{check.name}: the function failed: {_reason(content)}")
        got = check.judge(content, way_back=_leads_back(release) or version == release.live_version)
        self._refuse_secrets(check, log)
        # What flux_core.tally tells of an instance that has grown. Lambda's own line comes in trouble only.
        used = _MEMORY.search(log)
        return seconds, got, int(used[1]) if used else 0

    def _refuse_secrets(self, check: Check, log: str) -> None:
        """Refuse a version that writes into its log what nobody may read there.

        Raises:
            WrongEffectError: it does.
        """
        sent = _BEARER.findall(json.dumps(check.payload))
        if any(secret in log for secret in (*self._secrets, *sent)) or _SECRET_MEMBER.search(log):
            raise WrongEffectError(f"{check.name}: a secret is in the log")


def _leads_back(release: Release) -> bool:
    """Whether the version is older than the live one: somebody rolls back, and needs what worked before."""
    return int(release.version) < int(release.live_version)


def _known(release: Release, checks: Sequence[Check]) -> Sequence[Check]:
    """The checks that the version can know."""
    return [check for check in checks if not (check.since_effects and _leads_back(release))]


def _reason(content: bytes) -> str:
    """What Lambda says of a function that failed, without its stack trace."""
    try:
        error = json.loads(content)
    except ValueError:
        error = None
    if not isinstance(error, dict):
        return content[:500].decode(errors="replace")
    return f"{error.get('errorType')}: {error.get('errorMessage')}"[:500]
