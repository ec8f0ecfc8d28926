"""The smoke test against a site of its own, whole and with one thing wrong at a time."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ci.smoke import SmokeError, public_address, smoke

SCRIPT = "/_next/static/chunks/main.js"

type Answers = dict[str, httpx.Response]


def healthy() -> Answers:
    return {
        "GET /": httpx.Response(200, html=f'<html><script src="{SCRIPT}" async=""></script></html>'),
        f"GET {SCRIPT}": httpx.Response(200, text="1", headers={"content-type": "text/javascript"}),
        "GET /api/v1/health": httpx.Response(200, json={"status": "ok"}),
        "GET /api/v1/ready": httpx.Response(200, json={"status": "ok"}),
        "GET /api/v1/forecasts": httpx.Response(401, json={}, headers={"cache-control": "no-store"}),
        "POST /api/v1/webhooks/square": httpx.Response(401, json={}),
    }


def visitor(answers: Answers) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        return answers[f"{request.method} {request.url.path}"]

    return httpx.Client(base_url="https://flux.test", transport=httpx.MockTransport(answer))


def run(client: httpx.Client) -> list[str]:
    said: list[str] = []
    smoke(client, patience=0, pause=0.01, say=said.append)
    return said


def test_a_healthy_environment_passes_every_check() -> None:
    assert len(run(visitor(healthy()))) == 5


@pytest.mark.parametrize(
    ("request_line", "wrong"),
    [
        ("GET /", httpx.Response(403, text="AccessDenied")),
        ("GET /", httpx.Response(200, json={})),
        ("GET /", httpx.Response(200, html="<html></html>")),
        (f"GET {SCRIPT}", httpx.Response(404)),
        (f"GET {SCRIPT}", httpx.Response(200, html="<html>not found</html>")),
        ("GET /api/v1/health", httpx.Response(500)),
        ("GET /api/v1/ready", httpx.Response(503, json={"failed": ["database"]})),
        ("GET /api/v1/forecasts", httpx.Response(200, json={"items": []})),
        ("GET /api/v1/forecasts", httpx.Response(401, json={}, headers={"cache-control": "max-age=60"})),
        ("POST /api/v1/webhooks/square", httpx.Response(202)),
    ],
)
def test_one_thing_wrong_is_enough_and_is_named(request_line: str, wrong: httpx.Response) -> None:
    with pytest.raises(SmokeError, match=request_line):
        run(visitor(healthy() | {request_line: wrong}))


def test_an_edge_that_is_still_spreading_is_waited_for() -> None:
    late: Iterator[httpx.Response] = iter([httpx.Response(503), httpx.Response(200, json={})])
    answers = healthy()

    def answer(request: httpx.Request) -> httpx.Response:
        line = f"{request.method} {request.url.path}"
        return next(late) if line == "GET /api/v1/health" else answers[line]

    client = httpx.Client(base_url="https://flux.test", transport=httpx.MockTransport(answer))
    smoke(client, patience=60, pause=0.01, say=lambda _: None)


def test_an_address_that_does_not_answer_fails() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(SmokeError, match="refused"):
        run(httpx.Client(base_url="https://flux.test", transport=httpx.MockTransport(refuse)))


def test_the_address_is_the_one_that_the_deployment_put_out(tmp_path: Path) -> None:
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({"Flux-prod-Frontend": {"SiteUrl": "https://x"}, "Flux-prod-Api": {"A": "b"}}))

    assert public_address(outputs) == "https://x"

    outputs.write_text(json.dumps({"Flux-prod-Api": {"A": "b"}}))
    with pytest.raises(SmokeError, match="was the Frontend stack deployed"):
        public_address(outputs)
