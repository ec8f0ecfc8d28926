"""Lambda: functions run from the uploaded bundle in processes of plain Python 3.13, and aliases route by weight.

ministack runs every Python function on its own interpreter with its own packages in sight, passes its environment on,
waits 50 ms for log lines that may not come, ignores an alias's weights and shows a handler the version's ARN instead of
the one that was invoked. All invocations pass through two of its functions, which are replaced here; so routing and
metrics are the same for Invoke, HTTP APIs, queues, schedules and custom resources.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from ministack.services import lambda_svc

from .function_processes import OURS, POOL, is_ours, run
from .metrics import count_invocation
from .runtime.records import (
    LATEST,
    Record,
    alias,
    configuration,
    event_invoke_configuration,
    invoked_qualifier,
    named,
    route,
)
from .shutdown import at_shutdown
from .telemetry.invocations import Observation
from .values import Json

REAP_SECONDS = 30.0
"""How often idle processes are looked for."""

_executed: ContextVar[list[str] | None] = ContextVar("executed", default=None)
"""The versions that ran within one Invoke request, for its X-Amz-Executed-Version."""


class _Running:
    """How many invocations of each function run at this moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = Counter[str]()

    @contextmanager
    def one_more(self, name: str) -> Iterator[int]:
        with self._lock:
            self._number[name] += 1
            number = self._number[name]
        try:
            yield number
        finally:
            with self._lock:
                self._number[name] -= 1


_running = _Running()


def _install_execution() -> None:
    """Route, run, count: for every invocation, whoever asked for it."""
    execute, warm = lambda_svc._execute_function, lambda_svc._execute_function_warm
    emit_logs = lambda_svc._emit_lambda_logs

    def routed(record: Record, event: Json) -> dict[str, object]:
        told = configuration(record)
        if lambda_svc._function_config_scope_mismatch(told.values):
            elsewhere: dict[str, object] = lambda_svc._run_with_function_config_scope(record, routed, record, event)
            return elsewhere
        name, qualifier = told.text("FunctionName"), invoked_qualifier(record)
        chosen = route(record, lambda_svc._functions.get(name), random.random())  # noqa: S311 - no secret
        version = configuration(chosen).text("Version", LATEST)
        if (versions := _executed.get()) is not None:
            versions.append(version)
        began = time.monotonic()
        with _running.one_more(name) as concurrent:
            answered: dict[str, object] = execute(chosen, event)
        measured = answered.get("milliseconds")
        count_invocation(
            Observation(
                function=name,
                qualifier=qualifier,
                version=version,
                aliased=qualifier not in (LATEST, version),
                failed=bool(answered.get("error")),
                throttled=bool(answered.get("throttle")),
                concurrent=concurrent,
                milliseconds=measured if isinstance(measured, float) else (time.monotonic() - began) * 1000,
                log=str(answered.get("log", "")),
            )
        )
        return answered

    def run_warm(record: Record, event: Json, request_id: str) -> object:
        return run(record, event, request_id) if is_ours(record) else warm(record, event, request_id)

    def emit_logs_of_others(  # noqa: PLR0913 - ministack's parameters
        func: Record,
        request_id: str,
        log_text: str,
        error: bool,  # noqa: FBT001 - ministack's parameters
        duration_ms: int,
        *,
        log_source: str | None = None,
    ) -> None:
        if log_source != OURS:
            emit_logs(func, request_id, log_text, error, duration_ms, log_source=log_source)

    def emit_no_metrics(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:  # noqa: FBT001
        """Do nothing: ministack counts Invoke alone; everything was counted above."""

    lambda_svc._execute_function = routed
    lambda_svc._execute_function_warm = run_warm
    lambda_svc._emit_lambda_logs = emit_logs_of_others
    lambda_svc._emit_lambda_metrics = emit_no_metrics


def _install_aliases() -> None:
    """A function found by its alias carries the alias's ARN, so that it is known who was invoked."""
    effective = lambda_svc._effective_func_record_for_qualifier

    def with_qualifier(func: Record | None, qualifier: str | None) -> tuple[Record | None, object]:
        record, found = effective(func, qualifier)
        if func is None or record is None or qualifier is None or alias(func, qualifier) is None:
            return record, found
        arn = f"{configuration(func).text('FunctionArn')}:{qualifier}"
        seen = named(record, arn)
        return {**seen, "concurrency": func.get("concurrency")}, seen["config"]

    lambda_svc._effective_func_record_for_qualifier = with_qualifier


def _install_invoke() -> None:
    """Invoke answers the version that ran, and an event for an alias obeys the alias's own EventInvokeConfig."""
    invoke, invoke_later = lambda_svc._invoke, lambda_svc.invoke_async_with_retry

    async def answered_version(
        name: str,
        event: Json,
        headers: Mapping[str, str],
        path_qualifier: str | None = None,
        query_params: Mapping[str, list[str]] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        versions: list[str] = []
        token = _executed.set(versions)
        try:
            status, answered, body = await invoke(name, event, headers, path_qualifier, query_params)
        finally:
            _executed.reset(token)
        return status, {**answered, **({"X-Amz-Executed-Version": versions[-1]} if versions else {})}, body

    def with_own_configuration(func: Record, event: Json) -> None:
        qualifier = invoked_qualifier(func)
        base: Record = lambda_svc._functions.get(configuration(func).text("FunctionName")) or func
        own = event_invoke_configuration(base, qualifier)
        invoke_later({**func, "event_invoke_config": own, "event_invoke_configs": None}, event)

    lambda_svc._invoke = answered_version
    lambda_svc.invoke_async_with_retry = with_own_configuration


def _install_endings() -> None:
    """Processes end with their function, when idle, and with the emulator."""
    invalidate = lambda_svc.invalidate_worker

    def discard(
        func_name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None
    ) -> None:
        invalidate(func_name, qualifier=qualifier, account=account, region=region)
        POOL.discard(func_name, version=qualifier)

    lambda_svc.invalidate_worker = discard
    ended = threading.Event()

    def reap() -> None:
        while not ended.wait(REAP_SECONDS):
            POOL.reap()

    threading.Thread(target=reap, name="function-reaper", daemon=True).start()
    at_shutdown("the functions' processes", POOL.close)
    at_shutdown("the reaper of idle functions", ended.set)


def install() -> None:
    """Run functions as Lambda does."""
    _install_aliases()
    _install_execution()
    _install_invoke()
    _install_endings()
