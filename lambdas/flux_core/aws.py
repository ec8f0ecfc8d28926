"""How the functions call AWS: fail fast enough to answer before the function's own time is up."""

from botocore.config import Config

CONNECT_SECONDS = 1
READ_SECONDS = 2
ATTEMPTS = 2

# Six seconds at the most, so that a function with ten still answers for itself when a service hangs. `standard` retries
# throttling and server errors with jitter.
CLIENT_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
)
