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

AWS = Daemon(name="aws", title="AWS", folder=machine.LOGS)
SQUARE = Daemon(name="square", title="Square", folder=machine.LOGS)
PAGE = Daemon(name="page", title="the status page", folder=machine.LOGS)
DAEMONS = (AWS, SQUARE, PAGE)

# In the order of stopping. PostgreSQL gets this long to end its connections and write its last checkpoint.
STOP_PATIENCE_SECONDS = {PAGE: 5.0, SQUARE: 5.0, AWS: 30.0}
START_PATIENCE_SECONDS = 60.0


def running() -> bool:
    """All run, and AWS answers."""
    return all(daemon.process() is not None for daemon in DAEMONS) and answers(machine.AWS_URL)


def remains() -> list[psutil.Process]:
    """All that was started and still runs, also what a process that was killed left behind."""
    return [left for daemon in DAEMONS for left in daemon.session()]


def require_whole() -> None:
    """Refuse a platform that runs in part, or does not answer.

    Raises:
        StepFailed: with what was killed or is silent.
    """
    left = remains()
    if not left or running():
        return
    killed = [daemon.title for daemon in DAEMONS if daemon.process() is None]
    raise StepFailed(
        f"{' and '.join(killed)} on this machine {'was' if len(killed) == 1 else 'were'} killed, "
        f"and {len(left)} processes of the platform still run"
        if killed
        else f"{AWS.title} on this machine runs (see {AWS.log}), but does not answer at {machine.AWS_URL}",
        remedy="'make up' starts everything anew, without its data; 'make down' ends it",
    )


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
    """Stop them and all they started, and remove what they wrote; their logs stay, to be read after a failure.

    Raises:
        StepFailed: something still runs, and what they wrote is still there.
    """
    failures = [
        failure for daemon, patience in STOP_PATIENCE_SECONDS.items() if (failure := _failure_to_stop(daemon, patience))
    ]
    if failures:
        raise StepFailed(
            "; ".join(failure.why for failure in failures),
            remedy=", ".join(failure.remedy for failure in failures) + "; then 'make down' again",
        )
    if machine.STATE.exists():
        shutil.rmtree(machine.STATE)


def _failure_to_stop(daemon: Daemon, patience: float) -> StepFailed | None:
    try:
        daemon.stop(patience=patience)
    except StepFailed as failure:  # the others are stopped all the same
        return failure
    return None


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
