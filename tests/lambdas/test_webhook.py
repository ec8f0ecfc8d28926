import json
import os
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux_core.aws_json import sqs, sqs_service
from flux_core.messages import POS_SYNC, SquareEvent
from flux_core.patience import SLOWEST_CALL_SECONDS
from flux_core.queue import MAX_MESSAGE_BYTES, Queue
from flux_core.secrets import REFRESH_SECONDS, Secrets
from flux_infra.config import FluxConfig
from flux_infra.environments import environments
from local.till import order_event, signature
from webhook import handler as webhook
from webhook.receiver import MAX_BODY_BYTES, Receiver, Sender
from webhook.square import ARRIVAL_SECONDS, SIGNATURE_HEADER, SquareSignatures, event_message

from .support.lambda_events import Context, http_event
from .support.platform import SUBSCRIPTION, Platform
from .support.ports import free_port

PATH = "/api/v1/webhooks/square"
EVENT = order_event("MERCHANT", "ORDER", event_id="event-1")
texts = st.text(st.characters(codec="utf-8"), max_size=20)
values = st.recursive(
    texts | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(texts, one, max_size=3),
)
events = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("merchant_id", "type", "event_id"), texts | st.none()),
        "data": st.dictionaries(texts, values) | st.none(),
        "created_at": values,
    },
)


def sign(body: bytes) -> str:
    return signature(body, key=SUBSCRIPTION["signature_key"], notification_url=SUBSCRIPTION["notification_url"])


def post(body: str | bytes, signed: str | None, path: str = PATH) -> webhook.Response:
    headers = {} if signed is None else {SIGNATURE_HEADER: signed}
    return webhook.handler(http_event("POST", path, headers=headers, body=body), Context())


def square(platform: Platform, subscription: str) -> dict[str, Sender]:
    signatures = SquareSignatures(Secrets(platform.secrets), subscription=subscription)
    return {"square": Sender(signatures=signatures, message=event_message)}


def queued(platform: Platform) -> list[dict[str, object]]:
    return platform.drain(os.environ["POS_SYNC_QUEUE_URL"])


def test_a_good_event_is_on_the_queue_verbatim_when_it_is_accepted(platform: Platform) -> None:
    assert post(EVENT.decode(), sign(EVENT))["statusCode"] == 202
    assert queued(platform) == [{"type": "square.event", "event": json.loads(EVENT)}]


def test_a_body_that_api_gateway_encoded_is_checked_as_it_was_sent(platform: Platform) -> None:
    body = json.dumps(json.loads(EVENT) | {"note": "crème brûlée \N{POT OF FOOD}"}, ensure_ascii=False).encode()
    assert post(body, sign(body))["statusCode"] == 202
    assert queued(platform) == [{"type": "square.event", "event": json.loads(body)}]


@pytest.mark.parametrize(
    "signed", [None, "", "Zm9yZ2Vk", "n\N{LATIN SMALL LETTER O WITH DIAERESIS}", sign(EVENT)[:-2], sign(EVENT + b" ")]
)
def test_a_forged_signature_is_refused_and_nothing_is_queued(platform: Platform, signed: str | None) -> None:
    response = post(EVENT.decode(), signed)
    assert response["statusCode"] == 401
    assert response["headers"] == {"content-type": "application/problem+json", "cache-control": "no-store"}
    assert json.loads(response["body"])["status"] == 401
    assert queued(platform) == []


def test_a_body_with_one_changed_byte_is_refused(platform: Platform) -> None:
    assert post(EVENT.decode().replace("ORDER", "0RDER", 1), sign(EVENT))["statusCode"] == 401
    assert queued(platform) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"merchant_id":1,"type":"t","event_id":"e","data":{}}',
        b'{"merchant_id":"m","type":7,"event_id":"e","data":{}}',
        b'{"merchant_id":"m","type":"t","event_id":"e","data":{"x":NaN}}',
        b'{"merchant_id":"m","type":"t","event_id":"e","data":{"x":1e999}}',
        b"\xff\xfe",
        b'{"a":' * 300,
    ],
)
def test_a_signed_body_that_is_no_event_is_malformed(platform: Platform, body: bytes) -> None:
    assert post(body, sign(body))["statusCode"] == 400
    assert queued(platform) == []


@pytest.mark.parametrize("levels", [150, 198, 199, 200, 252, 253, 254, 255, 2_000])
def test_an_event_is_accepted_only_if_the_worker_can_read_it(platform: Platform, levels: int) -> None:
    body = b'{"type":"x","data":{"a":' + b"[" * levels + b"]" * levels + b"}}"
    status = post(body, sign(body))["statusCode"]
    read = [POS_SYNC.validate_json(json.dumps(message)) for message in queued(platform)]
    assert (status, len(read)) == ((202, 1) if levels < 199 else (400, 0))


@given(events)
def test_the_worker_reads_of_an_event_what_square_sent(event: dict[str, object]) -> None:
    message = POS_SYNC.validate_json(event_message(json.dumps(event).encode()))
    assert isinstance(message, SquareEvent)
    assert message.event == event


def test_a_body_that_is_not_base64_although_marked_so_is_malformed() -> None:
    event = http_event("POST", PATH, body=b"x") | {"body": "%%%"}
    assert webhook.handler(event, Context())["statusCode"] == 400


def test_an_unknown_provider_is_not_found() -> None:
    assert post(EVENT, sign(EVENT), "/api/v1/webhooks/abacus")["statusCode"] == 404


def test_an_oversized_body_is_refused_even_when_signed(platform: Platform) -> None:
    body = EVENT + b" " * (MAX_BODY_BYTES + 1 - len(EVENT))
    assert post(body, sign(body))["statusCode"] == 413
    assert queued(platform) == []
    assert post(body[:-1], sign(body[:-1]))["statusCode"] == 202


def test_an_event_that_escaping_makes_too_large_for_the_queue_is_refused_and_not_asked_for_again(
    platform: Platform,
) -> None:
    def filled(count: int) -> bytes:
        return b'{"type":"x","data":{"a":"' + b"\xff" * count + b'"}}'  # each becomes \ufffd

    fits = (MAX_MESSAGE_BYTES - len(event_message(filled(0)))) // len("\\ufffd")
    assert post(filled(fits), sign(filled(fits)))["statusCode"] == 202
    assert len(queued(platform)) == 1
    assert fits + 1 < MAX_BODY_BYTES
    assert post(filled(fits + 1), sign(filled(fits + 1)))["statusCode"] == 413
    assert queued(platform) == []


def test_without_sqs_the_sender_is_asked_to_come_again(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{free_port()}")
    receiver = Receiver(
        senders=square(platform, "square/webhook"),
        queue=Queue(sqs(sqs_service().call), url=os.environ["POS_SYNC_QUEUE_URL"]),
    )
    problem = receiver.receive(EVENT, provider="square", signature=sign(EVENT), request_id="request")
    assert problem is not None
    assert problem.status == 503


def test_while_sqs_hangs_the_sender_is_asked_to_come_again_within_the_functions_own_time(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and never answers
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{silent.getsockname()[1]}")
        receiver = Receiver(
            senders=square(platform, "square/webhook"),
            queue=Queue(sqs(sqs_service().call), url=os.environ["POS_SYNC_QUEUE_URL"]),
        )
        problem = receiver.receive(EVENT, provider="square", signature=sign(EVENT), request_id="request")
    assert problem is not None
    assert problem.status == 503


@pytest.mark.parametrize("config", environments(), ids=lambda config: config.name)
def test_an_event_that_waits_for_a_rotation_can_still_be_sent(config: FluxConfig) -> None:
    # A call that might outlast the function is not begun.
    worst = ARRIVAL_SECONDS + SLOWEST_CALL_SECONDS + webhook.ANSWER_SECONDS
    assert worst < config.functions.webhook.timeout_seconds


def test_an_answer_says_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQUARE_WEBHOOK_SECRET", "no such secret")
    webhook._receiver.cache_clear()  # noqa: SLF001 - it keeps the environment that it first sees
    try:
        response = post(EVENT.decode(), sign(EVENT))
    finally:
        webhook._receiver.cache_clear()  # noqa: SLF001 - as above
    assert response["statusCode"] == 503
    assert response["headers"]["retry-after"] == "5"


def test_without_the_secret_the_sender_is_asked_to_come_again(platform: Platform) -> None:
    receiver = Receiver(
        senders=square(platform, "no such secret"),
        queue=Queue(platform.sqs, url=os.environ["POS_SYNC_QUEUE_URL"]),
    )
    problem = receiver.receive(EVENT, provider="square", signature=sign(EVENT), request_id="request")
    assert problem is not None
    assert problem.status == 503


def test_a_replaced_key_is_noticed_within_seconds_and_the_one_before_is_good_for_a_day(platform: Platform) -> None:
    now, today = [0.0], [time.time()]
    name = "square/webhook-rotating"
    platform.secrets.create_secret(Name=name, SecretString=json.dumps(SUBSCRIPTION))
    known = Secrets(platform.secrets, clock=lambda: now[0])
    signatures = SquareSignatures(known, subscription=name, clock=lambda: today[0])
    assert signatures.accept(EVENT, sign(EVENT))
    assert not signatures.accept(EVENT, "forged")
    rotated = SUBSCRIPTION | {"signature_key": "the next key"}
    platform.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(rotated))
    fresh = signature(EVENT, key=rotated["signature_key"], notification_url=rotated["notification_url"])

    assert not signatures.accept(EVENT, fresh)  # a forger cannot make us call AWS for each request
    now[0] += REFRESH_SECONDS
    assert signatures.accept(EVENT, fresh)
    assert signatures.accept(EVENT, sign(EVENT))
    today[0] += 25 * 3600
    assert signatures.accept(EVENT, fresh)
    assert not signatures.accept(EVENT, sign(EVENT))
