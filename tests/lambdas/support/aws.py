"""SQS, Secrets Manager and KMS on this machine: stock ministack on a free port of the loopback."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

MINISTACK = Path(__file__).resolve().parents[3] / ".build/emulator-venv/bin/ministack"
REGION = "us-east-1"
DEADLINE_SECONDS = 30


def start_aws(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start it; returns when it answers."""
    if not MINISTACK.exists():
        raise RuntimeError(f"{MINISTACK} is missing; run 'make tools'")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    with (folder / "aws.log").open("wb") as log:
        process = subprocess.Popen([MINISTACK], env=environment, stdout=log, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"ministack does not start: {(folder / 'aws.log').read_text()[-500:]}")
        time.sleep(0.05)
    return process


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
