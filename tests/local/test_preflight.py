"""What is looked at before the platform is built or started."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import machine, preflight
from local.console import StepFailed
from local.preflight import PORTS, StrangerListensError, require_free_ports, require_machine


def test_every_port_that_the_platform_listens_on_is_looked_at() -> None:
    assert PORTS == {4566: "AWS", 4567: "Square", 4568: "the status page", 5433: "PostgreSQL", 6380: "Valkey"}


def test_a_taken_port_is_told_with_its_purpose_and_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((machine.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(preflight, "PORTS", {port: "PostgreSQL"})
        with pytest.raises(StepFailed, match=rf"port {port} of 127.0.0.1, for PostgreSQL, is taken") as failed:
            require_free_ports()
    assert failed.value.remedy.startswith("stop pid ")


@contextmanager
def listening(python: Path) -> Iterator[int]:
    """A process whose command looks like that of AWS on this machine; its port."""
    python.symlink_to(sys.executable)
    program = (
        "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); "
        "print(s.getsockname()[1], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [python, "-c", program, "-m", "local_aws"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def test_the_platform_of_another_checkout_is_told_from_what_this_one_has_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with listening(tmp_path / "python") as port:
        monkeypatch.setattr(preflight, "PORTS", {port: "AWS"})
        with pytest.raises(StrangerListensError) as stranger:
            require_free_ports()
        monkeypatch.setattr(machine, "BUILD", tmp_path)
        with pytest.raises(StepFailed) as lost:
            require_free_ports()
    assert stranger.value.remedy.startswith("another checkout's platform has it: run 'make down' there (pid ")
    assert not isinstance(lost.value, StrangerListensError)
    assert lost.value.remedy.startswith("this checkout's platform has it, without a pid file: 'kill ")


def test_a_disk_that_is_nearly_full_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "BUILD", tmp_path)
    monkeypatch.setattr(preflight, "FREE_GIB", 2 * shutil.disk_usage(tmp_path).total / 2**30)
    with pytest.raises(StepFailed, match=r"GiB are free on the disk of .*, and .* GiB are needed"):
        require_machine()


def test_a_node_that_does_not_run_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "NODE_BIN", tmp_path)
    with pytest.raises(StepFailed, match="is missing or broken, not v24"):
        require_machine()
