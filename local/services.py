"""The processes behind the platform: AWS on this machine, Square on this machine, and the status page."""

import os
import shutil
import sys
import time

import httpx
import psutil

from . import machine
from .console import StepFailed
from .processes import Daemon

AWS = Daemon(name="aws", folder=machine.LOGS)
SQUARE = Daemon(name="square", folder=machine.LOGS)
PAGE = Daemon(name="page", folder=machine.LOGS)
DAEMONS = (AWS, SQUARE, PAGE)

# PostgreSQL gets this long to end its connections and write its last checkpoint.
STOP_PATIENCE_SECONDS = 30.0
START_PATIENCE_SECONDS = 60.0


def running() -> bool:
    """All run, and AWS answers."""
    return all(daemon.process() is not None for daemon in DAEMONS) and answers(machine.AWS_URL)


def orphans() -> list[psutil.Process]:
    """What is left of a platform of which a process was killed."""
    return [left for daemon in DAEMONS if daemon.process() is None for left in daemon.session()]


def start() -> None:
    """Start them, and wait until they answer.

    Raises:
        StepFailed: a process ended or does not answer; with the end of its log.
    """
    environment = {"PATH": machine.search_path(), "HOME": os.environ["HOME"]}
    AWS.start(
        [str(machine.EMULATOR_PYTHON), "-m", "local_aws", f"--port={machine.AWS_PORT}", f"--state={machine.STATE}"],
        environment=environment,
    )
    ours = environment | {"PYTHONPATH": str(machine.ROOT)}
    SQUARE.start([sys.executable, "-m", "local.square"], environment=ours)
    PAGE.start([sys.executable, "-m", "local.status_page"], environment=ours)
    _await(AWS, machine.AWS_URL)
    _await(SQUARE, f"{machine.SQUARE_URL}/health")
    _await(PAGE, f"{machine.PAGE_URL}/health")


def stop() -> None:
    """Stop them and all they started, and remove what they wrote; their logs stay, to be read after a failure."""
    PAGE.stop(patience=5)
    SQUARE.stop(patience=5)
    AWS.stop(patience=STOP_PATIENCE_SECONDS)
    if machine.STATE.exists():
        shutil.rmtree(machine.STATE)


def answers(url: str) -> bool:
    """Whether somebody answers there, whatever it is."""
    try:
        httpx.get(url, timeout=2)
    except httpx.TransportError:
        return False
    return True


def _await(daemon: Daemon, url: str) -> None:
    deadline = time.monotonic() + START_PATIENCE_SECONDS
    while not answers(url):
        if daemon.process() is None or time.monotonic() > deadline:
            raise StepFailed(
                f"{daemon.name} did not come up at {url}; the end of {daemon.log}:\n{daemon.tail()}",
                remedy="mend what the log names, then run 'make up' again",
            )
        time.sleep(0.1)
