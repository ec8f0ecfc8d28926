"""Strangers at the edge of the deployed local AWS: what they get, and that they stop no release."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from local.proof.changes import GOOD
from local.proof.releases import release
from local.proof.strangers import attacking
from tests.system.conftest import Flux

JSON = {"content-type": "application/json"}


@pytest.fixture
def visitor(flux: Flux) -> Iterator[httpx.Client]:
    with flux.platform.visitor() as client:
        yield client


def test_head_is_get_without_the_body(visitor: httpx.Client) -> None:
    answer = visitor.head("/api/v1/health")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/api/v1/health", 405),
        ("DELETE", "/api/v1/auth/token", 405),
        ("GET", "/api/v1/nothing", 404),
        ("POST", "/api/v1/%2561uth/token", 404),
        ("POST", "/api/v1/%252561uth/token", 404),
        ("GET", "/api/v1/webhooks/square", 404),
        ("POST", "/api/v1/webhooks/abacus", 404),
        ("POST", "/api/v1/webhooks/square", 401),
        ("GET", "/api/v1/transactions?cursor=%00", 401),
    ],
)
def test_a_refusal_is_a_problem_document(visitor: httpx.Client, method: str, path: str, status: int) -> None:
    answer = visitor.request(method, path, headers=JSON, content="{}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_a_path_that_is_encoded_once_is_the_path(visitor: httpx.Client) -> None:
    """As API Gateway decodes it; the firewall counts it as a sign-in, too."""
    answer = visitor.post("/api/v1/%61uth/token", headers=JSON, content="{}")
    assert answer.status_code in {404, 422}


@pytest.mark.parametrize(
    "path", ["/missing.png", "/.env", "/wp-login.php", "/_next/static/chunks/missing.js", "/nothing"]
)
def test_what_is_not_there_is_a_page_of_ours(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<?xml" not in answer.text
    assert "immutable" not in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "kind"), [("/favicon.ico", "image/vnd.microsoft.icon"), ("/robots.txt", "text/plain; charset=utf-8")]
)
def test_what_browsers_and_crawlers_ask_for_by_themselves_is_there(visitor: httpx.Client, path: str, kind: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize("path", ["/", "/_next/static/missing/1.html", "/api/v1/health"])
def test_no_page_may_use_a_device(visitor: httpx.Client, path: str) -> None:
    assert "camera=()" in visitor.get(path).headers["permissions-policy"]


def test_a_good_release_goes_through_while_strangers_attack(flux: Flux, show: Callable[[str], None]) -> None:
    for change in (GOOD, None):  # and back to the release of this folder
        with attacking(flux.platform) as statuses:
            good = release(flux.platform, change)
        show(
            f"{good.status} after {good.seconds:.0f} s and {statuses.total()} hostile requests; "
            f"{good.during.failed} of {good.during.total} requests of owners failed"
        )
        assert good.status == "Succeeded", good.reason
        assert good.during.failed == 0
        assert {429, 413, 401, 404, 403} <= statuses.keys()
        assert not [status for status in statuses if status >= 500]
