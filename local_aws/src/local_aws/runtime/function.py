"""What is run, what it is asked, and what came out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..values import Json, Properties

RUNTIME = "python3.13"
"""The runtime that these processes stand for."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """One version of a function, as much of it as running it takes.

    name, version: `version` is a number or `$LATEST`.
    revision: changes with every change of `$LATEST`; a published version keeps its own.
    code: SHA-256 of the bundle, as GetFunction gives it.
    handler: like `api.handler.handler`.
    timeout: seconds that one invocation may take.
    memory: MiB; an invocation that needed more has failed, and its process with it.
    log_group, json_logs, log_level: where its lines go, whether they are JSON, and from which level on (LoggingConfig).
    system_log_level: from which level on Lambda writes lines of its own, where they are JSON.
    variables: its own environment variables.
    """

    name: str
    version: str
    revision: str
    code: str
    handler: str
    timeout: int
    memory: int
    log_group: str
    json_logs: bool
    log_level: str
    system_log_level: str
    region: str
    variables: Mapping[str, str]

    @classmethod
    def of(cls, configuration: Properties) -> Self:
        """The function that a GetFunctionConfiguration response describes.

        Raises:
            InvalidValueError: the response lacks a value or has one of another type.
        """
        logging = configuration.child("LoggingConfig")
        name = configuration.text("FunctionName")
        return cls(
            name=name,
            version=configuration.text("Version", "$LATEST"),
            revision=configuration.text("RevisionId", ""),
            code=configuration.text("CodeSha256"),
            handler=configuration.text("Handler"),
            timeout=configuration.number("Timeout", 3),
            memory=configuration.number("MemorySize", 128),
            log_group=logging.text("LogGroup", f"/aws/lambda/{name}"),
            json_logs=logging.text("LogFormat", "Text") == "JSON",
            log_level=logging.text("ApplicationLogLevel", "INFO"),
            system_log_level=logging.text("SystemLogLevel", "INFO"),
            region=configuration.text("FunctionArn").split(":")[3],
            variables=configuration.child("Environment").texts_by_name("Variables"),
        )

    @property
    def identity(self) -> str:
        """Same identity: the same warm processes may serve it."""
        return f"{self.name}:{self.version}:{self.revision}"


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One event for a function.

    arn: the ARN that was invoked, with the qualifier (alias or version) that the caller used.
    trace: X-Ray trace header, if the function is traced.
    """

    request_id: str
    arn: str
    event: Json
    trace: str | None = None


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line that a function wrote. at: milliseconds since the epoch."""

    at: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an invocation ended.

    payload: what the handler returned, or the error object that Lambda answers.
    failed: the function raised, exited, or took too long.
    milliseconds: time in the handler.
    init_milliseconds: time before that, if the process was started for this invocation.
    log: what the function wrote meanwhile. stream: its log stream. memory: MiB at its highest.
    """

    payload: Json
    failed: bool
    milliseconds: float
    init_milliseconds: float | None
    log: tuple[LogLine, ...]
    stream: str
    memory: int
