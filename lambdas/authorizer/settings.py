"""What the authorizer is told."""

from flux_core.settings import Name, Settings


class AuthorizerSettings(Settings):
    """Where the accepted values of the origin header are.

    origin_secret: name of the secret with the value that CloudFront sends.
    """

    origin_secret: Name
