"""The script: what each function is asked, as API Gateway or SQS would ask it."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from pydantic import JsonValue

from flux_core.rehearsal import MARK

from .api_script import PROBLEM, api_script
from .checks import Check
from .payloads import authorizer_request, http_request, square_event
from .shapes import Problem
from .signing import Signatures
from .worker_scripts import forecast_census, forecast_script, forecast_tick, sync_script

# Each has an id of its own: what is lost now and then is lost by number, or by chance.
EVENTS = 10


def _webhook(signatures: Signatures) -> Sequence[Check]:
    forged = _delivery(square_event("order.updated"), "Zm9yZ2Vk")
    refused = square_event("order.updated", event_id="rehearsal-refused")
    return (
        Check(
            name="forged signature",
            payload=forged,
            expected={"statusCode": HTTPStatus.UNAUTHORIZED},
            body=Problem,
            content_type=PROBLEM,
        ),
        # Marked beside the HTTP request, where API Gateway lets nobody write: worked off in full, but for SQS.
        Check(
            name="marked forgery",
            payload={**forged, MARK: True},
            expected={"statusCode": HTTPStatus.UNAUTHORIZED},
            effects={"messages": []},
            body=Problem,
        ),
        *(
            _accepted(signatures, square_event("order.updated", event_id=str(uuid.uuid4())), paced=number == 0)
            for number in range(EVENTS)
        ),
        Check(
            name="an event that the queue does not take",
            payload={**_delivery(refused, signatures.square(_body(refused).encode())), MARK: True},
            expected={"statusCode": HTTPStatus.SERVICE_UNAVAILABLE},
            body=Problem,
            content_type=PROBLEM,
            effects={"messages": []},
            since_effects=True,
        ),
    )


def _accepted(signatures: Signatures, event: Mapping[str, JsonValue], *, paced: bool) -> Check:
    """What is accepted is on the queue by then, as it came, once."""

    def judge(report: Mapping[str, JsonValue]) -> str | None:
        match report.get("messages"):
            case [str(message)] if json.loads(message) == {"type": "square.event", "event": event}:
                return None
            case list(messages):
                return f"accepted one event; {len(messages)} on the queue, or another one"
            case other:
                return f"messages is {json.dumps(other)}"

    return Check(
        name="signed event",
        payload={**_delivery(event, signatures.square(_body(event).encode())), MARK: True},
        expected={"statusCode": HTTPStatus.ACCEPTED},
        effects=judge,
        paced=paced,
    )


def _delivery(event: Mapping[str, JsonValue], signature: str) -> Mapping[str, JsonValue]:
    headers = {"x-square-hmacsha256-signature": signature}
    return http_request("POST", "/api/v1/webhooks/square", headers=headers, body=_body(event))


def _body(event: Mapping[str, JsonValue]) -> str:
    return json.dumps(event)


def _sync(_: Signatures) -> Sequence[Check]:
    return sync_script()


def _forecast(_: Signatures) -> Sequence[Check]:
    return *forecast_script(), forecast_tick(str(dt.datetime.now(dt.UTC).date())), forecast_census()


def _authorizer(signatures: Signatures) -> Sequence[Check]:
    return (
        Check(name="forged header", payload=authorizer_request("forged"), expected={"isAuthorized": False}),
        Check(name="no header", payload=authorizer_request(None), expected={"isAuthorized": False}),
        # The answer is compared as it is: API Gateway takes nothing but a boolean.
        Check(
            name="CloudFront's header",
            payload=authorizer_request(signatures.origin()),
            expected={"isAuthorized": True},
            paced=True,
        ),
    )


# By the names of the functions that are released. Raises SecretError: a key to sign the requests with cannot be read.
SCRIPTS: Mapping[str, Callable[[Signatures], Sequence[Check]]] = {
    "api": api_script,
    "webhook": _webhook,
    "sync": _sync,
    "forecast": _forecast,
    "authorizer": _authorizer,
}
