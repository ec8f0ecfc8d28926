"""What the server is told when it starts: the command line, or the environment where the command line says nothing."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .expectations import StartError

HOST = "127.0.0.1"
"""Where everything listens. Nothing of the local AWS is reachable from another machine."""

ACCOUNT = "000000000000"
"""The only account. Any access key leads to it."""

REGION = "us-east-1"
"""The only region."""

_DESCRIPTION = """\
AWS on this machine, on the loopback only: CloudFormation, Lambda, API Gateway, RDS for PostgreSQL, ElastiCache for
Valkey, S3, CloudFront, SQS, EventBridge, Secrets Manager, CodeDeploy, CloudWatch, SageMaker and more, behind one URL.
Prints that URL on standard output as soon as it answers, and logs to standard error. Ends with SIGTERM or SIGINT, and
everything it started ends with it."""

_EPILOG = f"""\
clients: set AWS_ENDPOINT_URL to the printed URL, AWS_REGION={REGION}, and any AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY. Databases and caches speak TLS; their authority's certificate is STATE/tls/authority.pem.
HTTP APIs answer at http://<api id>.execute-api.localhost:<port>/, distributions at
http://<distribution id>.cloudfront.localhost:<port>/.
exit status: 0 after a signal; 2 if it does not start, with the reason on standard error."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The server's settings.

    port: where it answers for every service.
    state: absolute folder for everything written while it runs: databases, the certificate authority, unpacked code.
    python: interpreter of the Lambda runtime python3.13 and of the SageMaker container. It must be a plain one, so that
        a bundle that forgot a dependency fails here too.
    """

    port: int
    state: Path
    python: Path

    @property
    def url(self) -> str:
        """Base address of every AWS service on this machine."""
        return f"http://{HOST}:{self.port}"

    @property
    def functions(self) -> Path:
        """Where bundles and the runtime are unpacked."""
        return self.state / "functions"

    @property
    def authority(self) -> Path:
        """PEM file of the local certificate authority, which clients trust instead of Amazon's."""
        return self.state / "tls" / "authority.pem"


def parse(arguments: Sequence[str]) -> Settings:
    """The settings in a command line.

    Raises:
        StartError: a value cannot be used; names it and says what it must be.
    """
    parser = argparse.ArgumentParser(
        prog="local-aws",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--port",
        default=os.environ.get("LOCAL_AWS_PORT", "4566"),
        help="port of the URL; 0 takes any free one (LOCAL_AWS_PORT, else 4566)",
    )
    parser.add_argument(
        "--state",
        default=os.environ.get("LOCAL_AWS_STATE", ""),
        help="absolute path of a folder for everything that it writes; whoever starts it removes it (LOCAL_AWS_STATE)",
    )
    parser.add_argument(
        "--python",
        default=os.environ.get("LOCAL_AWS_PYTHON", str(Path(sys.base_prefix) / "bin" / "python3.13")),
        help="a plain Python 3.13 for functions and models (LOCAL_AWS_PYTHON, else the one behind this environment)",
    )
    given = parser.parse_args(arguments)
    port: str = given.port
    if port != "0" and not (port.isdigit() and 1024 <= int(port) <= 65535):
        raise StartError(f"--port={port}: must be a port number from 1024 to 65535, or 0 for any free one")
    if not Path(given.state).is_absolute():
        raise StartError(f"--state={given.state}: must be the absolute path of a folder to write in")
    if not os.access(given.python, os.X_OK):
        raise StartError(f"--python={given.python}: must be an executable Python 3.13")
    return Settings(port=int(port), state=Path(given.state), python=Path(given.python))


_in_force: list[Settings] = []


def use(settings: Settings) -> None:
    """Put these settings into force for the whole process."""
    _in_force[:] = [settings]


def settings() -> Settings:
    """The settings in force."""
    return _in_force[0]
