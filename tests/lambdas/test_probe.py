"""The probe against api, webhook and site behind one address, whole and with one thing wrong at a time."""

import datetime as dt
import json
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from api import handler as api
from flux_core.secrets import REFRESH_SECONDS
from probe import handler as probe
from probe.secret_ages import ages
from rotation.probe import ProbeRotation
from rotation.strategy import RotationError, Value
from sync import handler as sync
from webhook import handler as webhook

from .support.api_client import sign_in
from .support.http import Reply, Request, serving
from .support.lambda_events import Context, failed, http_event, sqs_event
from .support.platform import PROBE, Platform
from .support.ports import free_port
from .test_vocabulary import values

SITE: Mapping[str, Reply] = {
    "/": Reply(body=b'<html><script src="/main.js"></script></html>', headers={"content-type": "text/html"}),
    "/main.js": Reply(body=b"1", headers={"content-type": "text/javascript"}),
}
PROBES = "/api/v1/webhooks/probe"
OWNER = "owner@rehearsal.invalid"


def serve(request: Request, handlers: ThreadPoolExecutor) -> Reply:
    """As CloudFront and the HTTP API do."""
    if request.path in SITE:
        return SITE[request.path]
    path, _, query = request.path.partition("?")
    event = http_event(
        request.method,
        path,
        headers={**request.headers, "x-forwarded-for": "192.0.2.9"},
        query=dict(pair.split("=") for pair in query.split("&")) if query else None,
        body=request.body.decode(),
    )
    handle: Callable[..., Mapping[str, object]] = (
        webhook.handler if path.startswith("/api/v1/webhooks/") else api.handler
    )
    answer = handlers.submit(handle, event, Context()).result()
    status, headers, body = answer["statusCode"], answer["headers"], answer["body"]
    assert isinstance(status, int)
    assert isinstance(headers, dict)
    return Reply(status=status, headers=headers, body=str(body).encode())


@contextmanager
def public(wrong: Mapping[str, Callable[[], Reply]]) -> Iterator[str]:
    """The public address, with these answers in place of the real ones."""
    # The api's event loop belongs to the thread that has made it.
    with ThreadPoolExecutor(max_workers=1, initializer=api._adapter.cache_clear) as handlers:  # noqa: SLF001

        def answer(request: Request) -> Reply:
            path = request.path.partition("?")[0]
            return wrong[path]() if path in wrong else serve(request, handlers)

        with serving(answer) as url:
            yield url
    api._adapter.cache_clear()  # noqa: SLF001


@pytest.fixture
def run(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, float]]:
    """Make a journey; returns what it counts."""
    del platform

    def journey(wrong: Mapping[str, Callable[[], Reply]] | None = None) -> dict[str, float]:
        with public(wrong or {}) as url:
            monkeypatch.setenv("SITE_URL", url)
            capsys.readouterr()
            probe.handler({"source": "aws.events"}, Context())
        counted = values(capsys.readouterr().out)
        return {name: sum(found) for (name, _), found in counted.items() if name.startswith("Journey")}

    return journey


@pytest.mark.usefixtures("platform")
def test_a_journey_through_all_of_flux_succeeds(run: Callable[..., dict[str, float]]) -> None:
    counted = run()
    assert counted.pop("JourneyMilliseconds") > 0
    assert counted == {"JourneyRuns": 1, "JourneysSucceeded": 1}


def test_its_webhook_goes_as_far_as_the_sync_worker_and_leaves_nothing(
    platform: Platform, run: Callable[..., dict[str, float]]
) -> None:
    run()
    (message,) = platform.drain(os.environ["POS_SYNC_QUEUE_URL"])
    assert message == {"type": "square.event", "event": {"type": "flux.probe"}}
    assert failed(sync.handler(sqs_event(message), Context())) == []
    assert platform.drain(os.environ["POS_SYNC_QUEUE_URL"]) == []


SIGN_IN = "an owner signs in and reads forecasts"


@pytest.mark.parametrize(
    ("path", "reply", "said"),
    [
        ("/", Reply(status=503), ("the site opens, with its scripts", "GET /: 503 instead of 200")),
        ("/api/v1/auth/token", Reply(status=401), (SIGN_IN, "POST /api/v1/auth/token: 401 instead of 200")),
        (
            "/api/v1/auth/token",
            Reply(body=b'{"token": "eyJ-secret"}'),
            (SIGN_IN, "POST /api/v1/auth/token: no access_token in the answer"),
        ),
        (PROBES, Reply(status=503), ("a signed webhook is taken", f"POST {PROBES}: 503 instead of 202")),
    ],
)
def test_a_step_that_fails_is_named_and_no_token_shown(
    run: Callable[..., dict[str, float]],
    caplog: pytest.LogCaptureFixture,
    path: str,
    reply: Reply,
    said: tuple[str, str],
) -> None:
    counted = run({path: lambda: reply})
    assert (counted["JourneyRuns"], counted["JourneysSucceeded"]) == (1, 0)
    ((step, words),) = (item for told in failures(caplog) for item in told.items())
    assert step == said[0]
    assert words.startswith(said[1])
    assert "eyJ" not in words


def test_forecasts_of_another_restaurant_are_a_failure(
    run: Callable[..., dict[str, float]], caplog: pytest.LogCaptureFixture
) -> None:
    items = {"items": [{"menu_item": "Rehearsal soup"}, {"menu_item": "Somebody's soup"}]}
    stranger = Reply(status=401, headers={"cache-control": "no-store"})
    replies = iter([stranger, Reply(body=json.dumps(items).encode())])
    assert run({"/api/v1/forecasts": lambda: next(replies)})["JourneysSucceeded"] == 0
    (told,) = failures(caplog)
    assert "Somebody's soup" in told[SIGN_IN]


def test_what_hangs_fails_its_own_step_and_leaves_time_for_the_others(
    run: Callable[..., dict[str, float]], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "STEP_SECONDS", 4.0)

    def hang() -> Reply:
        time.sleep(6)
        return Reply()

    assert run({"/api/v1/health": hang})["JourneysSucceeded"] == 0
    (told,) = failures(caplog)
    assert told == {"the API answers": "GET /api/v1/health: no complete answer within 4 s"}


def test_a_journey_ends_before_lambda_would_end_it(
    run: Callable[..., dict[str, float]], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "JOURNEY_SECONDS", 0.0)
    assert run()["JourneysSucceeded"] == 0
    (told,) = failures(caplog)
    assert set(told.values()) == {
        f"{asked}: not asked, the steps before have used up the time"
        for asked in (
            *("GET /", "GET /api/v1/health", "GET /api/v1/ready", "GET /api/v1/forecasts"),
            *("POST /api/v1/webhooks/square", "POST /api/v1/auth/token", f"POST {PROBES}"),
        )
    }


def test_an_address_where_nobody_is_fails_every_step(
    platform: Platform,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del platform
    monkeypatch.setenv("SITE_URL", f"http://127.0.0.1:{free_port()}")
    probe.handler({}, Context())
    assert values(capsys.readouterr().out)["JourneysSucceeded", None] == [0]
    (told,) = failures(caplog)
    assert len(told) == 7


def test_nobody_signs_in_as_the_rehearsals_owner_with_another_password(platform: Platform) -> None:
    del platform
    assert sign_in(OWNER, "nobody-signs-in-with-this-7c1fa2").status == 401
    assert sign_in(OWNER, PROBE["password"]).status == 200


@pytest.mark.parametrize("signature", ["", "forged"])
def test_a_webhook_that_the_probe_did_not_sign_is_refused(platform: Platform, signature: str) -> None:
    headers = {"x-square-hmacsha256-signature": signature}
    assert webhook.handler(http_event("POST", PROBES, headers=headers, body="{}"), Context())["statusCode"] == 401
    assert platform.drain(os.environ["POS_SYNC_QUEUE_URL"]) == []


def test_a_rotated_password_is_in_force_within_seconds_and_the_old_one_is_not(platform: Platform) -> None:
    assert sign_in(OWNER, PROBE["password"]).status == 200
    rotation = ProbeRotation()
    new = rotation.create(json.dumps(PROBE), token=str(uuid.uuid4()))
    platform.secrets.put_secret_value(SecretId="probe", SecretString=new)
    try:
        time.sleep(REFRESH_SECONDS)
        assert sign_in(OWNER, json.loads(new)["password"]).status == 200
        assert sign_in(OWNER, PROBE["password"]).status == 401
    finally:
        platform.secrets.put_secret_value(SecretId="probe", SecretString=json.dumps(PROBE))
        time.sleep(REFRESH_SECONDS)


def test_a_rotation_refuses_what_nobody_could_sign_in_with() -> None:
    with pytest.raises(RotationError, match="the current one goes on working"):
        ProbeRotation().test(Value(content="{}", created=dt.datetime.now(dt.UTC)))


def test_the_age_of_a_secret_is_that_of_its_value_in_use(platform: Platform) -> None:
    """A rotation that failed leaves a newer value behind, which is not in use."""
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=40)
    platform.secrets.create_secret(Name="renewed", SecretString="first")
    time.sleep(1.1)  # Secrets Manager's clock has seconds
    (before,) = ages(platform.secrets, ["renewed"], now=later).values()
    platform.secrets.put_secret_value(SecretId="renewed", SecretString="not in use", VersionStages=["AWSPENDING"])
    assert ages(platform.secrets, ["renewed"], now=later) == {"renewed": before}
    platform.secrets.put_secret_value(SecretId="renewed", SecretString="second")
    (after,) = ages(platform.secrets, ["renewed"], now=later).values()
    assert after < before
    assert round(after / dt.timedelta(days=1)) == 40


def test_a_look_at_the_secrets_reports_their_age_and_makes_no_journey(
    platform: Platform,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del platform
    monkeypatch.setenv("SITE_URL", f"http://127.0.0.1:{free_port()}")
    capsys.readouterr()
    probe.handler({"type": probe.DAILY}, Context())
    assert values(capsys.readouterr().out) == {("SecretAgeDays", None): [0.0]}
    (told,) = (record for record in caplog.records if hasattr(record, "days"))
    assert told.days == {"probe": 0.0, "token-keys": 0.0}


def failures(caplog: pytest.LogCaptureFixture) -> list[dict[str, str]]:
    """What the probe's log says of each journey that failed."""
    records = [record for record in caplog.records if record.levelno >= logging.ERROR]
    return [record.failed for record in records if hasattr(record, "failed")]
