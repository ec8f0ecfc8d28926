"""Where the platform can be reached: on this machine, and from nowhere else."""

import ipaddress
from collections.abc import Iterator

import psutil
import pytest

from local import machine, services


def started() -> Iterator[psutil.Process]:
    """Every process of the platform: what `make up` starts, what that starts, and whatever else works on its files."""
    for daemon in services.DAEMONS:
        process = daemon.process()
        assert process is not None, f"{daemon.name} does not run"
        yield process
        yield from process.children(recursive=True)
    for process in psutil.process_iter(["cmdline"]):
        if str(machine.STATE) in " ".join(process.info["cmdline"] or []):
            yield process


@pytest.mark.usefixtures("flux")
def test_nothing_of_the_platform_listens_to_other_machines() -> None:
    processes = {process.pid: process.name() for process in started()}
    bound = [
        (connection.laddr.port, connection.laddr.ip, processes[connection.pid])
        for connection in psutil.net_connections("inet")
        if connection.pid in processes and connection.laddr
        # TCP that listens; a UDP socket with nobody at its other end takes from everybody.
        if connection.status == psutil.CONN_LISTEN or (connection.status == psutil.CONN_NONE and not connection.raddr)
    ]
    assert {machine.AWS_PORT, machine.SQUARE_PORT, machine.PAGE_PORT} <= {port for port, _, _ in bound}
    assert {"postgres", "valkey-server"} <= {name for _, _, name in bound}
    assert [where for where in bound if not ipaddress.ip_address(where[1]).is_loopback] == []
