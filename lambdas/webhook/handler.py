"""The webhook function: takes what point-of-sale systems send, and answers once it is safe on the queue."""

import base64
import binascii
from functools import cache
from http import HTTPStatus
from typing import TypedDict

import boto3
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

from flux_core.aws import CLIENT_CONFIG
from flux_core.logs import logger
from flux_core.problems import CONTENT_TYPE, Problem
from flux_core.queue import Queue
from flux_core.rehearsal import RehearsalQueue, is_rehearsal
from flux_core.secrets import Secrets

from .receiver import Receiver
from .settings import WebhookSettings
from .square import SIGNATURE_HEADER, SquareSignatures


class Response(TypedDict):
    """API Gateway's payload format 2.0."""

    statusCode: int
    headers: dict[str, str]
    body: str


@cache
def _receiver(*, rehearsal: bool) -> Receiver:
    """The receiver for the life of the instance; in a rehearsal it checks all and stores nothing."""
    settings = WebhookSettings.load()
    secrets = Secrets(boto3.client("secretsmanager", config=CLIENT_CONFIG))
    kind = RehearsalQueue if rehearsal else Queue
    return Receiver(
        signatures=SquareSignatures(secrets, subscription=settings.square_webhook_secret),
        queue=kind(boto3.client("sqs", config=CLIENT_CONFIG), url=settings.pos_sync_queue_url),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> Response:  # noqa: ARG001 - Lambda's signature
    """Answer one request: 202 when its event is on the queue, a problem otherwise."""
    request = APIGatewayProxyEventV2(event)
    try:
        content = request.body or ""
        body = base64.b64decode(content, validate=True) if request.is_base64_encoded else content.encode()
    except binascii.Error:
        return _refusal(Problem(status=HTTPStatus.BAD_REQUEST, detail="The body is not what its encoding says."))
    problem = _receiver(rehearsal=is_rehearsal(event)).receive(
        body, provider=request.raw_path.rsplit("/", 1)[-1], signature=request.headers.get(SIGNATURE_HEADER, "")
    )
    if problem is not None:
        return _refusal(problem)
    return {"statusCode": HTTPStatus.ACCEPTED, "headers": {"cache-control": "no-store"}, "body": ""}


def _refusal(problem: Problem) -> Response:
    return {
        "statusCode": problem.status,
        "headers": {"content-type": CONTENT_TYPE, "cache-control": "no-store"},
        "body": problem.body(),
    }
