"""What a rotation function is told. All of them run the same code; each has its own secret, strategy and role."""

from typing import Literal

from flux_core.settings import CacheSettings, DatabaseSettings, Name, Settings

Kind = Literal["database-login", "cache-login", "token-key", "square-webhook", "origin", "probe"]


class RotationSettings(Settings):
    """Which secret, and which strategy.

    rotated_secret: name or ARN of the one secret.
    rotation_strategy: what kind of secret it is.
    """

    rotated_secret: Name
    rotation_strategy: Kind


class DatabaseRotationSettings(RotationSettings, DatabaseSettings):
    """Where PostgreSQL is."""


class CacheRotationSettings(RotationSettings, CacheSettings):
    """Where Valkey is.

    cache_user: id of the ElastiCache user.
    """

    cache_user: Name


class SquareRotationSettings(RotationSettings):
    """Square's API.

    square_api_url: its base address.
    square_access_secret: name of the secret with the application's access token and the subscription's id.
    """

    square_api_url: Name
    square_access_secret: Name


class OriginRotationSettings(RotationSettings):
    """Who sends the origin secret, and who judges it.

    distribution_id: the CloudFront distribution.
    origin_header: name of the header, in lower case.
    authorizer: ARN of the authorizer's alias.
    """

    distribution_id: Name
    origin_header: Name
    authorizer: Name
