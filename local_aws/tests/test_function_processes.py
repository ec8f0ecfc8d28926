"""Functions in processes of their own, without an emulator around them."""

import io
import json
import os
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local_aws.runtime import bundle
from local_aws.runtime.environment import variables
from local_aws.runtime.function import Function, Invocation, Outcome
from local_aws.runtime.platform_log import with_platform_lines
from local_aws.runtime.pool import MOST_PER_VERSION, Pool
from local_aws.runtime.worker import Worker
from local_aws.settings import Settings
from local_aws.values import Json, Properties

HANDLER = """
import json, logging, os, sys, time

def handler(event, context):
    print("printed")
    logging.warning("logged")
    if "raise" in event:
        raise ValueError(event["raise"])
    if "exit" in event:
        print("going")
        os._exit(event["exit"])
    held = b"x" * event.get("hold", 0)
    time.sleep(event.get("sleep", 0))
    if "return" in event:
        return {event["return"]}
    return {
        "path": sys.path,
        "modules": sorted(sys.modules),
        "environment": dict(os.environ),
        "arn": context.invoked_function_arn,
        "version": context.function_version,
        "left": context.get_remaining_time_in_millis(),
        "request": context.aws_request_id,
        "process": os.getpid(),
    }
"""

CONFIGURATION: dict[str, Json] = {
    "FunctionName": "api",
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:api:7",
    "Version": "7",
    "RevisionId": "r",
    "CodeSha256": "",
    "Handler": "api.handler.handler",
    "Timeout": 1,
    "MemorySize": 512,
    "LoggingConfig": {"LogGroup": "/shop/local/api", "LogFormat": "Text"},
    "Environment": {"Variables": {"SHOP_ENVIRONMENT": "local", "PGSSLROOTCERT": "/var/task/rds-ca.pem"}},
}


def archive(handler: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("api/handler.py", handler)
    return buffer.getvalue()


class Lambda:
    """A pool with one function."""

    def __init__(self, folder: Path, handler: str = HANDLER) -> None:
        self.pool = Pool()
        self.code = archive(handler)
        configuration = CONFIGURATION | {"CodeSha256": bundle.code_hash(self.code)}
        self.function = Function.of(Properties(configuration))
        self.around = Settings(port=4566, state=folder, python=Path(sys.base_prefix) / "bin" / "python3.13")

    def start(self) -> Worker:
        return Worker(self.function, bundle.unpack(self.code, self.function.code, self.around.functions), self.around)

    def invoke(self, **event: Json) -> Outcome:
        invocation = Invocation(request_id=os.urandom(8).hex(), arn="arn:of:the:alias", event=event)
        return self.pool.invoke(self.function, self.start, invocation)

    def answer(self, **event: Json) -> Properties:
        return Properties({"answer": self.invoke(**event).payload}).child("answer")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Lambda]:
    made = Lambda(tmp_path)
    yield made
    made.pool.close()


def test_a_function_sees_its_bundle_and_the_standard_library_only(api: Lambda) -> None:
    answer = api.answer()
    path = answer.texts("path")
    assert Path(path[0]).parent == api.around.functions
    assert not [entry for entry in path if "site-packages" in entry]
    assert not {"boto3", "site"} & set(answer.texts("modules"))


def test_a_function_sees_lambdas_variables_and_its_own_and_nothing_of_the_host(
    api: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "1")
    found = api.answer().texts_by_name("environment")
    task, runtime = Path(found["LAMBDA_TASK_ROOT"]), Path(found["LAMBDA_RUNTIME_DIR"])
    stream, address = found["AWS_LAMBDA_LOG_STREAM_NAME"], found["AWS_LAMBDA_RUNTIME_API"]
    expected = variables(api.function, task, runtime, stream, address, api.around)
    found.pop("LC_CTYPE", None)  # set by Python itself where the locale is unknown
    assert found == expected
    assert found["SHOP_ENVIRONMENT"] == "local"


def test_amazons_certificates_are_replaced_by_the_local_authority(api: Lambda) -> None:
    found = variables(api.function, Path("/task"), Path("/runtime"), "stream", "127.0.0.1:9", api.around)
    assert found["PGSSLROOTCERT"] == found["SSL_CERT_FILE"] == str(api.around.authority)


def test_a_handler_learns_who_was_invoked_and_how_long_it_may_take(api: Lambda) -> None:
    answer = api.answer()
    assert (answer.text("arn"), answer.text("version")) == ("arn:of:the:alias", "7")
    assert 0 < answer.number("left") <= 1000


def test_the_next_event_finds_the_process_warm(api: Lambda) -> None:
    first, second = api.invoke(), api.invoke()
    assert first.init_milliseconds is not None
    assert second.init_milliseconds is None
    assert first.stream == second.stream


def test_events_at_the_same_time_have_processes_of_their_own(api: Lambda) -> None:
    processes: list[str] = []
    threads = [
        threading.Thread(target=lambda: processes.append(api.answer(sleep=0.3).text("process"))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(processes)) == 3


def test_more_events_than_processes_wait_for_their_turn(api: Lambda) -> None:
    processes: list[str] = []
    threads = [
        threading.Thread(target=lambda: processes.append(api.answer(sleep=0.05).text("process")))
        for _ in range(2 * MOST_PER_VERSION)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(processes) == 2 * MOST_PER_VERSION
    assert len(set(processes)) <= MOST_PER_VERSION


def test_an_exception_is_answered_with_its_type_and_leaves_the_process_warm(api: Lambda) -> None:
    failed = api.invoke(**{"raise": "no such restaurant"})
    error = Properties({"error": failed.payload}).child("error")
    assert failed.failed
    assert (error.text("errorType"), error.text("errorMessage")) == ("ValueError", "no such restaurant")
    assert "in handler" in error.texts("stackTrace")[0]
    assert api.invoke().stream == failed.stream


def test_an_event_that_takes_too_long_is_stopped(api: Lambda) -> None:
    stopped = api.invoke(sleep=20)
    error = Properties({"error": stopped.payload}).child("error")
    assert error.text("errorType") == "Sandbox.Timedout"
    assert error.text("errorMessage").endswith("Task timed out after 1.00 seconds")
    assert api.invoke().stream != stopped.stream


def test_a_process_that_exits_fails_its_event_and_its_last_words_are_kept(api: Lambda) -> None:
    failed = api.invoke(exit=3)
    error = Properties({"error": failed.payload}).child("error")
    assert error.text("errorType") == "Runtime.ExitError"
    assert "exit status 3" in error.text("errorMessage")
    assert "going" in [entry.text for entry in failed.log]
    assert not api.invoke().failed


def test_an_answer_that_is_no_json_is_an_error(api: Lambda) -> None:
    error = api.answer(**{"return": "a set"})
    assert error.text("errorType") == "Runtime.MarshalError"


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        ("import nothing_of_this_name", "Runtime.ImportModuleError"),
        ("def other(): ...", "Runtime.HandlerNotFound"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("raise RuntimeError('no settings')", "RuntimeError"),
    ],
)
def test_a_function_that_cannot_be_loaded_says_why(tmp_path: Path, handler: str, kind: str) -> None:
    broken = Lambda(tmp_path, handler)
    outcome = broken.invoke()
    broken.pool.close()
    assert outcome.failed
    assert Properties({"error": outcome.payload}).child("error").text("errorType") == kind


def test_every_line_belongs_to_the_event_that_wrote_it(api: Lambda) -> None:
    for _ in range(3):
        texts = [entry.text for entry in api.invoke().log]
        assert texts[0] == "printed"
        assert texts[1].startswith("[WARNING]\t")
        assert len(texts) == 2


def test_lambdas_own_lines_frame_the_functions(api: Lambda) -> None:
    invocation = Invocation(request_id="r-1", arn="a", event={})
    outcome = api.pool.invoke(api.function, api.start, invocation)
    texts = [entry.text for entry in with_platform_lines(api.function, invocation, outcome)]
    assert texts[0] == "START RequestId: r-1 Version: 7"
    assert texts[-2] == "END RequestId: r-1"
    assert "Init Duration" in texts[-1]


def test_a_function_that_logs_json_gets_nothing_but_json(api: Lambda) -> None:
    invocation = Invocation(request_id="r-1", arn="a", event={})
    outcome = api.pool.invoke(api.function, api.start, invocation)
    lines = with_platform_lines(replace(api.function, json_logs=True), invocation, outcome)
    documents = [json.loads(entry.text) for entry in lines]
    assert [document.get("type") for document in documents] == ["platform.start", None, None, "platform.report"]
    assert documents[1]["message"] == "printed"


def test_at_level_warn_lambda_writes_of_what_failed_only(api: Lambda) -> None:
    """Lambda Developer Guide, "Log-level filtering", "System log level event mapping"."""
    function = replace(api.function, json_logs=True, system_log_level="WARN")
    invocation = Invocation(request_id="r-1", arn="a", event={})
    outcome = api.pool.invoke(api.function, api.start, invocation)
    kinds = [
        [json.loads(entry.text).get("type") for entry in with_platform_lines(function, invocation, each)]
        for each in (outcome, replace(outcome, failed=True))
    ]
    assert kinds == [[None, None], [None, None, "platform.report"]]


def test_idle_processes_end_and_so_does_everything_at_the_end(api: Lambda) -> None:
    process = api.answer().number("process")
    api.pool.reap(idle=3600)
    os.kill(process, 0)
    api.pool.reap(idle=0)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_deleted_function_keeps_no_process(api: Lambda) -> None:
    process = api.answer().number("process")
    api.pool.discard("api", version="6")
    os.kill(process, 0)
    api.pool.discard("api")
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_bundle_is_unpacked_once(tmp_path: Path) -> None:
    code = archive(HANDLER)
    folder = bundle.unpack(code, bundle.code_hash(code), tmp_path)
    before = (folder / "api" / "handler.py").stat().st_mtime_ns
    time.sleep(0.01)
    assert bundle.unpack(code, bundle.code_hash(code), tmp_path) == folder
    assert (folder / "api" / "handler.py").stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_a_function_that_needs_more_memory_than_it_has_fails_and_the_next_request_finds_a_fresh_one(
    api: Lambda,
) -> None:
    api.function = replace(api.function, memory=64, timeout=10)
    assert not api.invoke(hold=2**20).failed
    greedy = api.invoke(hold=64 * 2**20)
    assert greedy.failed
    assert "signal: killed" in str(greedy.payload)
    assert not api.invoke().failed
