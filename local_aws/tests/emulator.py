"""A server of its own for tests, on a free port, reached as every client reaches it: by its URL."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3


@dataclass(frozen=True, kw_only=True)
class Aws:
    """A running server: its address, its folder, and the certificate authority that its clients trust."""

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
            aws_secret_access_key="tests",  # noqa: S106 - no signatures are checked
            region_name="us-east-1",
        )


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines of Python in a process of their own."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def state_folder() -> Iterator[Path]:
    """A folder that PostgreSQL reaches although it does not run as root; pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="local-aws-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running() -> Iterator[Aws]:
    """Start the server; it gets a SIGTERM at the end."""
    with state_folder() as state, (state / "aws.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local_aws", "--port=0", f"--state={state}"],
            env={"PATH": os.environ["PATH"], "HOME": str(state)},
            cwd=state,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        if process.stdout is None or not (url := process.stdout.readline().strip()):
            raise AssertionError("the server did not start:\n" + (state / "aws.log").read_text())
        try:
            yield Aws(url=url, state=state, process=process)
        finally:
            process.terminate()
            process.wait(timeout=30)
