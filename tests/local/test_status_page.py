"""What the status page's server answers while AWS on this machine does not run."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import httpx
import pytest

from flux_infra.environments import LOCAL
from local import machine
from local.status_page import StatusPage, handler_of
from ops.aws import Aws


@pytest.fixture
def server() -> Iterator[str]:
    aws = Aws(config=LOCAL, session=machine.session(), url=f"http://{machine.HOST}:1", operator="tests")
    with ThreadingHTTPServer((machine.HOST, 0), handler_of(StatusPage(aws))) as served:
        threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://{machine.HOST}:{served.server_port}"
        served.shutdown()


def test_while_aws_is_away_the_page_says_so_at_once_and_the_browser_asks_again(server: str) -> None:
    answer = httpx.get(f"{server}/", timeout=5)
    assert answer.status_code == 503
    assert "'make status'" in answer.text
    assert int(answer.headers["refresh"]) > 0


def test_the_server_says_that_it_is_there_without_asking_aws(server: str) -> None:
    assert httpx.get(f"{server}/health", timeout=5).status_code == 200


def test_another_address_is_answered_with_where_the_page_is(server: str) -> None:
    answer = httpx.get(f"{server}/favicon.ico", timeout=5)
    assert (answer.status_code, answer.text) == (404, f"The page is at {machine.PAGE_URL}/\n")
