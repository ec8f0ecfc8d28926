"""How clients of boto3 call AWS."""

from botocore.config import Config

from .patience import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS

# `standard` retries throttling and server errors with jitter.
CLIENT_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
)
