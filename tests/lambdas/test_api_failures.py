"""The api when what it needs is away, or when it errs itself."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from mangum.types import LambdaContext

from api.handler import build_adapter
from api.services import Services, build_services
from api.settings import ApiSettings
from flux_core.cache import Cache
from flux_core.logs import logger
from flux_core.secrets import Secrets

from .support.api_client import token_of
from .support.lambda_events import Context, http_event
from .support.platform import Platform
from .support.ports import free_port
from .support.restaurants import Restaurant, open_restaurant


@pytest.fixture
def restaurant(platform: Platform) -> Restaurant:
    return open_restaurant(platform)


def services(**changes: int) -> Services:
    return build_services(ApiSettings.load().model_copy(update=changes))


def get(services: Services, path: str, token: str = "", context: Context | None = None) -> dict[str, object]:
    event = http_event("GET", f"/api/v1/{path}", headers={"authorization": f"Bearer {token}"})
    answer = build_adapter(services)(event, cast("LambdaContext", context or Context()))
    body: dict[str, object] = json.loads(answer["body"])
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
        response = get(services(database_port=free_port()), "transactions", token_of(restaurant), context)
    assert response["status"] == 500
    assert response["headers"] == {
        "content-type": "application/problem+json",
        "content-length": response["headers"]["content-length"],  # type: ignore[index] # headers are a dict
        "cache-control": "no-store",
        "x-request-id": context.aws_request_id,
    }
    assert response["request_id"] == context.aws_request_id
    assert "127.0.0.1" not in json.dumps(response)
    (line,) = [line for line in lines if line["level"] == "ERROR"]
    assert "127.0.0.1" in str(line["exception"])
    assert line["restaurant_id"] == str(restaurant.id)
    assert len(metrics(capsys.readouterr().out)) == 1


@pytest.mark.parametrize(("path", "count"), [("health", 0), ("nothing", 0), ("forecasts", 0), ("ready", 1)])
def test_the_canarys_metric_counts_exactly_the_server_errors(
    platform: Platform, capsys: pytest.CaptureFixture[str], path: str, count: int
) -> None:
    del platform
    get(services(cache_port=free_port()), path)
    found = metrics(capsys.readouterr().out)
    assert len(found) == count
    for line in found:
        directive = line["_aws"]["CloudWatchMetrics"]  # type: ignore[index] # metadata is a dict
        assert directive == [
            {
                "Namespace": "Flux",
                "Dimensions": [["FunctionName", "ExecutedVersion"], ["FunctionName", "Resource"]],
                "Metrics": [{"Name": "ServerErrors", "Unit": "Count"}],
            }
        ]
        assert (line["FunctionName"], line["ExecutedVersion"], line["ServerErrors"]) == ("flux-test", "7", 1)
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
