"""What the api function is told."""

from flux_core.settings import CacheSettings, DatabaseSettings, Name


class ApiSettings(DatabaseSettings, CacheSettings):
    """The database, the cache, and the key of the access tokens.

    token_keys_secret: name of the secret with the key's id and the key.
    probe_secret: name of the secret that the probe signs in with; None where there is no probe.
    """

    token_keys_secret: Name
    probe_secret: Name | None = None
