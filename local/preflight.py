"""What must hold before anything is built or started, so that nothing fails half-way for a reason known at first."""

import json
import shutil
import socket
import subprocess
import sys

import psutil

from flux_infra.config.resources import CACHE_PORT, DATABASE_PORT

from . import machine, services
from .console import StepFailed

PORTS = {
    machine.AWS_PORT: services.AWS.title,
    machine.SQUARE_PORT: services.SQUARE.title,
    machine.PAGE_PORT: services.PAGE.title,
    DATABASE_PORT: "PostgreSQL",
    CACHE_PORT: "Valkey",
}

# Builds, an assembly, two databases with a backup and the logs take 1.5 GiB; README says so.
FREE_GIB = 2


class StrangerListensError(StepFailed):
    """A port is taken by a program that is not of this checkout's platform."""


def require_free_ports() -> None:
    """Refuse while another program listens where the platform will.

    Raises:
        StrangerListensError, StepFailed: with the port, what it is for, and who has it.
    """
    for port, purpose in PORTS.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((machine.HOST, port))
            except OSError as error:
                raise _taken(
                    port, f"port {port} of {machine.HOST}, for {purpose}, is taken ({error.strerror})"
                ) from error


def require_machine() -> None:
    """Refuse a disk that is nearly full, another Python, and a Node that does not run.

    Raises:
        StepFailed: with what was found and what is needed.
    """
    machine.BUILD.mkdir(exist_ok=True)
    free = shutil.disk_usage(machine.BUILD).free / 2**30
    if free < FREE_GIB:
        raise StepFailed(
            f"{free:.1f} GiB are free on the disk of {machine.BUILD}, and {FREE_GIB} GiB are needed",
            remedy="free some space; 'make down' and removing .build/functions, .build/site and cdk.out give some",
        )
    found = f"{sys.version_info.major}.{sys.version_info.minor}"
    if found != "3.13":
        raise StepFailed(
            f".venv holds Python {found}, not 3.13", remedy="remove .venv and .build/bootstrapped, then 'make tools'"
        )
    wanted = json.loads((machine.ROOT / "package.json").read_text())["devDependencies"]["node"]
    if _node_version() != f"v{wanted}":
        raise StepFailed(
            f"node_modules/.bin/node is {_node_version()}, not v{wanted}",
            remedy="remove node_modules and .build/bootstrapped, then 'make tools'",
        )


def _node_version() -> str:
    try:
        return subprocess.run(
            [machine.NODE_BIN / "node", "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "missing or broken"


def _taken(port: int, why: str) -> StepFailed:
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,) and connection.pid:
            return _taken_by(psutil.Process(connection.pid), why)
    return StepFailed(
        why,
        remedy=f"see who has it with 'ss -ltnp sport = :{port}', and stop that; "
        "'make down' stops what this checkout started",
    )


def _taken_by(process: psutil.Process, why: str) -> StepFailed:
    pid, command = process.pid, " ".join(process.cmdline())
    if "local_aws --port=0" in command:
        return StrangerListensError(why, remedy=f"tests that run beside this have it: wait for their end (pid {pid})")
    platform = any(name in command for name in ("local_aws", "local.square", "local.status_page"))
    if command.startswith(f"{machine.BUILD}/") or (platform and command.startswith(f"{machine.ROOT}/")):
        return StepFailed(why, remedy=f"this checkout's platform has it, without a pid file: 'kill {pid}' ({command})")
    if platform:
        return StrangerListensError(
            why, remedy=f"another checkout's platform has it: run 'make down' there (pid {pid}: {command})"
        )
    return StrangerListensError(why, remedy=f"stop pid {pid}: {command[:200]}")
