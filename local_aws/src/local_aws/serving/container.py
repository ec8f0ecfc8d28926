"""A serving container: a model's files, and the process that answers with them."""

import base64
import json
import queue
import subprocess
import tarfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SERVING = Path(__file__).with_name("process.py")
# Where a real container has the model; the submit directory is given relative to it.
_MODEL_FOLDER = "/opt/ml/model"
_STOP_SECONDS = 5
# "Model containers must respond to requests within 60 seconds" (SageMaker API Reference, InvokeEndpoint).
ANSWER_SECONDS = 60.0


class ModelError(Exception):
    """The model did not load or did not answer; the message holds the script's own words."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What an inference script answered."""

    body: bytes
    content_type: str


class Container:
    """One warm process of plain Python that has a model loaded. It answers one request at a time.

    Attributes:
        log: file with everything that the script printed.
        answer_seconds: how long a request waits, also for those before it.
    """

    answer_seconds = ANSWER_SECONDS

    def __init__(self, python: Path, folder: Path, *, artifact: bytes, environment: Mapping[str, str]) -> None:
        """Unpack the model.tar.gz `artifact` below `folder`; `environment` is the container definition's.

        Raises:
            ModelError: the artifact cannot be unpacked, or holds no inference script where `environment` says.
        """
        self._python = python
        self._model = folder / "model"
        self.log = folder / "container.log"
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._late = 0
        self._unpack(folder / "model.tar.gz", artifact)
        self._script = self._find_script()

    def start(self) -> None:
        """Load the model, as the container does before it answers its first ping.

        Raises:
            ModelError: the script does not load it.
        """
        with self._lock:
            self._start()

    def invoke(self, body: bytes, *, content_type: str, accept: str) -> Prediction:
        """Ask the model. A process that has died is started again first.

        Raises:
            ModelError: the script raised, its process ended, or no answer came in time.
        """
        request = {"body": base64.b64encode(body).decode(), "content_type": content_type, "accept": accept}
        deadline = time.monotonic() + self.answer_seconds
        if not self._lock.acquire(timeout=self.answer_seconds):
            raise self._too_late()
        try:
            process = self._process
            if process is None or process.poll() is not None:
                process = self._start()
            answer = self._exchange(process, json.dumps(request), deadline=deadline)
        finally:
            self._lock.release()
        if "error" in answer:
            raise ModelError(answer["error"])
        return Prediction(body=base64.b64decode(answer["body"]), content_type=answer["content_type"])

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[str]:
        with self.log.open("ab") as log:
            # -I: neither our environment nor our folder decides what the script imports. -u: its prints reach the log.
            self._process = subprocess.Popen(
                [self._python, "-I", "-u", _SERVING, self._model, self._script.parent, self._script.stem],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self._model,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **self._environment},
                process_group=0,  # a Ctrl-C in the terminal is for the emulator, which stops this in order
            )
        self._lines, self._late = queue.SimpleQueue(), 0
        threading.Thread(target=_read, args=(self._process, self._lines), name="model's answers", daemon=True).start()
        self._exchange(self._process, None, deadline=None)
        return self._process

    def _exchange(
        self, process: subprocess.Popen[str], request: str | None, *, deadline: float | None
    ) -> Mapping[str, str]:
        """Send a line, if any, and take its answer; answers to requests that were given up come first."""
        if process.stdin is None:
            raise TypeError("the container's process was started without pipes")
        try:
            if request is not None:
                print(request, file=process.stdin, flush=True)
            line = self._next_line(deadline)
            while self._late and line:
                self._late -= 1
                line = self._next_line(deadline)
        except BrokenPipeError:
            line = ""
        except queue.Empty as error:
            self._late += 1
            raise self._too_late() from error
        if not line:
            words = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
            raise ModelError(f"the inference script's process ended with status {process.wait()}:\n{words}")
        answer: Mapping[str, str] = json.loads(line)
        return answer

    def _next_line(self, deadline: float | None) -> str:
        return self._lines.get(timeout=None if deadline is None else max(0.0, deadline - time.monotonic()))

    def _too_late(self) -> ModelError:
        return ModelError(f"the model did not respond within {self.answer_seconds:.0f} seconds")

    def _unpack(self, archive: Path, artifact: bytes) -> None:
        self._model.mkdir(parents=True)
        archive.write_bytes(artifact)
        try:
            with tarfile.open(archive, "r:gz") as packed:
                packed.extractall(self._model, filter="data")
        except (tarfile.TarError, EOFError, OSError) as error:
            raise ModelError(f"the model artifact is no model.tar.gz: {error}") from error
        archive.unlink()

    def _find_script(self) -> Path:
        program = self._environment.get("SAGEMAKER_PROGRAM", "inference.py")
        submitted = self._environment.get("SAGEMAKER_SUBMIT_DIRECTORY", f"{_MODEL_FOLDER}/code")
        script = self._model / submitted.removeprefix(_MODEL_FOLDER).lstrip("/") / program
        if not script.is_file():
            raise ModelError(
                f"the model artifact holds no {script.relative_to(self._model)}, which the container's "
                "SAGEMAKER_SUBMIT_DIRECTORY and SAGEMAKER_PROGRAM name"
            )
        return script


def _read(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    """Hand on what the process answers, and "" when it has ended."""
    for line in process.stdout or ():
        lines.put(line)
    lines.put("")
