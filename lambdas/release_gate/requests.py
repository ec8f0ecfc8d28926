"""The script: what each function is asked, as API Gateway or SQS would ask it."""

import datetime as dt
import json
import random
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from pydantic import JsonValue

from flux_core.rehearsal import MARK, RESTAURANT_ID

from .checks import WARM_SECONDS, Check
from .payloads import authorizer_request, http_request, sqs_batch, square_event
from .shapes import AnyForecasts, Forecasts, Health, Problem, Transactions
from .signing import Signatures

# The day of the rehearsal restaurant's one forecast, which the schema holds from the beginning.
FORECAST_DAY = dt.date(2020, 1, 2)
# The run that is rehearsed, and rolled back; the one sale lies in the ninety days before.
RUN_DAY = dt.date(2020, 1, 8)

# What it takes the model to answer for one dish, and what Lambda gives a worker at the least.
MODEL_SECONDS = 10.0


def _api(signatures: Signatures) -> Sequence[Check]:
    token = {"authorization": f"Bearer {signatures.token()}"}
    # Days that no earlier rehearsal asked for: an answer from the cache would be another version's.
    before, after = random.randrange(15), random.randrange(16)  # noqa: S311 - no secret
    first, last = FORECAST_DAY - dt.timedelta(days=before), FORECAST_DAY + dt.timedelta(days=after)
    span = {"from": str(first), "to": str(last)}
    unknown = json.dumps({"email": "rehearsal@flux.invalid", "password": "rehearsal"})
    ok: Mapping[str, JsonValue] = {"statusCode": HTTPStatus.OK}
    refused: Mapping[str, JsonValue] = {"statusCode": HTTPStatus.UNAUTHORIZED}
    return (
        Check(name="health", payload=http_request("GET", "/api/v1/health"), expected=ok, body=Health),
        Check(name="ready", payload=http_request("GET", "/api/v1/ready"), expected=ok, body=Health),
        Check(
            name="forecasts",
            payload=http_request("GET", "/api/v1/forecasts", headers=token, query=span),
            expected=ok,
            body=Forecasts,
            paced=True,
        ),
        Check(
            name="coming forecasts",
            payload=http_request("GET", "/api/v1/forecasts", headers=token),
            expected=ok,
            body=AnyForecasts,
        ),
        Check(
            name="transactions",
            payload=http_request("GET", "/api/v1/transactions", headers=token),
            expected=ok,
            body=Transactions,
            paced=True,
        ),
        Check(name="no token", payload=http_request("GET", "/api/v1/transactions"), expected=refused, body=Problem),
        Check(
            name="unknown user",
            payload=http_request("POST", "/api/v1/auth/token", body=unknown),
            expected=refused,
            body=Problem,
        ),
    )


def _webhook(signatures: Signatures) -> Sequence[Check]:
    event = json.dumps(square_event("order.updated"))
    header = "x-square-hmacsha256-signature"
    path = "/api/v1/webhooks/square"
    signed = http_request("POST", path, headers={header: signatures.square(event.encode())}, body=event)
    return (
        Check(
            name="forged signature",
            payload=http_request("POST", path, headers={header: "Zm9yZ2Vk"}, body=event),
            expected={"statusCode": HTTPStatus.UNAUTHORIZED},
            body=Problem,
        ),
        # Marked beside the HTTP request, where API Gateway lets nobody write: it is checked and not stored.
        Check(
            name="signed event",
            payload={**signed, MARK: True},
            expected={"statusCode": HTTPStatus.ACCEPTED},
            paced=True,
        ),
    )


def _sync(_: Signatures) -> Sequence[Check]:
    sale: JsonValue = {"type": "square.event", "event": square_event("order.updated")}
    other: JsonValue = {"type": "square.event", "event": square_event("rehearsal.only")}
    gone: JsonValue = {"type": "sync.connection", "connection_id": "00000000-0000-4000-8000-000000000000"}
    return _worker("batch of three", sale, other, gone)


def _forecast(_: Signatures) -> Sequence[Check]:
    night: JsonValue = {"type": "forecast.restaurant", "restaurant_id": str(RESTAURANT_ID), "date": str(RUN_DAY)}
    return _worker("a restaurant's night", night, seconds=MODEL_SECONDS)


def _worker(name: str, *messages: JsonValue, seconds: float = WARM_SECONDS) -> Sequence[Check]:
    """Return what every worker is asked: nothing, these good messages, and a poisonous one after a good one."""
    poisoned = sqs_batch(messages[0], {"type": "no such message"})
    return (
        Check(name="empty batch", payload={"Records": []}, expected={"batchItemFailures": []}),
        Check(name=name, payload=sqs_batch(*messages), expected={"batchItemFailures": []}, seconds=seconds, paced=True),
        Check(
            name="poison among good",
            payload=poisoned,
            expected={"batchItemFailures": [{"itemIdentifier": "1"}]},
            seconds=seconds,
        ),
    )


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
    "api": _api,
    "webhook": _webhook,
    "sync": _sync,
    "forecast": _forecast,
    "authorizer": _authorizer,
}
