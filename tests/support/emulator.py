"""AWS on this machine for one test module, started by its command in its own environment, on a free port."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from local.machine import EMULATOR_PYTHON


@dataclass(frozen=True, kw_only=True)
class Aws:
    """A running emulator: its address, and the certificate authority that its clients trust."""

    url: str
    authority: str

    def session(self) -> boto3.Session:
        """Clients made of it need `endpoint_url=url`."""
        return boto3.Session(
            aws_access_key_id="tests",
            aws_secret_access_key="tests",  # noqa: S106 - the emulator checks no signatures
            region_name="us-east-1",
        )


@contextmanager
def running() -> Iterator[Aws]:
    """Start the emulator; it gets a SIGTERM at the end."""
    # Not pytest's own folder, which is closed to others: PostgreSQL does not run as root.
    state = Path(tempfile.mkdtemp(prefix="flux-aws-", dir="/var/tmp"))
    state.chmod(0o755)
    log = state / "aws.log"
    try:
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [EMULATOR_PYTHON, "-m", "local_aws", "--port=0", f"--state={state}"],
                env={"PATH": os.environ["PATH"], "HOME": str(state)},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )
        if process.stdout is None or not (url := process.stdout.readline().strip()):
            raise AssertionError("the emulator did not start:\n" + log.read_text())
        try:
            yield Aws(url=url, authority=str(state / "tls" / "authority.pem"))
        finally:
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()
    finally:
        shutil.rmtree(state)
