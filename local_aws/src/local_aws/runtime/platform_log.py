"""The lines that Lambda itself adds to a function's log."""

import json
import time
from collections.abc import Mapping

from .function import Function, Invocation, LogLine, Outcome


def with_platform_lines(function: Function, invocation: Invocation, outcome: Outcome) -> tuple[LogLine, ...]:
    """What the log group receives of one invocation: start, the function's lines, end and report.

    Text or JSON as the function's LogFormat says ("Configuring JSON and plain text log formats"). In JSON format a line
    of the function that is no JSON object is wrapped into one, as the managed runtime does, and Lambda's own lines are
    those of the function's system log level: at WARN only the report of what failed ("System log level event mapping").
    """
    now = int(time.time() * 1000)
    began = min([now - int(outcome.milliseconds), *(line.at for line in outcome.log)])
    if function.json_logs:
        own = tuple(LogLine(at=line.at, text=_as_json(line, invocation)) for line in outcome.log)
        start = _event(began, "platform.start", {"requestId": invocation.request_id, "version": function.version})
        report = _event(now, "platform.report", _report(function, invocation, outcome))
        quiet = function.system_log_level == "WARN"
        return (*(() if quiet else (start,)), *own, *(() if quiet and not outcome.failed else (report,)))
    request = f"RequestId: {invocation.request_id}"
    return (
        LogLine(at=began, text=f"START {request} Version: {function.version}"),
        *outcome.log,
        LogLine(at=now, text=f"END {request}"),
        LogLine(at=now, text=_report_text(function, invocation, outcome)),
    )


def _report(function: Function, invocation: Invocation, outcome: Outcome) -> Mapping[str, object]:
    metrics = {
        "durationMs": round(outcome.milliseconds, 3),
        "billedDurationMs": int(outcome.milliseconds) + 1,
        "memorySizeMB": function.memory,
        "maxMemoryUsedMB": outcome.memory,
    }
    if outcome.init_milliseconds is not None:
        metrics["initDurationMs"] = round(outcome.init_milliseconds, 3)
    return {
        "requestId": invocation.request_id,
        "metrics": metrics,
        "status": "error" if outcome.failed else "success",
    }


def _report_text(function: Function, invocation: Invocation, outcome: Outcome) -> str:
    parts = [
        f"REPORT RequestId: {invocation.request_id}",
        f"Duration: {outcome.milliseconds:.2f} ms",
        f"Billed Duration: {int(outcome.milliseconds) + 1} ms",
        f"Memory Size: {function.memory} MB",
        f"Max Memory Used: {outcome.memory} MB",
    ]
    if outcome.init_milliseconds is not None:
        parts.append(f"Init Duration: {outcome.init_milliseconds:.2f} ms")
    return "\t".join(parts)


def _event(at: int, kind: str, record: Mapping[str, object]) -> LogLine:
    return LogLine(at=at, text=json.dumps({"time": _iso(at), "type": kind, "record": record}))


def _as_json(line: LogLine, invocation: Invocation) -> str:
    try:
        if isinstance(json.loads(line.text), dict):
            return line.text
    except ValueError:
        return json.dumps({"timestamp": _iso(line.at), "message": line.text, "requestId": invocation.request_id})
    return line.text


def _iso(milliseconds: int) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds / 1000))
    return f"{seconds}.{milliseconds % 1000:03d}Z"
