"""How the functions call AWS: fail fast enough to answer before the function's own time is up."""

from botocore.config import Config

# Three attempts of at most 2 + 3 s. `standard` retries throttling and server errors with jitter.
CLIENT_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
