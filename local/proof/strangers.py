"""Strangers who send what they can think of while a release is under way: malformed, forged, and much of it."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

import httpx

from flux_infra.constructs.origin import ORIGIN_HEADER

from .. import machine
from ..platform import Platform
from ..till import AURORA, order_event
from .sales import WEBHOOK
from .users import repeatedly

# In each of two threads, beside the owners' twenty: as much as two processors can take.
PER_SECOND = 60.0

_SIGN_IN = "/api/v1/auth/token"
_JSON = {"content-type": "application/json"}
# Of a restaurant that there is, signed by nobody: {"alg":"none"}.
_NO_SIGNATURE = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4Iiwicm9sZSI6Im93bmVyIn0."


@contextmanager
def attacking(platform: Platform) -> Iterator[Counter[int]]:
    """Attack through CloudFront, and past it, until the block ends; counts the answers by HTTP status."""
    answers: Counter[int] = Counter()
    host = platform.outputs["Api.ApiUrl"].removeprefix("https://")
    with platform.visitor() as visitor, httpx.Client(base_url=machine.AWS_URL, headers={"host": host}) as intruder:
        past = intruder.build_request("GET", "/api/v1/health", headers={ORIGIN_HEADER: "forged"})
        deeds = cycle([*((visitor, request) for request in _requests(visitor)), (intruder, past)])

        def attack() -> None:
            client, request = next(deeds)
            answers[client.send(request).status_code] += 1

        with repeatedly(attack, per_second=PER_SECOND), repeatedly(attack, per_second=PER_SECOND):
            yield answers


def _requests(visitor: httpx.Client) -> list[httpx.Request]:
    sign_in = {"email": "nobody@stranger.example", "password": "guess"}
    event = order_event(AURORA.merchant_id, "forged", event_id="forged")
    signed = {"x-square-hmacsha256-signature": "Zm9yZ2Vk"}
    return [
        visitor.build_request("POST", _SIGN_IN, json=sign_in),
        # Half of a surrogate pair, and other bodies that are no sign-in.
        visitor.build_request("POST", _SIGN_IN, content=b'{"email": "a@b.c", "password": "\\ud800"}', headers=_JSON),
        visitor.build_request("POST", _SIGN_IN, content=b"\xff\xfe{", headers=_JSON),
        visitor.build_request("POST", _SIGN_IN, content=json.dumps([sign_in] * 100), headers=_JSON),
        visitor.build_request("POST", _SIGN_IN, content=b"[" * 5_000, headers=_JSON),
        visitor.build_request("POST", _SIGN_IN, content=b"[" * 50_000, headers=_JSON),
        visitor.build_request("GET", "/api/v1/transactions", headers={"authorization": f"Bearer {_NO_SIGNATURE}"}),
        visitor.build_request("GET", "/api/v1/transactions?cursor=%ff&limit=-1"),
        visitor.build_request("GET", "/api/v1/forecasts?from=0001-01-01&to=9999-12-31"),
        visitor.build_request("GET", "/api/v1/%2561uth/token"),
        visitor.build_request("DELETE", "/api/v1/health"),
        visitor.build_request("POST", WEBHOOK, content=event, headers={**_JSON, **signed}),
        visitor.build_request("POST", WEBHOOK, content=b"\x00" * 300_000, headers={**_JSON, **signed}),
        visitor.build_request("POST", WEBHOOK, content=b"", headers=_JSON),
    ]
