"""The authorizer: lets a request pass to the functions if it came through CloudFront, and so through the firewall."""

from functools import cache
from typing import TypedDict

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from flux_core.bounded_aws import bounded
from flux_core.logs import logger
from flux_core.tally import tallied

from .origin import CLIENT_CONFIG, OriginValues
from .settings import AuthorizerSettings


class Decision(TypedDict):
    """API Gateway's simple response ("Lambda authorizers for HTTP APIs", payload format 2.0)."""

    isAuthorized: bool


@cache
def build_values() -> OriginValues:
    """The accepted values, for the life of the instance."""
    settings = AuthorizerSettings.load()
    return OriginValues(bounded(boto3.client("secretsmanager", config=CLIENT_CONFIG)), secret=settings.origin_secret)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> Decision:
    """Judge one request by the header that API Gateway was told to hand over.

    Refusals are not logged here: the API's access log has each, with its address.

    Raises:
        SecretError: it cannot be judged. API Gateway answers 500, and remembers nothing.
    """
    with tallied(context):
        match event.get("identitySource"):
            case [str(value)]:
                return {"isAuthorized": build_values().accept(value)}
            case _:
                return {"isAuthorized": False}
