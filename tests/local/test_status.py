"""What `make status` and `make down` say of a platform that is not whole, and of one that somebody is at work on."""

import http.server
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import __main__, machine, preflight, services
from local import status as status_module
from local.console import StepFailed
from local.processes import Daemon
from local.status import status
from local.turn import Turn
from tests.local.conftest import Make

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody answers where AWS does."""
    with http.server.ThreadingHTTPServer((machine.HOST, 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr(machine, "AWS_URL", f"http://{machine.HOST}:{server.server_port}")
        yield
        server.shutdown()


@pytest.fixture
def daemons(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Daemon, Daemon, Daemon]]:
    """AWS, Square and the page: processes like those of the platform, which listen nowhere."""
    aws, square, page = (Daemon(name=each.name, title=each.title, folder=tmp_path) for each in services.DAEMONS)
    monkeypatch.setattr(services, "DAEMONS", (aws, square, page))
    monkeypatch.setattr(services, "STOP_PATIENCE_SECONDS", {page: 5.0, square: 5.0, aws: 5.0})
    monkeypatch.setattr(machine, "STATE", tmp_path / "state")
    monkeypatch.setattr(preflight, "PORTS", {})
    for daemon in (aws, square, page):
        daemon.start(SLEEPS, environment={})
    yield aws, square, page
    for daemon in (aws, square, page):
        daemon.stop(patience=5)


@pytest.fixture(autouse=True)
def turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Turn:
    """The turn of a checkout that nobody else works on."""
    turn = Turn(file=tmp_path / "turn")
    monkeypatch.setattr(status_module, "TURN", turn)
    monkeypatch.setattr(__main__, "TURN", turn)
    return turn


def kill(daemon: Daemon) -> None:
    process = daemon.process()
    assert process is not None
    process.kill()
    while daemon.process():
        pass


@pytest.mark.usefixtures("answering")
def test_status_names_the_part_that_was_killed_and_not_another_checkout(
    daemons: tuple[Daemon, Daemon, Daemon], make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    kill(daemons[1])
    assert make("status") == 1
    said = capsys.readouterr().out
    assert "Square on this machine was killed, and 2 processes of the platform still run\n" in said
    assert "'make up' starts everything anew" in said
    assert "another checkout" not in said


@pytest.mark.usefixtures("daemons")
def test_status_says_that_aws_runs_and_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((machine.HOST, 0)) as silent:
        monkeypatch.setattr(machine, "AWS_URL", f"http://{machine.HOST}:{silent.getsockname()[1]}")
        with pytest.raises(StepFailed, match=r"AWS on this machine runs .* but does not answer"):
            status(outputs=False)


def test_while_down_is_under_way_status_says_so_and_calls_nothing_killed(
    daemons: tuple[Daemon, Daemon, Daemon], turn: Turn, capsys: pytest.CaptureFixture[str]
) -> None:
    kill(daemons[0])
    with turn.take("make down"):
        status(outputs=False)
    said = capsys.readouterr().out
    assert said.startswith("make down (pid ")
    assert "is under way.\n  aws    pid -, log " in said
    assert "killed" not in said


@pytest.mark.usefixtures("daemons")
def test_status_of_what_was_stopped_says_that_it_is_not_running(capsys: pytest.CaptureFixture[str]) -> None:
    services.stop()
    status(outputs=False)
    assert capsys.readouterr().out == "Flux is not running. 'make up' starts it.\n"


def test_down_stops_what_is_left_when_a_part_was_killed(
    daemons: tuple[Daemon, Daemon, Daemon], make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    kill(daemons[1])
    assert make("down") == 0
    assert capsys.readouterr().out == "Flux is down; nothing of it runs or listens.\n"
    assert services.remains() == []


class Unending(Daemon):
    """As one whose disk does not answer: the kernel ends it later, and no test can have it wait so."""

    def stop(self, *, patience: float) -> None:
        raise StepFailed(f"{self.title} does not end in {patience:.0f} s", remedy="look at it")


def test_a_part_that_does_not_end_keeps_no_other_from_being_stopped(
    daemons: tuple[Daemon, Daemon, Daemon], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    aws, square, _ = daemons
    unending = Unending(name="page", title="the status page", folder=tmp_path)
    monkeypatch.setattr(services, "STOP_PATIENCE_SECONDS", {unending: 5.0, square: 5.0, aws: 5.0})
    with pytest.raises(StepFailed, match="the status page does not end"):
        services.stop()
    assert [aws.process(), square.process()] == [None, None]


@pytest.mark.usefixtures("daemons")
def test_down_of_what_does_not_run_says_who_has_its_ports(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    services.stop()
    with socket.create_server((machine.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(preflight, "PORTS", {port: "Square"})
        assert make("down") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Flux was not running here; its files are gone. But port {port} of 127.0.0.1, for Square, ")
    assert "stop pid " in said
