"""Runs one event of one ministack function in a process of the pool, and logs it to CloudWatch Logs."""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Sequence

from ministack.services import cloudwatch_logs, lambda_svc

from .runtime import bundle
from .runtime.function import RUNTIME, Function, Invocation, LogLine
from .runtime.platform_log import with_platform_lines
from .runtime.pool import Pool
from .runtime.records import Record, configuration
from .runtime.worker import Worker
from .settings import settings
from .values import Json

POOL = Pool()
"""The emulator's only pool."""

OURS = "local-aws"
"""`log_source` of what ran here, whose log is already written."""


def is_ours(record: Record) -> bool:
    """Whether these processes can run the function; others (CDK's own Node functions) stay with ministack."""
    told = configuration(record)
    return told.text("Runtime", "") == RUNTIME and not told.values.get("Layers")


def run(record: Record, event: Json, request_id: str) -> dict[str, object]:
    """Run one event; answers as ministack's executors do, with the handler's `milliseconds` besides."""
    told = configuration(record)
    function = Function.of(told)
    code = record.get("code_zip")
    if not isinstance(code, bytes):
        raise TypeError(f"{function.name}: no bundle was uploaded")
    trace = lambda_svc._xray_trace_id_for_invocation(told.values)
    invocation = Invocation(request_id=request_id, arn=told.text("FunctionArn"), event=event, trace=trace)

    def start() -> Worker:
        return Worker(function, bundle.unpack(code, function.code, settings().functions), settings())

    outcome = POOL.invoke(function, start, invocation)
    lines = with_platform_lines(function, invocation, outcome)
    write_log(function.log_group, outcome.stream, lines)
    return {
        "body": outcome.payload,
        "log": "\n".join(line.text for line in lines),  # Invoke answers its tail when asked for it
        "log_source": OURS,
        "milliseconds": outcome.milliseconds,
        **({"error": True, "function_error": "Unhandled"} if outcome.failed else {}),
    }


def write_log(group: str, stream: str, lines: Sequence[LogLine]) -> None:
    """Put lines into CloudWatch Logs of the current account and region; creates what is missing, as Lambda does."""
    if group not in cloudwatch_logs._log_groups:
        cloudwatch_logs._create_log_group({"logGroupName": group})
    if stream not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    events = [{"timestamp": line.at, "message": line.text} for line in lines]
    cloudwatch_logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": events})
