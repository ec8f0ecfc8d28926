"""What no function may print, whatever happens: secrets, tokens, passwords, signatures, and what payloads hold."""

import datetime as dt
import json
import os
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus

import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow
from pydantic import JsonValue
from sqlalchemy import Engine, text

from authorizer import handler as authorizer
from flux_core.logs import logger
from forecast import handler as forecast
from local.square import Record
from local.till import order_event, signature
from migrate import handler as migrate
from migrate.schema import Schema
from rotation import handler as rotation
from sync import events as sync_events
from sync import handler as sync
from webhook import handler as webhook

from .support.api_client import call, claims, get, sign_in, signed, token_of
from .support.endpoints import sagemaker
from .support.http import OF_AWS, Reply, serving
from .support.lambda_events import Context, http_event, sqs_event
from .support.platform import APPLICATION, CACHE_USER, FUNCTIONS, ORIGIN, OWNER, SUBSCRIPTION, TOKEN_KEY, Platform
from .support.restaurants import PASSWORD, Restaurant
from .support.rotating import STEPS, RotatingSecret
from .support.sales import record_sale
from .support.sales_at_square import NOON, event, order, ring_up
from .test_release_effects import good_webhook, judge

# Stands for what people type and providers send: it is in every payload of these tests.
PLANTED = "planted-4111111111111111"
WRONG_PASSWORD = "planted-wrong-password"  # noqa: S105 - nobody's


class Story:
    """One thing that happens to a function.

    never: what its log must not hold, besides what no log may. raised: what Lambda would print of its errors.
    """

    def __init__(self, platform: Platform, restaurant: Restaurant, patch: pytest.MonkeyPatch) -> None:
        self.platform, self.restaurant, self.patch = platform, restaurant, patch
        self.never: list[str] = []
        self.raised: list[str] = []

    def tell(self, invoke: Callable[..., object], *arguments: object) -> None:
        """Invoke a function; what it raises Lambda prints."""
        try:
            invoke(*arguments)
        except Exception:  # noqa: BLE001 - whatever it is, Lambda prints it
            self.raised.append(traceback.format_exc())

    def sync(self, *bodies: object) -> None:
        self.tell(sync.handler, sqs_event(*bodies), Context())

    def order(self) -> dict[str, object]:
        line: Record = {"uid": "a", "catalog_object_id": "SOUP", "name": PLANTED, "quantity": "2", "note": PLANTED}
        changes: Record = {"line_items": [line], "reference_id": PLANTED}
        record = order(self.restaurant) | changes
        ring_up(self.platform, self.restaurant, record)
        return event(self.restaurant, record)


def a_sign_in_and_a_reading(story: Story) -> None:
    story.never.append(token_of(story.restaurant))
    for password in (PASSWORD, WRONG_PASSWORD, [WRONG_PASSWORD], "\ud800" + WRONG_PASSWORD):
        story.tell(sign_in, story.restaurant.email, password)
    for path in ("forecasts", "transactions", "connections"):
        story.tell(get, path, token_of(story.restaurant))


def tokens_that_are_refused(story: Story) -> None:
    changes: list[dict[str, object]] = [{"role": PLANTED}, {"sub": PLANTED}, {"exp": PLANTED}, {"aud": PLANTED}]
    tokens = [*(signed(claims(story.restaurant, **each)) for each in changes), f"{PLANTED}.{PLANTED}.x", PLANTED]
    story.never.extend(tokens)
    for token in tokens:
        story.tell(get, "forecasts", token)


def an_api_whose_database_fails(story: Story) -> None:
    story.patch.setattr("api.routes.transactions._QUERY", f"SELECT '{PLANTED}'::uuid")
    story.tell(get, "transactions", token_of(story.restaurant))
    bearer = {"authorization": f"Bearer {token_of(story.restaurant)}"}
    story.patch.setattr("api.routes.transactions._decode", lambda cursor: int(cursor[:0]))
    story.tell(call, http_event("GET", "/api/v1/transactions", headers=bearer, query={"cursor": PLANTED}))


def webhooks_good_and_bad(story: Story) -> None:
    good = json.dumps(json.loads(order_event("M", "O", event_id="e")) | {"note": PLANTED}).encode()
    bad = json.dumps({"merchant_id": [PLANTED], "data": PLANTED}).encode()
    for body in (good, bad, PLANTED.encode()):
        right = signature(body, key=SUBSCRIPTION["signature_key"], notification_url=SUBSCRIPTION["notification_url"])
        story.never.append(right)
        for sent in (right, PLANTED):
            headers = {"x-square-hmacsha256-signature": sent, "authorization": PLANTED, "x-amz-cf-id": f"<{PLANTED}>"}
            asked = http_event("POST", "/api/v1/webhooks/square", headers=headers, body=body.decode())
            story.tell(webhook.handler, asked, Context())


def a_webhook_whose_queue_is_away(story: Story) -> None:
    story.patch.setenv("POS_SYNC_QUEUE_URL", f"{os.environ['AWS_ENDPOINT_URL']}/000000000000/no-such-queue")
    webhook._receiver.cache_clear()  # noqa: SLF001 - it keeps the environment that it first sees
    webhooks_good_and_bad(story)
    webhook._receiver.cache_clear()  # noqa: SLF001 - as above


def sales_and_malformed_messages(story: Story) -> None:
    story.sync(story.order(), {"type": PLANTED}, PLANTED, {"type": "square.event", "event": PLANTED, "x": PLANTED})
    other = {"merchant_id": story.restaurant.merchant_id, "type": "customer.created", "note": PLANTED}
    story.sync({"type": "square.event", "event": other}, {"type": "square.event", "event": {"type": [PLANTED]}})


def orders_that_are_not_squares(story: Story) -> None:
    changes: tuple[Record, ...] = ({"version": PLANTED}, {"state": {"x": PLANTED}}, {"line_items": PLANTED})
    for each in changes:
        record = order(story.restaurant) | each
        ring_up(story.platform, story.restaurant, record)
        story.sync(event(story.restaurant, record))
    story.sync({"type": "sync.connection", "connection_id": str(story.restaurant.connection_id)})


def a_square_that_answers_anything(story: Story) -> None:
    secret = json.dumps(
        {"access_token": PLANTED, "errors": [{"category": PLANTED, "code": PLANTED, "detail": PLANTED}]}
    )
    replies = [
        Reply(status=status, body=content)
        for status in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.BAD_GATEWAY)
        for content in (secret.encode(), PLANTED.encode(), json.dumps({"order": PLANTED}).encode())
    ]
    for reply in replies:
        with serving(partial(_always, reply)) as url:
            story.patch.setenv("SQUARE_API_URL", url)
            sync._live.cache_clear()  # noqa: SLF001 - as above
            story.sync(event(story.restaurant, order(story.restaurant)))
        with story.platform.tenant(story.restaurant.id) as cursor:
            cursor.execute("UPDATE pos_connections SET paused_until = NULL, active = true")
    sync._live.cache_clear()  # noqa: SLF001 - as above


def _always(reply: Reply, _: object) -> Reply:
    return reply


def a_token_that_no_header_takes(story: Story) -> None:
    story.patch.setattr("sync.session.SquareSession._decrypt", lambda *_: f"{PLANTED}\n")
    story.sync(event(story.restaurant, order(story.restaurant)))


def a_database_that_quotes_rows(story: Story) -> None:
    def store(cursor: Cursor[TupleRow], *_: object) -> None:
        """What is refused with "Failing row contains (...)"."""
        cursor.execute(
            "INSERT INTO menu_items (restaurant_id, provider, provider_item_id, name) VALUES (%s, %s, %s, %s)",
            [story.restaurant.id, "square", PLANTED, ""],
        )

    story.patch.setattr(sync_events, "store", store)
    story.sync(story.order())
    with pytest.raises(Exception, match="invalid input syntax") as refused, _owner_engine(story).connect() as owner:
        owner.execute(text("SELECT CAST(:value AS uuid)"), {"value": PLANTED})
    story.raised.append("".join(traceback.format_exception(refused.value)))


def _owner_engine(story: Story) -> Engine:
    return Schema(story.platform.connect_as_owner)._engine  # noqa: SLF001 - what revisions run on


def forecasts_good_and_bad(story: Story) -> None:
    record_sale(story.platform, story.restaurant, dt.datetime.fromisoformat(NOON), dish=PLANTED)
    message = {"type": "forecast.restaurant", "restaurant_id": str(story.restaurant.id), "date": "2026-11-23"}
    answers: list[Callable[[object], dict[str, JsonValue]]] = [
        lambda _: {"model_version": "v", "predictions": [{"menu_item_id": PLANTED, "forecasts": PLANTED}]},
        lambda _: {"message": PLANTED},
    ]
    for answer in answers:
        forecast._live.cache_clear()  # noqa: SLF001 - as above
        with sagemaker(answer):
            story.tell(forecast.handler, sqs_event(message, {"type": PLANTED}, PLANTED), Context())
    error = json.dumps({"Message": f"from primary with message {PLANTED}", "OriginalMessage": PLANTED}).encode()
    headers = OF_AWS | {"content-type": "application/json", "x-amzn-errortype": "ModelError"}
    with serving(lambda _: Reply(status=HTTPStatus.FAILED_DEPENDENCY, body=error, headers=headers)) as url:
        story.patch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)
        forecast._live.cache_clear()  # noqa: SLF001 - as above
        story.tell(forecast.handler, sqs_event(message), Context())
    forecast._live.cache_clear()  # noqa: SLF001 - as above


def an_authorizer_that_is_asked_anything(story: Story) -> None:
    for value in (ORIGIN["value"], PLANTED):
        story.tell(authorizer.handler, {"identitySource": [value]}, Context())
    story.patch.setenv("ORIGIN_SECRET", "no such secret")
    authorizer.build_values.cache_clear()
    story.tell(authorizer.handler, {"identitySource": [PLANTED]}, Context())
    authorizer.build_values.cache_clear()


def a_rotation_and_a_malformed_step(story: Story) -> None:
    secret = RotatingSecret.create(story.platform.secrets, {"kid": "1", "key": PLANTED * 3})
    story.patch.setenv("ROTATED_SECRET", secret.arn)
    story.patch.setenv("ROTATION_STRATEGY", "token-key")
    story.patch.setattr("rotation.protocol.SETTLE_SECONDS", 0)
    rotation.rotation.cache_clear()
    token = secret.begin()
    for step in STEPS:
        asked: dict[str, object] = {"Step": step, "SecretId": secret.arn, "ClientRequestToken": token}
        story.tell(rotation.handler, asked, Context())
    story.never.append(secret.value()["key"])
    story.tell(rotation.handler, {"Step": PLANTED, "SecretId": PLANTED}, Context())
    rotation.rotation.cache_clear()


def requests_to_migrate(story: Story) -> None:
    opened = {"action": "open-restaurant", "owner_password_hash": PLANTED, "owner_email": PLANTED, "name": PLANTED}
    for asked in (
        {"action": "status"},
        opened,
        {"RequestType": "Create", "ResponseURL": f"http://x/?Signature={PLANTED}"},
    ):
        story.tell(migrate.handler, dict(asked), Context())


def a_gate_that_refuses_and_one_that_does_not(story: Story) -> None:
    judge("webhook", good_webhook)
    story.tell(judge, "webhook", lambda _: {"statusCode": 202, "body": PLANTED})


STORIES = (
    a_sign_in_and_a_reading,
    tokens_that_are_refused,
    an_api_whose_database_fails,
    webhooks_good_and_bad,
    a_webhook_whose_queue_is_away,
    sales_and_malformed_messages,
    orders_that_are_not_squares,
    a_square_that_answers_anything,
    a_token_that_no_header_takes,
    a_database_that_quotes_rows,
    forecasts_good_and_bad,
    an_authorizer_that_is_asked_anything,
    a_rotation_and_a_malformed_step,
    requests_to_migrate,
    a_gate_that_refuses_and_one_that_does_not,
)


def secrets_of(restaurant: Restaurant) -> Iterator[str]:
    yield from (FUNCTIONS["password"], OWNER["password"], CACHE_USER["password"], TOKEN_KEY["key"])
    yield from (SUBSCRIPTION["signature_key"], ORIGIN["value"], APPLICATION["application_secret"])
    yield from (restaurant.access_token, restaurant.refresh_token, PASSWORD, WRONG_PASSWORD, PLANTED)


@pytest.mark.parametrize("happens", STORIES, ids=lambda story: story.__name__.replace("_", " "))
def test_nothing_that_is_secret_is_printed(  # noqa: PLR0913, PLR0917 - fixtures
    platform: Platform,
    restaurant: Restaurant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    happens: Callable[[Story], None],
) -> None:
    story = Story(platform, restaurant, monkeypatch)
    with caplog.at_level("DEBUG", logger=logger.name):
        happens(story)
    formatter = logger.registered_formatter
    output = capsys.readouterr()
    logged = [formatter.format(record) for record in caplog.records if record.name == logger.name]
    printed = "\n".join([output.out, output.err, *logged, *story.raised])
    assert printed.strip(), "the story prints nothing, so it shows nothing"
    found = {secret for secret in (*secrets_of(restaurant), *story.never) if secret in printed}
    around = [printed[max(0, printed.find(each) - 200) : printed.find(each) + 50] for each in found]
    assert found == set(), around
