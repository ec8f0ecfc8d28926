"""The api when what it needs is away, or when it errs itself."""

import io
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from api.handler import build_adapter
from api.services import ANSWER_SECONDS, STATEMENT_SECONDS, Services, build_services
from api.settings import ApiSettings
from flux_core.cache import SLOWEST_SECONDS, Cache
from flux_core.database import GRACE_SECONDS
from flux_core.logs import logger
from flux_core.patience import SLOWEST_CALL_SECONDS
from flux_core.secrets import Secrets
from flux_infra.config import FluxConfig
from flux_infra.environments import environments

from .support.api_client import token_of
from .support.lambda_events import Context, http_event
from .support.platform import Platform
from .support.ports import free_port
from .support.restaurants import PASSWORD, Restaurant
from .support.stopping import stopped_database


def services(**changes: int | str) -> Services:
    return build_services(ApiSettings.load().model_copy(update=changes))


def get(services: Services, path: str, token: str = "", context: Context | None = None) -> dict[str, object]:
    event = http_event("GET", f"/api/v1/{path}", headers={"authorization": f"Bearer {token}"})
    answer = build_adapter(services)(event, context or Context())
    body: dict[str, object] = json.loads(cast("str", answer["body"]))
    return body | {"status": answer["statusCode"], "headers": answer["headers"]}


@contextmanager
def log() -> Iterator[list[dict[str, object]]]:
    """What is logged meanwhile."""
    stream = io.StringIO()
    handler = logger.registered_handler
    assert hasattr(handler, "setStream")
    before = handler.setStream(stream)
    lines: list[dict[str, object]] = []
    try:
        yield lines
    finally:
        handler.setStream(before)
        lines += [json.loads(line) for line in stream.getvalue().splitlines()]


def metrics(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith('{"_aws"')]


def test_without_the_cache_forecasts_are_read_from_the_database(restaurant: Restaurant) -> None:
    assert get(services(cache_port=free_port()), "forecasts", token_of(restaurant))["status"] == 200


def test_without_the_cache_the_api_is_not_ready_and_says_so(platform: Platform) -> None:
    del platform
    response = get(services(cache_port=free_port()), "ready")
    assert (response["status"], response["failed"]) == (503, ["cache"])


def test_without_the_database_the_api_is_not_ready_and_says_so(platform: Platform) -> None:
    del platform
    response = get(services(database_port=free_port()), "ready")
    assert (response["status"], response["failed"]) == (503, ["database"])


def test_a_process_without_database_and_cache_is_still_healthy(platform: Platform) -> None:
    del platform
    assert get(services(database_port=free_port(), cache_port=free_port()), "health")["status"] == 200


def test_a_cache_that_is_away_is_left_alone_for_a_while(platform: Platform) -> None:
    now = [0.0]
    settings = ApiSettings.load()
    away = settings.model_copy(update={"cache_port": free_port()})
    cache = Cache(away, Secrets(platform.secrets), clock=lambda: now[0])
    with log() as lines:
        for _ in range(3):
            assert cache.get("key") is None
        cache.set("key", b"value", seconds=60)
        now[0] += 31
        cache.get("key")
    assert len(lines) == 2


def test_a_cache_keeps_what_it_is_given(platform: Platform) -> None:
    cache = Cache(ApiSettings.load(), Secrets(platform.secrets))
    cache.set("test:key", b"value", seconds=60)
    assert cache.get("test:key") == b"value"
    assert cache.get("test:other") is None


def test_an_unexpected_error_is_a_problem_that_shows_nothing_and_a_log_line_that_shows_all(
    restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    context = Context()
    with log() as lines:
        # A database without Flux's tables.
        response = get(services(database_name="postgres"), "transactions", token_of(restaurant), context)
    assert response["status"] == 500
    assert response["headers"] == {
        "content-type": "application/problem+json",
        "content-length": response["headers"]["content-length"],  # type: ignore[index] # headers are a dict
        "cache-control": "no-store",
        "x-request-id": context.aws_request_id,
    }
    assert response["request_id"] == context.aws_request_id
    assert "relation" not in json.dumps(response)
    (line,) = [line for line in lines if line["level"] == "ERROR"]
    assert 'relation "restaurants" does not exist' in str(line["exception"])
    assert line["restaurant_id"] == str(restaurant.id)
    assert [found["ServerErrors"] for found in metrics(capsys.readouterr().out)] == [1]


@pytest.mark.parametrize("path", ["transactions", "forecasts"])
@pytest.mark.parametrize(
    "away",
    [{"database_port": free_port()}, {"database_secret": "no such secret"}, {"token_keys_secret": "no such key"}],
)
def test_while_something_is_away_the_reader_is_asked_to_come_again(
    restaurant: Restaurant, away: dict[str, int | str], path: str
) -> None:
    with log() as lines:
        response = get(services(**away), path, token_of(restaurant))
    assert response["status"] == 503
    headers = cast("dict[str, str]", response["headers"])
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["retry-after"]) > 0
    assert "127.0.0.1" not in json.dumps(response)
    assert any(line["level"] == "ERROR" for line in lines)


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_while_the_database_is_stopped_the_reader_is_asked_to_come_again(
    platform: Platform, restaurant: Restaurant, *, warm: bool
) -> None:
    reading = services()
    if warm:
        assert get(reading, "transactions", token_of(restaurant))["status"] == 200
    with stopped_database(platform):
        for path in ("transactions", "forecasts", "ready"):
            response = get(reading, path, token_of(restaurant))
            assert response["status"] == 503
            assert cast("dict[str, str]", response["headers"])["retry-after"] == "5"
        assert response["failed"] == ["database"]
    assert get(reading, "transactions", token_of(restaurant))["status"] == 200


@pytest.mark.parametrize("config", environments(), ids=lambda config: config.name)
def test_whatever_is_silent_the_api_has_time_to_answer(config: FluxConfig) -> None:
    budget = config.functions.api.timeout_seconds - ANSWER_SECONDS
    # The deadline ends what is under way in PostgreSQL, and keeps the others from beginning what would outlast it.
    assert max(STATEMENT_SECONDS + GRACE_SECONDS, SLOWEST_CALL_SECONDS, SLOWEST_SECONDS) < budget


def test_a_service_that_hangs_leaves_the_api_time_to_answer(
    restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and never answers
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://127.0.0.1:{silent.getsockname()[1]}")
        hanging = services()
        context = Context()
        assert get(hanging, "transactions", token_of(restaurant), context)["status"] == 503
        with log() as lines:  # and the next stranger does not wait for it again
            assert get(hanging, "transactions", token_of(restaurant), context)["status"] == 503
    assert "Secrets Manager has just not answered" in json.dumps(lines)


@pytest.mark.parametrize("path", ["health", "nothing", "forecasts", "ready", "auth/token", "auth/password-link"])
def test_what_a_stranger_gets_is_not_counted_whatever_it_is(
    platform: Platform, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    del platform
    get(services(cache_port=free_port(), database_port=free_port()), path)
    assert metrics(capsys.readouterr().out) == []


def test_a_sign_in_counts_from_when_it_is_known_whose_it_is(
    restaurant: Restaurant, capsys: pytest.CaptureFixture[str]
) -> None:
    def sign_in(services: Services, email: str) -> list[object]:
        body = json.dumps({"email": email, "password": PASSWORD})
        event = http_event("POST", "/api/v1/auth/token", headers={"content-type": "application/json"}, body=body)
        build_adapter(services)(event, Context())
        return [found["ServerErrors"] for found in metrics(capsys.readouterr().out)]

    assert sign_in(services(), "nobody@restaurant.example") == []
    assert sign_in(services(database_port=free_port()), restaurant.email) == []
    assert sign_in(services(), restaurant.email) == [0]
    assert sign_in(services(token_keys_secret="no such key"), restaurant.email) == [1]  # noqa: S106 - a name


@pytest.mark.parametrize(("database", "count"), [("flux", 0), ("postgres", 1)])
def test_the_canarys_metrics_count_exactly_what_owners_get(
    restaurant: Restaurant, capsys: pytest.CaptureFixture[str], database: str, count: int
) -> None:
    get(services(database_name=database), "transactions", token_of(restaurant))
    found = metrics(capsys.readouterr().out)
    assert len(found) == 1
    for line in found:
        assert cast("float", line["Latency"]) > 0
        directive = line["_aws"]["CloudWatchMetrics"]  # type: ignore[index] # metadata is a dict
        assert directive == [
            {
                "Namespace": "Flux",
                "Dimensions": [["FunctionName", "ExecutedVersion"], ["FunctionName", "Resource"]],
                "Metrics": [
                    {"Name": "Requests", "Unit": "Count"},
                    {"Name": "ServerErrors", "Unit": "Count"},
                    {"Name": "Latency", "Unit": "Milliseconds"},
                ],
            }
        ]
        assert (line["FunctionName"], line["ExecutedVersion"]) == ("flux-test", "7")
        assert (line["Requests"], line["ServerErrors"]) == (1, count)
        assert line["Resource"] == "flux-test:live"


def test_log_lines_carry_the_request_and_the_tenant(restaurant: Restaurant) -> None:
    from api import handler  # noqa: PLC0415 - it keeps the environment that it first sees

    context = Context()
    event = http_event(
        "POST",
        "/api/v1/auth/token",
        headers={"content-type": "application/json"},
        body=json.dumps({"email": restaurant.email, "password": "wrong"}),
    )
    with log() as lines:
        handler.handler(event, context)
    (line,) = lines
    assert line["function_request_id"] == context.aws_request_id
    assert "wrong" not in json.dumps(line).replace("is wrong", "")
