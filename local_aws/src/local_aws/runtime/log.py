"""What a function's process writes, line by line, told apart by invocation."""

import os
import threading
import time

from .function import LogLine

_MARK = b"\x1e"
_PATIENCE_SECONDS = 1.0


class LogReader:
    """Reads a process's output in a thread of its own, so that a full pipe never stops a function.

    Attributes:
        writer: file descriptor of the pipe's other end, for the process.
    """

    def __init__(self) -> None:
        reader, self.writer = os.pipe()
        self._lines: list[LogLine] = []
        self._finished: set[str] = set()
        self._closed = False
        self._changed = threading.Condition()
        threading.Thread(target=self._read, args=(reader,), name="function-log", daemon=True).start()

    def take(self, request_id: str) -> tuple[LogLine, ...]:
        """The lines since the last call. Everything that the process has written by now is among them."""
        if not self._closed:
            # What is written into the pipe now, comes out of it after what the process has written before.
            os.write(self.writer, _MARK + request_id.encode() + b"\n")
        with self._changed:
            self._changed.wait_for(lambda: request_id in self._finished or self._closed, _PATIENCE_SECONDS)
            self._finished.discard(request_id)
            lines, self._lines = tuple(self._lines), []
            return lines

    def close(self) -> None:
        """Close the pipe of an ended process; its last lines can still be taken."""
        if not self._closed:
            os.write(self.writer, _MARK + b"\n")
            with self._changed:
                self._changed.wait_for(lambda: "" in self._finished, _PATIENCE_SECONDS)
            self._closed = True
            os.close(self.writer)

    def _read(self, reader: int) -> None:
        with os.fdopen(reader, "rb") as output:
            for raw in output:
                # The runtime client puts a traceback into one line, which Lambda's log shows as several.
                text, *mark = raw.rstrip(b"\r\n").replace(b"\r", b"\n").split(_MARK)
                with self._changed:
                    if text:
                        self._lines.append(LogLine(at=int(time.time() * 1000), text=text.decode(errors="replace")))
                    if mark:
                        self._finished.add(mark[0].decode())
                        self._changed.notify_all()
