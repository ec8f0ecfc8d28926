"""The authorizer on a real Secrets Manager: whom it lets in, when it asks again, and what it does when it cannot."""

import hmac
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

from authorizer import handler as authorizer
from authorizer.origin import (
    CLIENT_CONFIG,
    CONNECT_SECONDS,
    KEEP_SECONDS,
    READ_SECONDS,
    RETRY_SECONDS,
    STAGES,
    OriginValues,
)
from flux_core.secrets import SecretError
from flux_infra.config import FluxConfig
from flux_infra.environments import environments

from .support.lambda_events import Context, http_event
from .support.platform import ORIGIN, Platform
from .support.ports import free_port

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(kw_only=True)
class Origin:
    """One origin secret, and an authorizer's instance that reads it at the moment `now`.

    takes: seconds by which `now` moves on with each request to Secrets Manager.
    """

    client: "SecretsManagerClient"
    name: str
    now: float = 0.0
    takes: float = 0.0
    reads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client.meta.events.register(
            "before-parameter-build.secretsmanager.GetSecretValue",
            lambda params, **_: self._hear(params["VersionStage"]),
        )
        self.values = OriginValues(self.client, secret=self.name, clock=lambda: self.now)

    def _hear(self, stage: str) -> None:
        self.reads.append(stage)
        self.now += self.takes

    def lead_to(self, url: str) -> None:
        """Send what the instance asks Secrets Manager to another server."""

        def lead(request: AWSPreparedRequest, **_: object) -> None:
            request.url = url

        self.client.meta.events.register("before-send.secretsmanager.GetSecretValue", lead)

    def accepts(self, value: str) -> bool:
        return self.values.accept(value)

    def put(self, value: str, *labels: str) -> str:
        """Write a version as a rotation does; returns its id."""
        content = json.dumps({"value": value})
        answer = self.client.put_secret_value(SecretId=self.name, SecretString=content, VersionStages=list(labels))
        return answer["VersionId"]

    def make_current(self, version: str, *, instead_of: str) -> None:
        """End a rotation."""
        self.client.update_secret_version_stage(
            SecretId=self.name, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=instead_of
        )
        self.client.update_secret_version_stage(
            SecretId=self.name, VersionStage="AWSPENDING", RemoveFromVersionId=version
        )


@pytest.fixture
def origin(platform: Platform) -> Iterator[Origin]:
    del platform
    client = boto3.client("secretsmanager", config=CLIENT_CONFIG)
    name = f"origin-{secrets.token_hex(4)}"
    client.create_secret(Name=name, SecretString=json.dumps({"value": "first"}))
    yield Origin(client=client, name=name)
    client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def current(origin: Origin) -> str:
    return origin.client.get_secret_value(SecretId=origin.name, VersionStage="AWSCURRENT")["VersionId"]


def test_what_cloudfront_sends_is_let_in_and_anything_else_is_not(origin: Origin) -> None:
    assert origin.accepts("first")
    for forged in ("", "forged", "firs", "first ", "FIRST", "first,first", "f\N{LATIN SMALL LETTER DOTLESS I}rst"):
        assert not origin.accepts(forged)


def test_every_version_is_compared_in_full_whichever_matches(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    second = origin.put("second", "AWSPENDING")
    origin.make_current(second, instead_of=current(origin))
    origin.put("third", "AWSPENDING")
    origin.accepts("first")
    compared: list[int] = []
    monkeypatch.setattr(hmac, "compare_digest", _counting(compared))

    for value in ("first", "second", "third"):
        compared.clear()
        assert origin.accepts(value)
        assert len(compared) == 3


def _counting(compared: list[int]) -> object:
    genuine = hmac.compare_digest

    def compare(known: bytes, given: bytes) -> bool:
        compared.append(len(known))
        return genuine(known, given)

    return compare


def test_during_a_rotation_old_and_new_are_let_in_at_every_step(origin: Origin) -> None:
    assert origin.accepts("first")
    before = current(origin)
    pending = origin.put("second", "AWSPENDING")
    origin.now += RETRY_SECONDS  # the rotation waits as long before it sends the new value

    assert origin.accepts("second")
    assert origin.accepts("first")
    origin.make_current(pending, instead_of=before)
    origin.now += KEEP_SECONDS
    assert origin.accepts("second")
    assert origin.accepts("first")


def test_the_value_before_last_is_refused_half_a_minute_later(origin: Origin) -> None:
    for value in ("second", "third"):
        assert origin.accepts("first")
        before = current(origin)
        origin.make_current(origin.put(value, "AWSPENDING"), instead_of=before)

    origin.now += KEEP_SECONDS
    assert not origin.accepts("first")
    assert origin.accepts("second")
    assert origin.accepts("third")


def test_a_known_value_costs_one_look_at_the_secret_in_half_a_minute(origin: Origin) -> None:
    for _ in range(100):
        assert origin.accepts("first")
    assert origin.reads == ["AWSPENDING", "AWSCURRENT", "AWSPREVIOUS"]

    origin.now += KEEP_SECONDS
    assert origin.accepts("first")
    assert len(origin.reads) == 6


def test_a_storm_of_forgeries_costs_one_look_at_the_secret_in_five_seconds(origin: Origin) -> None:
    assert origin.accepts("first")
    for second in range(1, 12):
        origin.now = float(second)
        for number in range(50):
            assert not origin.accepts(f"forged {number}")
    assert origin.reads.count("AWSCURRENT") == 3  # at 0, 5 and 10 seconds


def test_a_value_unknown_to_the_instance_is_looked_up_at_once_when_it_has_not_looked_lately(origin: Origin) -> None:
    assert origin.accepts("first")
    origin.now += RETRY_SECONDS
    origin.put("second", "AWSCURRENT")
    assert origin.accepts("second")


def test_while_the_secret_cannot_be_read_what_is_known_is_let_in_and_nothing_else_is_judged(origin: Origin) -> None:
    assert origin.accepts("first")
    origin.client.delete_secret(SecretId=origin.name)
    origin.now += KEEP_SECONDS

    assert origin.accepts("first")
    with pytest.raises(SecretError, match=origin.name):
        origin.accepts("second")

    origin.client.restore_secret(SecretId=origin.name)
    origin.now += RETRY_SECONDS
    assert not origin.accepts("second")


def test_while_the_secret_cannot_be_read_a_known_value_costs_one_attempt_in_half_a_minute(origin: Origin) -> None:
    assert origin.accepts("first")
    origin.client.delete_secret(SecretId=origin.name)
    origin.now = KEEP_SECONDS
    origin.reads.clear()
    for second in range(2 * int(KEEP_SECONDS)):
        origin.now = KEEP_SECONDS + second
        for _ in range(5):
            assert origin.accepts("first")
    assert origin.reads == ["AWSPENDING"] * 2  # the first of the three labels fails, at 30 and 60 seconds


def test_time_that_a_failed_read_takes_is_not_taken_off_the_time_until_the_next(origin: Origin) -> None:
    assert origin.accepts("first")
    origin.client.delete_secret(SecretId=origin.name)
    origin.reads.clear()
    origin.takes = 2 * RETRY_SECONDS
    origin.now = RETRY_SECONDS
    for _ in range(3):
        with pytest.raises(SecretError):
            origin.accepts("second")
    assert len(origin.reads) == 1

    origin.now += RETRY_SECONDS
    with pytest.raises(SecretError):
        origin.accepts("second")
    assert len(origin.reads) == 2


def test_while_secrets_manager_hangs_a_known_value_waits_for_one_short_attempt(origin: Origin) -> None:
    assert origin.accepts("first")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        port = silent.getsockname()[1]
        origin.lead_to(f"http://127.0.0.1:{port}")
        origin.now = KEEP_SECONDS
        began = time.monotonic()
        for _ in range(50):
            assert origin.accepts("first")
        assert time.monotonic() - began < CONNECT_SECONDS + READ_SECONDS + 0.5


def test_a_connection_that_was_dropped_since_the_last_look_does_not_spoil_the_next(origin: Origin) -> None:
    era = ["first"]

    class Forgetful(BaseHTTPRequestHandler):
        """Secrets Manager, which answers on connections of this era only."""

        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.since = era[0]

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            if self.since != era[0]:
                self.close_connection = True
                return
            body = json.dumps({"SecretString": json.dumps({"value": era[0]})}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Forgetful) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin.lead_to(f"http://127.0.0.1:{server.server_port}")
        assert origin.accepts("first")
        era[0] = "second"
        origin.now = RETRY_SECONDS
        assert origin.accepts("second")
        server.shutdown()


@pytest.mark.parametrize("config", environments(), ids=lambda config: config.name)
def test_a_slow_secrets_manager_leaves_the_authorizer_time_to_answer(config: FluxConfig) -> None:
    worst = len(STAGES) * (CONNECT_SECONDS + READ_SECONDS)
    assert worst < config.functions.authorizer.timeout_seconds


def test_an_instance_that_never_read_the_secret_lets_nobody_in_and_asks_once_in_five_seconds() -> None:
    unreachable = boto3.client(
        "secretsmanager",
        endpoint_url=f"http://127.0.0.1:{free_port()}",
        config=Config(retries={"total_max_attempts": 1}),
    )
    origin = Origin(client=unreachable, name="origin")
    for _ in range(20):
        with pytest.raises(SecretError, match="origin"):
            origin.accepts("first")
    assert origin.reads == ["AWSPENDING"]


def test_a_secret_without_a_current_value_lets_nobody_in(origin: Origin) -> None:
    origin.client.put_secret_value(SecretId=origin.name, SecretString='{"value": ""}')
    with pytest.raises(SecretError, match="AWSCURRENT"):
        origin.accepts("")


def test_a_pending_version_that_makes_no_sense_does_not_stop_the_current_one(origin: Origin) -> None:
    origin.client.put_secret_value(SecretId=origin.name, SecretString="not JSON", VersionStages=["AWSPENDING"])
    assert origin.accepts("first")
    assert not origin.accepts("not JSON")


@pytest.fixture
def _fresh(platform: Platform) -> Iterator[None]:
    del platform
    authorizer.build_values.cache_clear()
    yield
    authorizer.build_values.cache_clear()


@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize(
    ("sources", "authorized"),
    [
        ([ORIGIN["value"]], True),
        (["forged"], False),
        ([""], False),
        ([], False),
        ([ORIGIN["value"], ORIGIN["value"]], False),
        ([None], False),
        (None, False),
        (ORIGIN["value"], False),
    ],
)
def test_the_handler_judges_by_the_one_value_that_api_gateway_hands_over(sources: object, authorized: bool) -> None:  # noqa: FBT001
    event = {**http_event("GET", "/api/v1/health"), "type": "REQUEST", "identitySource": sources}
    assert authorizer.handler(event, Context()) == {"isAuthorized": authorized}


@pytest.mark.usefixtures("_fresh")
def test_an_event_without_identity_sources_is_refused() -> None:
    assert authorizer.handler(http_event("GET", "/api/v1/health"), Context()) == {"isAuthorized": False}


@pytest.mark.usefixtures("_fresh")
def test_while_secrets_manager_hangs_a_new_instance_says_so_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://127.0.0.1:{silent.getsockname()[1]}")
        authorizer.build_values()
        began = time.monotonic()
        with pytest.raises(SecretError, match="Read timeout"):
            authorizer.handler({"identitySource": [ORIGIN["value"]]}, Context())
        assert time.monotonic() - began < CONNECT_SECONDS + READ_SECONDS + 0.5


@pytest.mark.usefixtures("_fresh")
def test_the_value_is_in_no_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    for value in (ORIGIN["value"], "a-forged-value"):
        authorizer.handler({"identitySource": [value]}, Context())
    said = "".join(capsys.readouterr())
    assert ORIGIN["value"] not in said
    assert "a-forged-value" not in said
