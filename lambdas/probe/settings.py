"""What the probe is told."""

from typing import Annotated

from pydantic import Field

from flux_core.settings import Name, Settings


class ProbeSettings(Settings):
    """Where people reach Flux, what the probe shows of itself, and what it watches the age of.

    site_url: the public address, without a slash at the end.
    site_host: the name to ask for there; None where it is the address's own.
    probe_secret: name of the secret that it signs in and signs with.
    rotated_secrets: JSON; names of the secrets that rotate.
    """

    site_url: Name
    site_host: Name | None = None
    probe_secret: Name
    rotated_secrets: Annotated[tuple[Name, ...], Field(min_length=1)]
