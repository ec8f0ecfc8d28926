"""A rotation function: Secrets Manager invokes it once per step of a rotation."""

from collections.abc import Callable, Mapping
from functools import cache

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from flux_core.aws import CLIENT_CONFIG
from flux_core.bounded_aws import bounded
from flux_core.logs import logger

from .cache_login import build_cache_login
from .database_login import build_database_login
from .origin import build_origin
from .probe import ProbeRotation
from .protocol import Request, Rotation
from .settings import Kind, RotationSettings
from .square_webhook import build_square_webhook
from .strategy import Strategy
from .token_key import TokenKeyRotation

STRATEGIES: Mapping[Kind, Callable[[], Strategy]] = {
    "database-login": build_database_login,
    "cache-login": build_cache_login,
    "token-key": TokenKeyRotation,
    "square-webhook": build_square_webhook,
    "origin": build_origin,
    "probe": ProbeRotation,
}


@cache
def rotation() -> Rotation:
    """The rotation of this function's secret, for the life of the instance."""
    settings = RotationSettings.load()
    return Rotation(
        bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG)),
        secret=settings.rotated_secret,
        strategy=STRATEGIES[settings.rotation_strategy](),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda's signature
    """Do one step.

    Raises:
        RotationError: the rotation stops here; what is AWSCURRENT works.
    """
    rotation().run(Request.model_validate(event))
