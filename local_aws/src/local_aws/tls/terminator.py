"""TLS terminators: one listener per database or cache, all in one thread of their own.

A thread, because ministack's event loop stands still for as long as one of its handlers computes.
"""

import asyncio
import errno
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

type Opening = Callable[[asyncio.StreamReader, asyncio.StreamWriter, ssl.SSLContext], Awaitable[bool]]
"""How a connection begins: upgrades it to TLS and answers True, or refuses the client and answers False."""

_HOST = "127.0.0.1"
_CHUNK_BYTES = 64 * 1024


class TerminatorThread:
    """The event loop that every terminator runs on."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls-terminators", daemon=True)
        self._thread.start()

    def run[Result](self, work: Coroutine[object, object, Result]) -> Result:
        """Run `work` on the loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """End the loop; terminators must be closed before."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True, kw_only=True)
class Terminator:
    """A listener on 127.0.0.1 that decrypts what it gets and passes it on to a server beside it.

    port: where it listens.
    """

    port: int
    _server: asyncio.Server
    _thread: TerminatorThread

    @classmethod
    def listen(
        cls, thread: TerminatorThread, *, port: int, backend: int, context: ssl.SSLContext, opening: Opening
    ) -> "Terminator":
        """Listen on `port`, or on a free port if that one is taken, for the server on port `backend`."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                if await opening(reader, writer, context):
                    await _pass_on(reader, writer, backend)
            except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                pass  # the client went away or speaks no TLS: it knows, and nobody else needs to
            finally:
                writer.close()

        async def start() -> asyncio.Server:
            try:
                return await asyncio.start_server(serve, _HOST, port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                return await asyncio.start_server(serve, _HOST, 0)

        server = thread.run(start())
        return cls(port=server.sockets[0].getsockname()[1], _server=server, _thread=thread)

    def close(self) -> None:
        """Stop listening and cut every connection."""

        async def end() -> None:
            self._server.close()
            self._server.abort_clients()

        self._thread.run(end())


async def plain_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> bool:
    """TLS from the first byte, as Valkey and Redis have it."""
    del reader
    await writer.start_tls(context)
    return True


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, backend: int) -> None:
    """Copy both ways until either side ends."""
    behind_reader, behind_writer = await asyncio.open_connection(_HOST, backend)
    try:
        copies = [
            asyncio.create_task(_copy(reader, behind_writer)),
            asyncio.create_task(_copy(behind_reader, writer)),
        ]
        _, pending = await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        for copy in pending:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)
    finally:
        behind_writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while chunk := await source.read(_CHUNK_BYTES):
        target.write(chunk)
        await target.drain()
