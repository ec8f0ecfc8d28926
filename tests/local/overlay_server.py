"""AWS on this machine for the tests: the overlay's server, in the emulator's environment and on a port of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import httpx

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".build" / "emulator-venv" / "bin" / "python"
_START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Aws:
    """A running emulator: its address, its folder, and the certificate authority that its clients trust."""

    url: str
    state: Path
    process: subprocess.Popen[str]

    @property
    def authority(self) -> str:
        return str(self.state / "tls" / "authority.pem")

    def session(self) -> boto3.Session:
        """Clients made of it need `endpoint_url=url`."""
        return boto3.Session(
            aws_access_key_id="tests",
            aws_secret_access_key="tests",  # noqa: S106 - the emulator checks no signatures
            region_name="us-east-1",
        )


def environment(state: Path, port: int) -> dict[str, str]:
    """What `local` gives the server, and nothing of ours."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(state),
        "PYTHONPATH": f"{ROOT}:{ROOT}/local_aws/src",
        "FLUX_LOCAL_PORT": str(port),
        "FLUX_LOCAL_STATE": str(state),
    }


def run_in_emulator(code: str, state: Path, port: int = 4599) -> subprocess.CompletedProcess[str]:
    """Run a few lines of Python in the emulator's environment."""
    return subprocess.run(
        [str(PYTHON), "-c", code],
        env=environment(state, port),
        cwd=state,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def state_folder() -> Iterator[Path]:
    """A folder that PostgreSQL reaches although it does not run as root; pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="flux-aws-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running(command: Sequence[str] = ("-m", "local_aws.server")) -> Iterator[Aws]:
    """Start the server; it gets a SIGTERM at the end."""
    with state_folder() as state, (state / "aws.log").open("w") as log:
        port = _free_port()
        process = subprocess.Popen(
            [str(PYTHON), *command],
            env=environment(state, port),
            cwd=state,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        aws = Aws(url=f"http://127.0.0.1:{port}", state=state, process=process)
        try:
            _await(aws)
            yield aws
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await(aws: Aws) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and aws.process.poll() is None:
        try:
            httpx.get(f"{aws.url}/_ministack/health", timeout=2)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("AWS on this machine did not start:\n" + (aws.state / "aws.log").read_text())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
