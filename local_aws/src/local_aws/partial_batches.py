"""Answers that name the failed messages of an SQS batch, read as strictly as Lambda reads them.

ministack takes an answer that it cannot read for one that names no failure, and deletes the whole batch.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

from collections.abc import Mapping, Sequence
from contextvars import ContextVar

from ministack.services import lambda_svc

from .runtime.records import Record
from .values import Json

_reported: ContextVar[bool] = ContextVar("reported", default=False)
"""Whether the invocation is of a batch whose failed messages the function names."""


def is_readable(answer: object) -> bool:
    """Whether Lambda would read it; otherwise the whole batch has failed.

    Lambda Developer Guide, "Implementing partial batch responses", success and failure conditions: nothing at all, no
    list or an empty one means success; an answer that is no JSON object, and an item identifier that is empty, null or
    under another key, mean failure.
    """
    if answer is None or answer == "":
        return True
    if not isinstance(answer, Mapping):
        return False
    failures = answer.get("batchItemFailures") or []
    return isinstance(failures, list) and all(
        isinstance(each, Mapping) and isinstance(each.get("itemIdentifier"), str) and each["itemIdentifier"] != ""
        for each in failures
    )


def install() -> None:
    """Fail the batch whose answer cannot be read."""
    run, execute = lambda_svc._run_sqs_batch, lambda_svc._execute_function

    def run_batch(  # noqa: PLR0913, PLR0917 - ministack's parameters
        esm: Mapping[str, Sequence[str]], func_rec: Record, event: Json, batch: Json, queue_url: str, queue_name: str
    ) -> None:
        token = _reported.set("ReportBatchItemFailures" in esm.get("FunctionResponseTypes", []))
        try:
            run(esm, func_rec, event, batch, queue_url, queue_name)
        finally:
            _reported.reset(token)

    def execute_and_read(func: Record, event: Json) -> dict[str, object]:
        answered: dict[str, object] = execute(func, event)
        if _reported.get() and not answered.get("error") and not is_readable(answered.get("body")):
            return {**answered, "error": True, "body": {"errorType": "UnreadableAnswer"}}
        return answered

    lambda_svc._run_sqs_batch, lambda_svc._execute_function = run_batch, execute_and_read
