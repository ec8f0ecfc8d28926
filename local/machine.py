"""Where AWS on this machine lives: folders, addresses, and the environment its clients need."""

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from flux_infra.environments import LOCAL
from ops.aws import CHECKOUT, LOCAL_KEY, LOCAL_SECRET, session_of

ROOT = CHECKOUT
BUILD = ROOT / ".build"
LOGS = BUILD / "local-logs"
EMULATOR_PYTHON = BUILD / "emulator-venv" / "bin" / "python"


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def _state_folder() -> Path:
    """`.build/local`, or for root a folder of the same project under /var/tmp.

    PostgreSQL refuses to run as root and then runs as `nobody`, to whom a checkout under /root is closed.
    """
    if os.geteuid() != 0:
        return BUILD / "local"
    return Path("/var/tmp") / f"flux-local-{hashlib.sha256(bytes(ROOT)).hexdigest()[:12]}"  # noqa: S108 - owned, 0700 inside


ASSEMBLY = BUILD / "cdk.out"
STATE = _state_folder()
CERTIFICATE_AUTHORITY = STATE / "tls" / "authority.pem"
NODE_BIN = ROOT / "node_modules" / ".bin"

# Loopback only: nothing here is meant for another machine.
AWS_URL, SQUARE_URL = LOCAL.aws_url or "", LOCAL.square_api_url
HOST, AWS_PORT = _address(AWS_URL)
SQUARE_PORT = _address(SQUARE_URL)[1]
PAGE_PORT = 4568
PAGE_URL = f"http://{HOST}:{PAGE_PORT}"


def search_path() -> str:
    """`PATH` with the project's own Node first."""
    return f"{NODE_BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def client_environment() -> dict[str, str]:
    """The process environment for whatever speaks to AWS on this machine, and to no other.

    Credentials and profiles of the person who runs it are taken away, so that a mistake cannot reach a real account.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return kept | {
        "PATH": search_path(),
        "JSII_NODE": str(NODE_BIN / "node"),
        "AWS_ENDPOINT_URL": AWS_URL,
        "AWS_ENDPOINT_URL_S3": AWS_URL,
        "AWS_ACCESS_KEY_ID": LOCAL_KEY,
        "AWS_SECRET_ACCESS_KEY": LOCAL_SECRET,
        "AWS_REGION": LOCAL.region,
        "AWS_DEFAULT_REGION": LOCAL.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }


def session() -> boto3.Session:
    """A boto3 session whose clients reach only AWS on this machine (with `endpoint_url=AWS_URL`)."""
    return session_of(LOCAL)
