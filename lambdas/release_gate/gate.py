"""Whether a new version may have traffic."""

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flux_core.logs import logger

from .checks import CHECKS, Check, CheckFailedError
from .deployment import Release
from .settings import Kind

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# The first request includes a cold start; a version that takes longer would time out for users behind API Gateway.
LIMIT_SECONDS = 10.0


class Gate:
    """Sends a version its checks, and believes only the answers."""

    def __init__(
        self,
        client: "LambdaClient",
        *,
        functions: Mapping[str, Kind],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._functions = functions
        self._clock = clock

    def judge(self, release: Release) -> None:
        """Run every check of the function's kind.

        Raises:
            CheckFailedError: the version must not have traffic.
            botocore.exceptions.BotoCoreError, ClientError: Lambda does not let it be asked.
        """
        kind = self._functions.get(release.function)
        if kind is None:
            raise CheckFailedError(f"no checks for {release.function}; GATED_FUNCTIONS does not name it")
        for check in CHECKS[kind]:
            self._run(release, check)

    def _run(self, release: Release, check: Check) -> None:
        began = self._clock()
        answer = self._client.invoke(
            FunctionName=release.function, Qualifier=release.version, Payload=json.dumps(check.payload).encode()
        )
        seconds = self._clock() - began
        content = answer["Payload"].read()
        if "FunctionError" in answer:
            raise CheckFailedError(f"{check.name}: the function failed: {content[:500].decode(errors='replace')}")
        check.judge(content)
        if seconds > LIMIT_SECONDS:
            raise CheckFailedError(
                f"{check.name}: answered after {seconds:.1f} s, must be within {LIMIT_SECONDS:.0f} s"
            )
        logger.info(
            "check passed", extra={"check": check.name, "version": release.version, "seconds": round(seconds, 3)}
        )
