import pytest

from .support.api_client import call, get
from .support.lambda_events import Context, http_event
from .support.platform import Platform


def test_the_process_is_healthy(platform: Platform) -> None:
    del platform
    assert get("health").body == {"status": "ok"}


def test_the_api_is_ready_when_database_and_cache_answer(platform: Platform) -> None:
    del platform
    response = get("ready")
    assert (response.status, response.body) == (200, {"status": "ok"})


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "nothing", 404), ("DELETE", "health", 405)])
def test_what_the_api_does_not_know_is_a_problem(platform: Platform, method: str, path: str, status: int) -> None:
    del platform
    response = call(http_event(method, f"/api/v1/{path}"))
    assert response.status == status
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/api/v1/docs"])
def test_the_api_does_not_describe_itself(platform: Platform, path: str) -> None:
    del platform
    assert call(http_event("GET", path)).status == 404


@pytest.mark.parametrize("path", ["health", "ready", "forecasts", "nothing"])
def test_no_response_may_be_cached_and_every_one_names_its_request(platform: Platform, path: str) -> None:
    del platform
    context = Context()
    response = call(http_event("GET", f"/api/v1/{path}"), context)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"] == context.aws_request_id
