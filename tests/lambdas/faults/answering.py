"""The functions that somebody waits for: api, webhook, authorizer."""

import json
import os
import uuid
from collections.abc import Mapping
from typing import cast, override

from api import handler as api
from authorizer import handler as authorizer
from flux_infra.environments import LOCAL
from local.till import order_event, signature
from webhook import handler as webhook
from webhook.square import SIGNATURE_HEADER

from ..support.api_client import token_of
from ..support.lambda_events import http_event
from ..support.platform import ORIGIN, SUBSCRIPTION, Platform
from ..support.restaurants import open_restaurant
from .cells import Dependency
from .functions import UNAVAILABLE, Account, Function
from .invoking import Answer, invoke


def read_http(response: Mapping[str, object], *, good: int) -> tuple[str, bool]:
    """The text of an HTTP answer, and whether it is the good one."""
    status, headers, body = response["statusCode"], response["headers"], response["body"]
    assert isinstance(headers, dict)
    if status == good:
        return str(good), True
    is_problem = headers["content-type"] == "application/problem+json" and json.loads(str(body))["status"] == status
    words = [str(status), *(["Retry-After"] if int(headers.get("retry-after", 0)) > 0 else [])]
    return ", ".join([*words, *(["problem"] if is_problem else [])]), False


class Api(Function):
    """A reader asks: for sales, which are in the database alone, or for forecasts, which the cache keeps."""

    timeout = LOCAL.functions.api.timeout_seconds

    def __init__(self, platform: Platform, dependency: Dependency) -> None:
        path = "forecasts" if dependency == "Valkey" else "transactions"
        headers = {"authorization": f"Bearer {token_of(open_restaurant(platform))}"}
        self._event = http_event("GET", f"/api/v1/{path}", headers=headers)

    @override
    def renew(self) -> None:
        api._adapter.cache_clear()  # noqa: SLF001 - as another instance begins

    @override
    def ask(self) -> Answer:
        return invoke(
            lambda context: api.handler(self._event, context),
            timeout=self.timeout,
            read=lambda response: read_http(response, good=200),
        )

    @override
    def is_right(self, answer: Answer) -> bool:
        return answer.served or answer.text == UNAVAILABLE


class Webhook(Function):
    """Square delivers an event, and again until it is accepted; then the next one."""

    timeout = LOCAL.functions.webhook.timeout_seconds

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._queue = os.environ["POS_SYNC_QUEUE_URL"]
        self._accepted: list[str] = []
        self._event_id = uuid.uuid4().hex
        platform.drain(self._queue)

    @override
    def renew(self) -> None:
        webhook._receiver.cache_clear()  # noqa: SLF001 - as another instance begins

    @override
    def ask(self) -> Answer:
        body = order_event("MERCHANT", "ORDER", event_id=self._event_id)
        signed = signature(body, key=SUBSCRIPTION["signature_key"], notification_url=SUBSCRIPTION["notification_url"])
        event = http_event("POST", "/api/v1/webhooks/square", headers={SIGNATURE_HEADER: signed}, body=body.decode())
        answer = invoke(
            lambda context: webhook.handler(event, context),
            timeout=self.timeout,
            read=lambda response: read_http(response, good=202),
        )
        if answer.served:
            self._accepted.append(self._event_id)
            self._event_id = uuid.uuid4().hex
        return answer

    @override
    def is_right(self, answer: Answer) -> bool:
        return answer.served or answer.text == UNAVAILABLE

    @override
    def account(self) -> Account:
        queued = [
            str(cast("dict[str, object]", message["event"])["event_id"])
            for message in self._platform.drain(self._queue)
        ]
        return Account(due=self._accepted, done=queued)


class Authorizer(Function):
    """API Gateway asks about a request of CloudFront's. For what it cannot judge API Gateway answers 500."""

    timeout = LOCAL.functions.authorizer.timeout_seconds

    @override
    def renew(self) -> None:
        authorizer.build_values.cache_clear()

    @override
    def ask(self) -> Answer:
        return invoke(
            lambda context: authorizer.handler({"identitySource": [ORIGIN["value"]]}, context),
            timeout=self.timeout,
            read=lambda decision: ("lets it in", True) if decision["isAuthorized"] else ("refuses it", False),
        )

    @override
    def is_right(self, answer: Answer) -> bool:
        return answer.served or answer.text == "raises SecretError"
