"""Settings for AWS's client in this shell or in ~/.aws/config that the client cannot use."""

import os
import re
import traceback
from urllib.parse import urlsplit

from .errors import OpsError

# What no message may show.
_SECRET = re.compile(r"KEY|TOKEN$")


class SettingError(OpsError):
    """AWS's client cannot use a setting. It names none, so those variables are named whose values its error quotes."""

    def __init__(self, error: Exception) -> None:
        meant = {name: value for name, value in sorted(os.environ.items()) if _is_quoted(name, value, str(error))}
        if meant:
            settings = ", ".join(f"{name}={value!r}" for name, value in meant.items())
            why = f"{settings}: AWS's client cannot use it: {error}"
            remedy = f"correct or unset {' or '.join(meant)}, then try again"
        else:
            why = f"AWS's client cannot use a setting of this shell or of ~/.aws/config: {error}"
            remedy = (
                "correct the variable AWS_... or the line in ~/.aws/config that the message speaks of, then try again"
            )
        super().__init__(why, remedy=remedy)


def require_addresses() -> None:
    """Refuse an `AWS_ENDPOINT_URL...` that is no address, before the service that it is meant for is asked.

    Raises:
        OpsError: one is none.
    """
    for name, value in os.environ.items():
        if name.startswith("AWS_ENDPOINT_URL") and value and not _is_address(value):
            raise OpsError(
                f"{name}={value!r}: is not the address of a service",
                remedy=f"unset {name} to reach AWS itself, or give it an address like http://127.0.0.1:4566",
            )


def is_of_the_client(error: Exception) -> bool:
    """Whether AWS's client, or what it called, raised it: for some wrong settings it has no error of its own."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals["__name__"].partition(".")[0] in ("boto3", "botocore") for frame, _ in frames)


def _is_quoted(name: str, value: str, text: str) -> bool:
    shown = name.startswith("AWS_") and value and not _SECRET.search(name)
    return bool(shown) and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an end, a port that is no number
        return False
