"""What a function's process writes, line by line, told apart by invocation."""

import threading
import time
from typing import IO

from .function import LogLine

MARK = b"\x1e"
"""Ends an invocation's lines: the bootstrap writes it around the request id before it answers."""

PATIENCE_SECONDS = 1.0
"""How long the mark may take to arrive after the answer; it was written first, so it is there already."""


class LogReader:
    """Reads a process's output in a thread of its own, so that a full pipe never stops a function."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._lines: list[LogLine] = []
        self._finished: set[str] = set()
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, name="function-log", daemon=True)
        self._thread.start()

    def take(self, request_id: str) -> tuple[LogLine, ...]:
        """The lines since the last call, up to the end of `request_id` or of the process."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or request_id in self._finished, PATIENCE_SECONDS)
            self._finished.discard(request_id)
            lines, self._lines = tuple(self._lines), []
            return lines

    def close(self) -> None:
        """Wait until an ended process's last lines are read."""
        self._thread.join(PATIENCE_SECONDS)

    def _read(self) -> None:
        with self._output:
            for raw in self._output:
                text, *mark = raw.rstrip(b"\r\n").split(MARK)
                with self._changed:
                    if text:
                        self._lines.append(LogLine(at=int(time.time() * 1000), text=text.decode(errors="replace")))
                    if mark:
                        self._finished.add(mark[0].decode())
                        self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
