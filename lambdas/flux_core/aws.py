"""How the functions call AWS: fail fast enough to answer before the function's own time is up."""

from botocore.config import Config

CONNECT_SECONDS = 1
READ_SECONDS = 1.5
ATTEMPTS = 2

# What a call takes at the most: botocore waits up to a second before the first retry. A function with ten seconds still
# answers for itself when a service hangs; who has less left does not begin a call.
SLOWEST_CALL_SECONDS = ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) + (ATTEMPTS - 1)

# `standard` retries throttling and server errors with jitter.
CLIENT_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
)
