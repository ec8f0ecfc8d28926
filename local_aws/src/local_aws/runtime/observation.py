"""What became of an invocation, told to whoever wants to know: metrics, above all."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One finished invocation.

    qualifier: alias, version or `$LATEST`, as the caller named it. version: the one that ran.
    aliased: an alias was invoked.
    throttled: it was refused for lack of concurrency and did not run.
    milliseconds: time in the handler.
    log: everything that the function wrote.
    """

    function: str
    qualifier: str
    version: str
    aliased: bool
    failed: bool
    throttled: bool
    milliseconds: float
    log: str


_observers: list[Callable[[Observation], None]] = []


def observe_with(observer: Callable[[Observation], None]) -> None:
    """Call `observer` after every invocation, in the thread that ran it; it must be quick and must not raise."""
    _observers.append(observer)


def report(observation: Observation) -> None:
    """Tell all observers."""
    for observer in _observers:
        observer(observation)
