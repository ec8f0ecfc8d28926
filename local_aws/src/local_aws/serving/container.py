"""A serving container: a model's files, and the process that answers with them."""

import base64
import json
import subprocess
import tarfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SERVING = Path(__file__).with_name("process.py")
# Where a real container has the model; the submit directory is given relative to it.
_MODEL_FOLDER = "/opt/ml/model"
_STOP_SECONDS = 5


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
    """

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
            ModelError: the script raised, or its process ended.
        """
        request = {"body": base64.b64encode(body).decode(), "content_type": content_type, "accept": accept}
        with self._lock:
            process = self._process
            if process is None or process.poll() is not None:
                process = self._start()
            answer = self._exchange(process, json.dumps(request))
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
        self._exchange(self._process, None)
        return self._process

    def _exchange(self, process: subprocess.Popen[str], request: str | None) -> Mapping[str, str]:
        """Send a line, if any, and read one."""
        if process.stdin is None or process.stdout is None:
            raise TypeError("the container's process was started without pipes")
        try:
            if request is not None:
                print(request, file=process.stdin, flush=True)
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            words = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
            raise ModelError(f"the inference script's process ended with status {process.wait()}:\n{words}")
        answer: Mapping[str, str] = json.loads(line)
        return answer

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
