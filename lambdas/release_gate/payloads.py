"""Events as API Gateway, SQS and Square make them."""

import json
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from pydantic import JsonValue

from flux_core.rehearsal import MARK


def square_event(
    kind: str, *, merchant: str = "REHEARSAL", order: str = "rehearsal", event_id: str = "rehearsal"
) -> dict[str, JsonValue]:
    """An event as Square sends it, of one of the rehearsal's merchants."""
    return {"merchant_id": merchant, "type": kind, "event_id": event_id, "data": {"type": "order", "id": order}}


def sqs_batch(*bodies: JsonValue) -> dict[str, JsonValue]:
    """An event of SQS, marked beside its records; message ids are '0', '1', ..."""
    return {
        MARK: True,
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": "rehearsal",
                "body": json.dumps(body),
                "attributes": {"SentTimestamp": str(int(time.time() * 1000)), "ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:rehearsal",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ],
    }


def http_request(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: str | None = None,
) -> dict[str, JsonValue]:
    """An API Gateway event, payload format 2.0, for a request from the gate itself."""
    http: dict[str, JsonValue] = {"method": method, "path": path, "protocol": "HTTP/1.1"}
    http |= {"sourceIp": "127.0.0.1", "userAgent": "gate"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"host": "release-gate", "content-type": "application/json", **(headers or {})},
        "requestContext": {"http": http, "requestId": "release-gate", "stage": "$default"},
        "body": body,
        "isBase64Encoded": False,
    }


def authorizer_request(origin: str | None) -> dict[str, JsonValue]:
    """An event of a Lambda authorizer, payload format 2.0, with the origin header's value, or without the header."""
    event = http_request("GET", "/api/v1/health")
    return {**event, "type": "REQUEST", "identitySource": [] if origin is None else [origin]}
