"""Runs inside a function's process, in place of Lambda's Python runtime: loads the handler, then serves events.

Standard library only, and as little of it as possible: what is imported here, the function finds already imported.
Talks to the emulator through an inherited socket (its number is the first argument), one JSON object a line. Standard
output and error are the function's log; a line of the request id between record separators ends an invocation's part.
"""

import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import BinaryIO

type Message = dict[str, object]
type Handler = Callable[[object, object], object]

MARK = "\x1e"


class Context:
    """The handler's second argument ("Using the Lambda context object to retrieve Python function information")."""

    def __init__(self, message: Message) -> None:
        self.aws_request_id = str(message["request_id"])
        self.invoked_function_arn = str(message["arn"])
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = None
        self._deadline = float(str(message["deadline"]))

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda stops this invocation."""
        return max(0, int((self._deadline - time.time()) * 1000))


class RequestLog(logging.Handler):
    """The handler that Lambda puts on the root logger; formats as the function's LogFormat says."""

    def __init__(self, *, json_lines: bool) -> None:
        super().__init__()
        self._json = json_lines
        self.request_id = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as one line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        message = record.getMessage()
        failure = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        if self._json:
            entry = {"timestamp": f"{at}Z", "level": record.levelname, "message": message, "logger": record.name}
            entry |= {"requestId": self.request_id} | ({"stackTrace": failure} if failure else {})
            sys.stdout.write(json.dumps(entry) + "\n")
        else:
            line = f"[{record.levelname}]\t{at}.{record.msecs:03.0f}Z\t{self.request_id}\t{message}"
            sys.stdout.write("\n".join(filter(None, (line, failure))) + "\n")


def failure(kind: str, message: str, trace: list[str], request_id: str = "") -> Message:
    """The error object that Lambda answers ("Lambda function errors in Python")."""
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def load(name: str) -> Handler | Message:
    """The handler called `name`, or the error object of an initialization that failed."""
    module_name, _, handler_name = name.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        trace = traceback.format_tb(error.__traceback__)
        return failure("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}", trace)
    except SyntaxError as error:
        return failure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", [])
    except Exception as error:  # noqa: BLE001 - whatever the function's module raises fails its initialization
        return failure(type(error).__name__, str(error), traceback.format_tb(error.__traceback__))
    handler = getattr(module, handler_name, None)
    if not callable(handler):
        return failure("Runtime.HandlerNotFound", f"Handler '{handler_name}' missing on module '{module_name}'", [])
    found: Handler = handler
    return found


def answer(handler: Handler, message: Message, request_id: str) -> Message:
    """What the handler makes of one event, ready to be sent."""
    try:
        result = handler(message["event"], Context(message))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
        trace = traceback.format_tb(error.__traceback__)[1:]
        return {"error": failure(type(error).__name__, str(error), trace, request_id)}
    try:
        json.dumps(result)
    except (TypeError, ValueError) as error:
        return {"error": failure("Runtime.MarshalError", f"Unable to marshal response: {error}", [], request_id)}
    return {"result": result}


def report(error: object) -> None:
    """Log an error object as Lambda does."""
    if isinstance(error, dict):
        trace = "".join(error["stackTrace"])
        sys.stdout.write(f"[ERROR] {error['errorType']}: {error['errorMessage']}\n")
        sys.stdout.write(f"Traceback (most recent call last):\n{trace}" if trace else "")


def serve(handler: Handler, channel: socket.socket, messages: BinaryIO, log: RequestLog) -> None:
    """Answer events until the emulator closes the socket."""
    for line in messages:
        message: Message = json.loads(line)
        request_id = log.request_id = str(message["request_id"])
        trace = message.get("trace")
        if trace is None:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        else:
            os.environ["_X_AMZN_TRACE_ID"] = str(trace)
        reply = answer(handler, message, request_id)
        report(reply.get("error"))
        sys.stderr.flush()
        sys.stdout.write(f"{MARK}{request_id}{MARK}\n")
        sys.stdout.flush()
        channel.sendall(json.dumps(reply).encode() + b"\n")


def main() -> None:
    """Load the handler, tell the emulator, serve."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    log = RequestLog(json_lines=sys.argv[2] == "JSON")
    logging.getLogger().addHandler(log)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    handler = load(os.environ["_HANDLER"])
    if isinstance(handler, dict):
        report(handler)
        sys.stdout.flush()
        channel.sendall(json.dumps({"error": handler}).encode() + b"\n")
        return
    channel.sendall(b'{"ready": true}\n')
    with channel.makefile("rb") as messages:
        serve(handler, channel, messages, log)


if __name__ == "__main__":
    main()
