"""What must end with the emulator: servers, workers and whatever else a module has started."""

import logging
import threading
from collections.abc import Callable

_LOGGER = logging.getLogger(__name__)

_stops: list[tuple[str, Callable[[], None]]] = []
_lock = threading.Lock()


def at_shutdown(name: str, stop: Callable[[], None]) -> None:
    """Call `stop` when the emulator ends; `name` says in the log whose it was. Safe from any thread."""
    with _lock:
        _stops.append((name, stop))


def shut_down() -> None:
    """Stop everything registered, the latest first. One that fails is logged and does not keep the others running."""
    while True:
        with _lock:
            if not _stops:
                return
            name, stop = _stops.pop()
        try:
            stop()
        except Exception:
            _LOGGER.exception("stopping %s failed", name)
