"""Starts a server again that has ended though nobody stopped it, as RDS and ElastiCache do."""

import logging
import signal
import subprocess
import threading
import time
from collections.abc import Callable

import psutil

from . import orphans
from .unprivileged import ServerError

_LOGGER = logging.getLogger(__name__)

# Before a server is started again; doubled each time that it does not live for long.
_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 10.0
_LONG_LIFE_SECONDS = 60.0


class Supervised:
    """One process of a server, replaced by another as often as it ends by itself.

    name: what the log calls it.
    spawn: starts the process.
    serves: whether that process takes connections.
    last_words: why it does not, of a server that has ended or takes too long.
    ending: the signal that ends it in order.
    patience: seconds that starting and ending may take.
    """

    def __init__(  # noqa: PLR0913 - what differs from one server to another
        self,
        name: str,
        *,
        spawn: Callable[[], "subprocess.Popen[bytes]"],
        serves: Callable[["subprocess.Popen[bytes]"], bool],
        last_words: Callable[[], str],
        ending: signal.Signals,
        patience: float,
    ) -> None:
        self._name = name
        self._spawn = spawn
        self._serves = serves
        self._last_words = last_words
        self._patience = patience
        self._ending = ending
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start the server, which must not run.

        Raises:
            ServerError: it does not serve; nothing is left running.
        """
        with self._lock:
            self._stopped.clear()
            self._begin(_FIRST_WAIT_SECONDS)

    def stop(self) -> None:
        """End the server, if it runs, and start it no more.

        Raises:
            ServerError: it has not ended in time.
        """
        self._stopped.set()
        with self._lock:
            process = self._process
            if process is None:
                return
            process.send_signal(self._ending)
            _go_on(process)
            try:
                process.wait(timeout=self._patience)
            except subprocess.TimeoutExpired as error:
                raise ServerError(f"{self._name} (pid {process.pid}) does not stop: {self._last_words()}") from error
            orphans.ended(process.pid)
            self._process = None

    def _begin(self, wait: float) -> None:
        process = self._spawn()
        orphans.started(process.pid)
        deadline = time.monotonic() + self._patience
        while not self._serves(process):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                orphans.ended(process.pid)
                raise ServerError(f"{self._name} does not start: {self._last_words()}")
            time.sleep(0.02)
        self._process = process
        threading.Thread(target=self._watch, args=(process, wait), name=f"watch {self._name}", daemon=True).start()

    def _watch(self, process: "subprocess.Popen[bytes]", wait: float) -> None:
        began = time.monotonic()
        code = process.wait()
        if time.monotonic() - began > _LONG_LIFE_SECONDS:
            wait = _FIRST_WAIT_SECONDS
        while not self._stopped.is_set():
            _LOGGER.warning("%s has ended (%d); it is started again in %.1f s", self._name, code, wait)
            self._stopped.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
            with self._lock:
                if self._stopped.is_set() or self._process is not process:
                    return
                orphans.ended(process.pid)
                try:
                    self._begin(wait)
                except ServerError:
                    _LOGGER.exception("%s does not come back", self._name)
                else:
                    _LOGGER.warning("%s serves again", self._name)
                    return


def _go_on(process: "subprocess.Popen[bytes]") -> None:
    """Let the server and its children go on, if somebody has stopped them: they hear of nothing else till then."""
    try:
        server = psutil.Process(process.pid)
        for each in (server, *server.children(recursive=True)):
            each.resume()
    except psutil.NoSuchProcess:
        return
