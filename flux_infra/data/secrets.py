"""Secrets of Flux that no other resource generates."""

import json
import string
from collections.abc import Mapping

from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from ..config import FluxConfig
from ..constructs.origin import ORIGIN_FIELD
from ..constructs.removal import state_removal

# Letters, digits and '-' only: the characters that PostgreSQL URLs, ElastiCache and JSON all take unescaped. Written
# out because not every implementation of Secrets Manager heeds ExcludePunctuation.
EXCLUDED_CHARACTERS = " " + string.punctuation.replace("-", "")


def build_secret(  # noqa: PLR0913 - one argument per property of the secret
    scope: Construct,
    construct_id: str,
    *,
    config: FluxConfig,
    key: kms.IKey,
    description: str,
    template: Mapping[str, str],
    generated: str,
    length: int = 40,
) -> secretsmanager.Secret:
    """Return a secret holding the JSON object `template` and, under the name `generated`, random characters.

    length: of the random part; 40 of the 63 characters are 239 bits.
    """
    return secretsmanager.Secret(
        scope,
        construct_id,
        description=f"Flux {config.name}: {description}",
        encryption_key=key,
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=json.dumps(template),
            generate_string_key=generated,
            password_length=length,
            exclude_characters=EXCLUDED_CHARACTERS,
        ),
        removal_policy=state_removal(config),
    )


class FluxSecrets(Construct):
    """Keys of the access tokens, what proves CloudFront and the probe to the API, and what Square gave us.

    Attributes:
        token_keys: {"kid", "key"}: the HS256 key of the access tokens, and its name in their header.
        origin: {"value"}: what CloudFront sends to the HTTP API in `ORIGIN_HEADER`.
        square_webhook: {"signature_key", "notification_url"} as Square's webhook subscription shows them.
        square_access: {"subscription_id", "access_token"} with which the key in square_webhook is replaced.
        square_application: {"application_id", "application_secret"} of the OAuth application.
        probe: {"password"} that the probe signs in and signs with; None where there is no probe.

    Square's three hold random characters until an operator fills them in: until then every webhook is refused, and
    the rotation, which knows them by the words `fill-in`, leaves them as they are.
    """

    def __init__(self, scope: Construct, construct_id: str, *, config: FluxConfig, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.token_keys = build_secret(
            self,
            "TokenKeys",
            config=config,
            key=key,
            description="key of the access tokens",
            template={"kid": "1"},
            generated="key",
            length=64,  # HS256 asks for at least 256 bits (RFC 7518, 3.2)
        )
        self.origin = build_secret(
            self,
            "Origin",
            config=config,
            key=key,
            description="what CloudFront proves itself by to the HTTP API",
            template={},
            generated=ORIGIN_FIELD,
            length=64,
        )
        self.square_webhook = build_secret(
            self,
            "SquareWebhook",
            config=config,
            key=key,
            description="Square's webhook subscription; fill in from the developer console",
            template={"notification_url": "https://fill-in.invalid/"},
            generated="signature_key",
        )
        # A secret of its own: the token may do everything at Square, and only one rotation function needs it.
        self.square_access = build_secret(
            self,
            "SquareAccess",
            config=config,
            key=key,
            description="Square's access token and webhook subscription; fill in from the developer console",
            template={"subscription_id": "fill-in"},
            generated="access_token",
        )
        self.square_application = build_secret(
            self,
            "SquareApplication",
            config=config,
            key=key,
            description="Square's OAuth application; fill in from the developer console",
            template={"application_id": "fill-in"},
            generated="application_secret",
        )
        self.probe: secretsmanager.Secret | None = None
        if config.objectives is True:
            self.probe = build_secret(
                self,
                "Probe",
                config=config,
                key=key,
                description="what the probe signs in and signs with",
                template={},
                generated="password",
            )
