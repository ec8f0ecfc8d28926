"""A server that is stopped, not ended: its kernel still acknowledges every packet, and nothing ever answers."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

from .platform import Platform


@contextmanager
def stopped_database(platform: Platform) -> Iterator[None]:
    """PostgreSQL with all its sessions."""
    with platform.connect_as_owner() as connection:
        postmaster = psutil.Process(connection.info.backend_pid).parent()
    assert postmaster is not None
    with stopped([postmaster, *postmaster.children(recursive=True)]):
        yield


@contextmanager
def stopped(processes: Sequence[psutil.Process]) -> Iterator[None]:
    """These processes."""
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            if process.is_running():
                process.send_signal(signal.SIGCONT)
