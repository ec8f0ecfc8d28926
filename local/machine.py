"""Where AWS on this machine lives: folders, addresses, and the environment its clients need."""

import hashlib
import os
from pathlib import Path

import boto3

from local_aws.servers.unprivileged import server_account

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build"
LOGS = BUILD / "local-logs"
EMULATOR_PYTHON = BUILD / "emulator-venv" / "bin" / "python"


def _state_folder() -> Path:
    """`.build/local`, or a folder of the same project under /var/tmp where PostgreSQL's account cannot go there.

    PostgreSQL refuses to run as root and then runs as `nobody`, to whom a checkout under /root is closed.
    """
    wanted = BUILD / "local"
    if server_account().reaches(wanted):
        return wanted
    return Path("/var/tmp") / f"flux-local-{hashlib.sha256(bytes(ROOT)).hexdigest()[:12]}"  # noqa: S108 - owned, 0700 inside


ASSEMBLY = BUILD / "cdk.out"
STATE = _state_folder()
CERTIFICATE_AUTHORITY = STATE / "tls" / "authority.pem"
NODE_BIN = ROOT / "node_modules" / ".bin"

ACCOUNT = "000000000000"
REGION = "us-east-1"

# Loopback only: nothing here is meant for another machine.
HOST = "127.0.0.1"
AWS_PORT = 4566
SQUARE_PORT = 4567
AWS_URL = f"http://{HOST}:{AWS_PORT}"
SQUARE_URL = f"http://{HOST}:{SQUARE_PORT}"


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
        # The CDK CLI remembers which account a key belongs to, so this key is used for nothing else.
        "AWS_ACCESS_KEY_ID": "FLUXLOCALAWS",
        "AWS_SECRET_ACCESS_KEY": "nothing-to-protect",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }


def session() -> boto3.Session:
    """A boto3 session whose clients reach only AWS on this machine (with `endpoint_url=AWS_URL`)."""
    environment = client_environment()
    return boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
