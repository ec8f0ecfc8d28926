"""The whole platform, deployed once to AWS on this machine and shared by the session."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest

from local import machine, services
from local.console import say
from local.platform import Platform
from local.turn import TURN
from local.up import deploy


@dataclass(frozen=True, kw_only=True)
class Flux:
    """What `make up` deploys, and the demo restaurants in it."""

    platform: Platform


@pytest.fixture(scope="session")
def flux() -> Iterator[Flux]:
    with TURN.take("pytest tests/system"):
        was_running = services.running()
        yield Flux(platform=deploy())
        if not was_running:
            services.stop()
            assert leftovers() == []


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a figure of the proof for whoever runs the tests, though pytest captures what tests print."""

    def printed(figure: str) -> None:
        with capsys.disabled():
            say(f"\n{figure}")

    return printed


def leftovers() -> list[str]:
    """Processes of the platform that still run, and its ports that still listen."""
    processes = [
        f"pid {process.pid}: {' '.join(process.info['cmdline'])}"
        for process in psutil.process_iter(["cmdline"])
        if str(machine.STATE) in " ".join(process.info["cmdline"] or [])
    ]
    ports = {machine.AWS_PORT, machine.SQUARE_PORT, machine.PAGE_PORT}
    listening = [
        f"port {connection.laddr.port} listens"
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port in ports
    ]
    return processes + listening
