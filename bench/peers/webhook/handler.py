"""The webhook as FastAPI, Mangum and boto3 make it: what lambdas/webhook is measured against (`make bench`).

It keeps the same promises where they cost time: the key is read from Secrets Manager and kept, the signature and the
event are checked, the event is on the queue before it is accepted, and each request is counted in a line of metrics.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from functools import cache
from typing import TYPE_CHECKING, Annotated

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from fastapi import FastAPI, Header, HTTPException, Request, Response
from mangum import Mangum
from pydantic import BaseModel, JsonValue, ValidationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

CONFIG = Config(connect_timeout=1, read_timeout=1.5, retries={"mode": "standard", "total_max_attempts": 2})

app = FastAPI(openapi_url=None)


class Event(BaseModel):
    """What is read of Square's events."""

    merchant_id: str | None = None
    type: str | None = None
    event_id: str | None = None
    data: dict[str, JsonValue] | None = None


class Subscription(BaseModel):
    """Square's signature key, and the address that it signs."""

    signature_key: str
    notification_url: str


class Message(BaseModel):
    """What the sync worker reads."""

    type: str = "square.event"
    event: dict[str, JsonValue]


@cache
def _secrets() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=CONFIG)


@cache
def _sqs() -> "SQSClient":
    return boto3.client("sqs", config=CONFIG)


@cache
def _subscription() -> Subscription:
    found = _secrets().get_secret_value(SecretId=os.environ["SQUARE_WEBHOOK_SECRET"])
    return Subscription.model_validate_json(found["SecretString"])


@app.post("/api/v1/webhooks/square", status_code=202)
async def receive(
    request: Request,
    x_square_hmacsha256_signature: Annotated[str, Header()] = "",
    x_amz_cf_id: Annotated[str, Header()] = "none",
) -> Response:
    """Accept one event."""
    body = await request.body()
    try:
        key = _subscription()
        digest = hmac.new(key.signature_key.encode(), key.notification_url.encode() + body, hashlib.sha256).digest()
        if not hmac.compare_digest(base64.b64encode(digest), x_square_hmacsha256_signature.encode()):
            raise HTTPException(401)
        event: dict[str, JsonValue] = json.loads(body)
        Event.model_validate(event)
        _sqs().send_message(
            QueueUrl=os.environ["POS_SYNC_QUEUE_URL"],
            MessageBody=Message(event=event).model_dump_json(),
            MessageAttributes={"RequestId": {"DataType": "String", "StringValue": x_amz_cf_id}},
        )
    except ValidationError as error:
        raise HTTPException(400) from error
    except (BotoCoreError, ClientError) as error:
        raise HTTPException(503) from error
    _count("EventsAccepted", "EventsEnqueued")
    return Response(status_code=202, headers={"cache-control": "no-store"})


def _count(*names: str) -> None:
    metrics = [{"Name": name, "Unit": "Count"} for name in names]
    directive = {"Namespace": "Flux", "Dimensions": [["Environment", "service"]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "Environment": os.environ["FLUX_ENVIRONMENT"],
        "service": "webhook",
        **dict.fromkeys(names, 1),
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - CloudWatch reads it from standard output


handler = Mangum(app, lifespan="off")
