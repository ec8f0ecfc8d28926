"""A server that is stopped, not ended: its kernel still acknowledges every packet, and nothing ever answers."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

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
    try:
        _send(processes, signal.SIGSTOP)
        yield
    finally:
        _send(processes, signal.SIGCONT)


def _send(processes: Sequence[psutil.Process], signal_: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # a session that has ended meanwhile; the others must hear it all the same
            process.send_signal(signal_)
