import io
import json
import signal
import sys
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_aws.serving.container import Container, ModelError

PYTHON = Path(sys.base_prefix) / "bin" / "python3.13"
"""A plain one, as the server gives it to containers."""

SCRIPT = """
import json

def model_fn(model_dir):
    with open(model_dir + "/parameters.json") as file:
        return json.load(file)

def input_fn(request_body, request_content_type):
    print("this line must not disturb the protocol")
    return json.loads(request_body), type(request_body).__name__

def predict_fn(input_data, model):
    request, kind = input_data
    if request.get("fail"):
        raise ValueError("no such item")
    return {"model": model["version"], "kind": kind, "echo": request}

def output_fn(prediction, accept):
    return json.dumps(prediction), accept
"""


def model(script: str | None = SCRIPT) -> bytes:
    files = {"parameters.json": '{"version": "2026-11"}'} | ({} if script is None else {"code/inference.py": script})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content.encode()))
    return buffer.getvalue()


def container(folder: Path, artifact: bytes) -> Container:
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    return Container(PYTHON, folder / "endpoint", artifact=artifact, environment=environment)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Container]:
    started = container(tmp_path, model())
    started.start()
    yield started
    started.stop()


def ask(serving: Container, request: object) -> object:
    body = json.dumps(request).encode()
    prediction = serving.invoke(body, content_type="application/json", accept="application/json")
    assert prediction.content_type == "application/json"
    return json.loads(prediction.body)


def test_the_models_own_script_answers(serving: Container) -> None:
    assert ask(serving, {"items": [1]}) == {"model": "2026-11", "kind": "str", "echo": {"items": [1]}}


def test_what_the_script_prints_goes_to_the_log(serving: Container) -> None:
    ask(serving, {})
    assert "must not disturb the protocol" in serving.log.read_text()


def test_an_error_in_the_script_is_the_answer_and_the_next_request_works(serving: Container) -> None:
    with pytest.raises(ModelError, match="ValueError: no such item"):
        ask(serving, {"fail": True})
    assert ask(serving, {"a": 1}) == {"model": "2026-11", "kind": "str", "echo": {"a": 1}}


def test_a_process_that_died_is_started_again(serving: Container) -> None:
    process = serving._process  # noqa: SLF001 - the test is the process's murderer
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert ask(serving, {"a": 1}) == {"model": "2026-11", "kind": "str", "echo": {"a": 1}}


def test_a_model_that_does_not_load_fails_with_the_scripts_words(tmp_path: Path) -> None:
    broken = container(tmp_path, model("def model_fn(model_dir):\n    raise RuntimeError('weights are missing')\n"))
    with pytest.raises(ModelError, match="weights are missing"):
        broken.start()


def test_an_artifact_without_a_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no code/inference\.py"):
        container(tmp_path, model(script=None))


def test_an_artifact_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model\.tar\.gz"):
        container(tmp_path, b"not an archive")


def test_the_script_sees_neither_our_environment_nor_our_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "local_aws" / "src"))
    script = SCRIPT + '\nimport os, sys\nassert "AWS_ENDPOINT_URL" not in os.environ\ntry:\n    import local_aws\n'
    script += 'except ModuleNotFoundError:\n    pass\nelse:\n    raise SystemExit("local_aws is in sight")\n'
    isolated = container(tmp_path, model(script))
    isolated.start()
    isolated.stop()


def test_a_model_that_hangs_is_given_up_and_later_answers_nobody_elses_request(serving: Container) -> None:
    """InvokeEndpoint: containers must respond within 60 seconds."""
    process = serving._process  # noqa: SLF001 - what hangs is the process
    assert process is not None
    serving.answer_seconds = 0.3
    process.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(ask, serving, {"items": [number]}) for number in range(3)]
        for each in waiting:
            with pytest.raises(ModelError, match="did not respond within"):
                each.result()
    process.send_signal(signal.SIGCONT)
    serving.answer_seconds = 30
    assert ask(serving, {"items": [4]}) == {"model": "2026-11", "kind": "str", "echo": {"items": [4]}}
