"""What the probe is told."""

from flux_core.settings import Name, Settings


class ProbeSettings(Settings):
    """Where people reach Flux, and what the probe shows of itself.

    site_url: the public address, without a slash at the end.
    site_host: the name to ask for there; None where it is the address's own.
    probe_secret: name of the secret that it signs in and signs with.
    """

    site_url: Name
    site_host: Name | None = None
    probe_secret: Name
