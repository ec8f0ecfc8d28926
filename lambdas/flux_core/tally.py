"""What a version promised and what it has done of it, and how much memory it needs: what alarms on a release watch.

Answers may be good where effects are not. So both sides are counted where they cross the function's border, each by its
own code, and the alarms compare them by executed version.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.typing import LambdaContext

from .metrics import NAMESPACE

if TYPE_CHECKING:
    from .aws_json import Call

DIMENSIONS = ("FunctionName", "ExecutedVersion")
_STATUS = Path("/proc/self/status")


@dataclass(kw_only=True)
class Tally:
    """Of one invocation, and of the instance.

    promised: pieces of work that somebody relies on: events answered with 202, orders fetched.
    kept: those of them that are done: on the queue; stored, or set aside for a reason.
    memory: the most that was reported, MiB. What an instance has needed it never needs less, so only more is news.
    """

    promised: int = 0
    kept: int = 0
    memory: int = 0


TALLY = Tally()


@contextmanager
def tallied(context: LambdaContext) -> Iterator[Tally]:
    """Count one invocation, and report it when it ends, however it ends."""
    TALLY.promised = TALLY.kept = 0
    try:
        yield TALLY
    finally:
        values = {"WorkPromised": TALLY.promised, "WorkKept": TALLY.kept} if TALLY.promised or TALLY.kept else {}
        # getrusage answers at once and never says less, but may speak of the program that started this one.
        most = getrusage(RUSAGE_SELF).ru_maxrss // 1024
        if most > TALLY.memory and (used := memory_used()) > TALLY.memory:
            TALLY.memory = values["MemoryUsed"] = used
        if values:
            _report(context, values)


def keep_what_is_sent(sqs: "Call") -> "Call":
    """Count as kept each message that SQS confirms, whoever sends it."""

    def call(operation: str, parameters: Mapping[str, object]) -> dict[str, object]:
        answer = sqs(operation, parameters)
        TALLY.kept += operation == "SendMessage" and bool(answer.get("MessageId"))
        return answer

    return call


def memory_used() -> int:
    """The most that this process has ever needed, MiB; 0 where Linux does not say so."""
    try:
        status = _STATUS.read_text()
    except FileNotFoundError:
        return 0
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(peak[1]) // 1024 if peak else 0


def _report(context: LambdaContext, values: Mapping[str, int]) -> None:
    metrics = [{"Name": name, "Unit": "Megabytes" if name == "MemoryUsed" else "Count"} for name in values]
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [DIMENSIONS], "Metrics": metrics}],
        },
        "FunctionName": context.function_name,
        "ExecutedVersion": context.function_version,
        **values,
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - CloudWatch reads it from standard output
