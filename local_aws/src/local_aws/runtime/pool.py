"""Warm execution environments: as many processes per version as requests run at once, kept for the next request."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .function import Function, Invocation, Outcome
from .worker import Worker

MOST_PER_VERSION = 6
"""Processes per version. Lambda would start one for each concurrent request; two cores gain nothing from more."""

IDLE_SECONDS = 300.0
"""A process unused for so long is ended, as Lambda does after some minutes."""


@dataclass(kw_only=True)
class _Environments:
    """One version's processes. free: each with the moment (monotonic seconds) at which it became so."""

    name: str
    free: list[tuple[Worker, float]] = field(default_factory=list)
    busy: set[Worker] = field(default_factory=set)
    starting: int = 0

    @property
    def full(self) -> bool:
        return len(self.busy) + self.starting >= MOST_PER_VERSION


class Pool:
    """All processes of all functions. Safe for use from many threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._versions: dict[str, _Environments] = {}
        self._closed = False

    def invoke(self, function: Function, start: Callable[[], Worker], invocation: Invocation) -> Outcome:
        """Run the invocation in a warm process, or in a new one made by `start`."""
        worker = self._lease(function, start)
        try:
            return worker.invoke(invocation)
        finally:
            self._release(function, worker)

    def discard(self, name: str, *, version: str | None = None) -> None:
        """End the free processes of a function, or of one of its versions; busy ones end when they have answered."""
        with self._changed:
            identities = [
                identity
                for identity, environments in self._versions.items()
                if environments.name == name and (version is None or identity.split(":")[1] == version)
            ]
            doomed = [worker for identity in identities for worker, _ in self._versions.pop(identity).free]
            self._changed.notify_all()
        for worker in doomed:
            worker.stop()

    def reap(self, idle: float = IDLE_SECONDS) -> None:
        """End the processes that have been unused for `idle` seconds."""
        oldest = time.monotonic() - idle
        doomed: list[Worker] = []
        with self._changed:
            for environments in self._versions.values():
                doomed += [worker for worker, since in environments.free if since < oldest]
                environments.free = [entry for entry in environments.free if entry[1] >= oldest]
        for worker in doomed:
            worker.stop()

    def close(self) -> None:
        """End every process, busy or not."""
        with self._changed:
            self._closed = True
            everything = [
                worker
                for environments in self._versions.values()
                for worker in (*environments.busy, *(worker for worker, _ in environments.free))
            ]
            self._versions.clear()
            self._changed.notify_all()
        for worker in everything:
            worker.stop()

    def _lease(self, function: Function, start: Callable[[], Worker]) -> Worker:
        with self._changed:
            environments = self._environments(function)
            while not environments.free and environments.full and not self._closed:
                self._changed.wait()
                environments = self._environments(function)
            if environments.free:
                worker, _ = environments.free.pop()  # the latest used: the others may be reaped
                environments.busy.add(worker)
                return worker
            environments.starting += 1
        try:
            worker = start()
        finally:
            with self._changed:
                environments.starting -= 1
                self._changed.notify_all()
        with self._changed:
            self._environments(function).busy.add(worker)
        return worker

    def _release(self, function: Function, worker: Worker) -> None:
        with self._changed:
            environments = self._versions.get(function.identity)
            keep = environments is not None and worker in environments.busy and worker.alive
            if environments is not None:
                environments.busy.discard(worker)
                if keep:
                    environments.free.append((worker, time.monotonic()))
            self._changed.notify_all()
        if not keep:
            worker.stop()

    def _environments(self, function: Function) -> _Environments:
        return self._versions.setdefault(function.identity, _Environments(name=function.name))
