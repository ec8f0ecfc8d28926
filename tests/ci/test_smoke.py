"""The smoke test against a site of its own, whole and with one thing wrong at a time."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from ci.smoke import SmokeError, public_address, smoke
from probe.journey import Visitor
from tests.lambdas.support.http import Reply, Request, serving
from tests.lambdas.support.ports import free_port

SCRIPT = "/_next/static/chunks/main.js"
HTML = {"content-type": "text/html; charset=utf-8"}
HEALTHY: Mapping[str, Reply] = {
    "GET /": Reply(body=f'<html><script src="{SCRIPT}" async=""></script></html>'.encode(), headers=HTML),
    f"GET {SCRIPT}": Reply(body=b"1", headers={"content-type": "text/javascript"}),
    "GET /api/v1/health": Reply(body=b'{"status": "ok"}'),
    "GET /api/v1/ready": Reply(body=b'{"status": "ok"}'),
    "GET /api/v1/forecasts": Reply(status=401, headers={"cache-control": "no-store"}),
    "POST /api/v1/webhooks/square": Reply(status=401),
}


@contextmanager
def visiting(wrong: Mapping[str, Reply], *, host: str = "flux.test") -> Iterator[Visitor]:
    """Somebody who meets a healthy environment, but for these answers."""

    def answer(request: Request) -> Reply:
        assert request.headers["host"] == host
        assert request.headers["user-agent"] == "test"
        return {**HEALTHY, **wrong}[f"{request.method} {request.path}"]

    with serving(answer) as url:
        yield Visitor(url, agent="test", host=host, seconds=5)


def run(visitor: Visitor, *, patience: float = 0) -> list[str]:
    said: list[str] = []
    smoke(visitor, patience=patience, pause=0.01, say=said.append)
    return said


def test_a_healthy_environment_passes_every_check() -> None:
    with visiting({}) as visitor:
        assert len(run(visitor)) == 5


@pytest.mark.parametrize(
    ("request_line", "wrong"),
    [
        ("GET /", Reply(status=403, body=b"AccessDenied")),
        ("GET /", Reply(body=b"{}", headers={"content-type": "application/json"})),
        ("GET /", Reply(body=b"<html></html>", headers=HTML)),
        (f"GET {SCRIPT}", Reply(status=404)),
        (f"GET {SCRIPT}", Reply(body=b"<html>not found</html>", headers=HTML)),
        ("GET /api/v1/health", Reply(status=500)),
        ("GET /api/v1/ready", Reply(status=503, body=b'{"failed": ["database"]}')),
        ("GET /api/v1/forecasts", Reply(body=b'{"items": []}')),
        ("GET /api/v1/forecasts", Reply(status=401, headers={"cache-control": "max-age=60"})),
        ("POST /api/v1/webhooks/square", Reply(status=202)),
    ],
)
def test_one_thing_wrong_is_enough_and_is_named(request_line: str, wrong: Reply) -> None:
    with visiting({request_line: wrong}) as visitor, pytest.raises(SmokeError, match=request_line):
        run(visitor)


def test_an_edge_that_is_still_spreading_is_waited_for() -> None:
    asked: list[str] = []

    def answer(request: Request) -> Reply:
        line = f"{request.method} {request.path}"
        asked.append(line)
        return Reply(status=503) if asked == ["GET /api/v1/health"] else HEALTHY[line]

    with serving(answer) as url:
        assert len(run(Visitor(url, agent="test", seconds=5), patience=60)) == 5


def test_an_address_that_does_not_answer_fails() -> None:
    with pytest.raises(SmokeError, match="refused"):
        run(Visitor(f"http://127.0.0.1:{free_port()}", agent="test", seconds=5))


def test_the_address_is_the_one_that_the_deployment_put_out(tmp_path: Path) -> None:
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({"Flux-prod-Frontend": {"SiteUrl": "https://x"}, "Flux-prod-Api": {"A": "b"}}))

    assert public_address(outputs) == "https://x"

    outputs.write_text(json.dumps({"Flux-prod-Api": {"A": "b"}}))
    with pytest.raises(SmokeError, match="was the Frontend stack deployed"):
        public_address(outputs)
