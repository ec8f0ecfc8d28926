"""Strangers at the edge of the deployed local AWS: what they get, and that they stop no release."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from flux_infra.constructs.origin import ORIGIN_HEADER
from local import machine
from local.platform import Platform
from local.proof.changes import GOOD
from local.proof.releases import release
from local.proof.users import repeatedly
from tests.system.conftest import Flux

SIGN_IN = "/api/v1/auth/token"
JSON = {"content-type": "application/json"}
# Of each attack, beside the owners' twenty: as much as two processors can take.
ATTACKS_PER_SECOND = 10


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


@contextmanager
def attacked(platform: Platform, statuses: list[int]) -> Iterator[None]:
    """Strangers who send what is malformed, forged or simply much, through CloudFront and past it."""
    host = platform.outputs["Api.ApiUrl"].removeprefix("https://")
    half = json.dumps({"email": "nobody@x.example", "password": "\ud800"})
    guess = json.dumps({"email": "nobody@x.example", "password": "guess"})

    def attack(client: httpx.Client) -> Callable[[], None]:
        def strike() -> None:
            answers = (
                client.post(SIGN_IN, headers=JSON, content=half),
                client.post(SIGN_IN, headers=JSON, content=guess),
                client.post(SIGN_IN, headers=JSON, content="[" * 50_000),
                client.get("/api/v1/transactions?cursor=x", headers={"authorization": "Bearer e30.e30.x"}),
                client.post("/api/v1/webhooks/square", headers={"x-square-hmacsha256-signature": "Zg=="}, content="{}"),
                client.get("/api/v1/%2561uth/token"),
                httpx.get(f"{machine.AWS_URL}/api/v1/health", headers={"host": host, ORIGIN_HEADER: "forged"}),
            )
            statuses.extend(answer.status_code for answer in answers)

        return strike

    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(
                repeatedly(attack(stack.enter_context(platform.visitor())), per_second=ATTACKS_PER_SECOND)
            )
        yield


def test_a_good_release_goes_through_while_strangers_attack(flux: Flux, show: Callable[[str], None]) -> None:
    for change in (GOOD, None):  # and back to the release of this folder
        statuses: list[int] = []
        with attacked(flux.platform, statuses):
            good = release(flux.platform, change)
        show(
            f"{good.status} after {good.seconds:.0f} s and {len(statuses)} hostile requests; "
            f"{good.during.failed} of {good.during.total} requests of owners failed"
        )
        assert good.status == "Succeeded", good.reason
        assert good.during.failed == 0
        assert {429, 413, 401, 404, 403} <= set(statuses)
        assert not [status for status in statuses if status >= 500]
