"""What Lambda hands to a function."""

import base64
import json
import time
import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from flux_core.batch import SqsEvent


class Context(LambdaContext):
    """Lambda's context, outside Lambda."""

    def __init__(self) -> None:
        self._function_name = "flux-test"
        self._function_version = "7"
        self._invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:flux-test:live"
        self._memory_limit_in_mb = 512
        self._aws_request_id = str(uuid.uuid4())

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


def http_event(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str | int] | None = None,
    body: str | bytes | None = None,
) -> dict[str, object]:
    """API Gateway's payload format 2.0; a body of bytes goes in base64, as API Gateway sends binary types."""
    encoded = isinstance(body, bytes)
    content = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return {
        "version": "2.0",
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"host": "flux.example", **(headers or {})},
        "requestContext": {
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test",
            },
            "requestId": str(uuid.uuid4()),
            "stage": "$default",
        },
        "isBase64Encoded": encoded,
        **({} if content is None else {"body": content}),
    }


def sqs_event(*bodies: object, sent_at: float | None = None) -> SqsEvent:
    """A batch; each body is sent as JSON, or as it is when it is text. Message ids are '0', '1', ..."""
    sent = str(int((time.time() if sent_at is None else sent_at) * 1000))
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": "handle",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"SentTimestamp": sent, "ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def noted(log: pytest.LogCaptureFixture, name: str) -> list[object]:
    """What functions have logged under a name, without what is empty."""
    return [found for record in log.records if (found := record.__dict__.get(name))]


def taken(log: pytest.LogCaptureFixture, name: str) -> list[object]:
    """What the sync worker's lines for whole batches tell of their messages under a name."""
    entries = [entry for each in noted(log, "taken") if isinstance(each, list) for entry in each]
    return [entry[name] for entry in entries if name in entry]


def failed(response: object) -> list[str]:
    """The ids of the messages that a worker reports as failed."""
    assert isinstance(response, dict)
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]
