"""The webhook function: takes what point-of-sale systems send, and answers once it is safe on the queue."""

import base64
import binascii
from functools import cache
from http import HTTPStatus
from typing import NotRequired, TypedDict, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from flux_core.aws_json import secrets_manager, sqs, sqs_service
from flux_core.deadline import Deadline
from flux_core.effects import Effects, Report
from flux_core.logs import logger
from flux_core.metrics import count, metered, tell
from flux_core.probe import PROVIDER
from flux_core.problems import CONTENT_TYPE, Problem
from flux_core.queue import Queue
from flux_core.rehearsal import is_rehearsal
from flux_core.request_id import id_of_request
from flux_core.secrets import Secrets
from flux_core.tally import keep_what_is_sent, tallied
from flux_core.vocabulary import EVENTS_ACCEPTED, EVENTS_REFUSED

from . import probe
from .receiver import Receiver, Sender
from .settings import WebhookSettings
from .square import SIGNATURE_HEADER, SquareSignatures, event_message


class Request(TypedDict):
    """As much of API Gateway's payload format 2.0 as is read; names of headers are in small letters."""

    rawPath: str
    headers: dict[str, str]
    body: NotRequired[str]
    isBase64Encoded: bool


class Response(TypedDict):
    """API Gateway's payload format 2.0. rehearsal: for the release gate alone."""

    statusCode: int
    headers: dict[str, str]
    body: str
    rehearsal: NotRequired[Report]


_effects = Effects()

# Kept for the answer itself, which is a few bytes.
ANSWER_SECONDS = 0.5

_deadline = Deadline(answer_seconds=ANSWER_SECONDS)


@cache
def _receiver(*, rehearsal: bool) -> Receiver:
    """The receiver for the life of the instance; in a rehearsal it does all, and SQS never hears of it."""
    settings = WebhookSettings.load()
    secrets = Secrets(secrets_manager(), time_left=_deadline.left)
    call = _effects.take_messages if rehearsal else sqs_service().call
    square = SquareSignatures(secrets, subscription=settings.square_webhook_secret)
    senders = {"square": Sender(signatures=square, message=event_message)}
    if settings.probe_secret is not None:
        signatures = probe.ProbeSignatures(secrets, name=settings.probe_secret)
        senders[PROVIDER] = Sender(signatures=signatures, message=lambda _: probe.EVENT)
    return Receiver(
        senders=senders,
        queue=Queue(sqs(keep_what_is_sent(call)), url=settings.pos_sync_queue_url, time_left=_deadline.left),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, object], context: LambdaContext) -> Response:
    """Answer one request: 202 when its event is on the queue, a problem otherwise."""
    _deadline.begin(context)
    rehearsal = is_rehearsal(event)
    request_id = id_of_request(event, otherwise=context.aws_request_id)
    logger.append_keys(request_id=request_id)
    with metered(rehearsal=rehearsal), tallied(context) as tally:
        tell("request_id", request_id)
        response = _answer(cast("Request", event), _receiver(rehearsal=rehearsal), request_id)
        tally.promised += response["statusCode"] == HTTPStatus.ACCEPTED
    return {**response, "rehearsal": _effects.take()} if rehearsal else response


def _answer(request: Request, receiver: Receiver, request_id: str) -> Response:
    try:
        content = request.get("body") or ""
        body = base64.b64decode(content, validate=True) if request.get("isBase64Encoded") else content.encode()
    except (binascii.Error, ValueError):  # half of a surrogate pair among them
        count(EVENTS_REFUSED, reason="malformed")
        return _refusal(Problem(status=HTTPStatus.BAD_REQUEST, detail="The body is not what its encoding says."))
    problem = receiver.receive(
        body,
        provider=request["rawPath"].rsplit("/", 1)[-1],
        signature=request["headers"].get(SIGNATURE_HEADER, ""),
        request_id=request_id,
    )
    if problem is not None:
        return _refusal(problem)
    count(EVENTS_ACCEPTED)
    return {"statusCode": HTTPStatus.ACCEPTED, "headers": {"cache-control": "no-store"}, "body": ""}


def _refusal(problem: Problem) -> Response:
    return {
        "statusCode": problem.status,
        "headers": {"content-type": CONTENT_TYPE, "cache-control": "no-store", **problem.headers()},
        "body": problem.body(),
    }
