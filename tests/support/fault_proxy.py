"""A port of the loopback that passes everything on to another one, until it is told to fail.

A client sees what it sees of a server, or of a network, that fails in that way.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Self

_HOST = "127.0.0.1"
_CHUNK_BYTES = 64 * 1024
# What a flood brings in a second: soon more than any answer, and not more than a careless reader's machine can hold.
_FLOOD_BYTES_PER_SECOND = 20_000_000
_FLOOD_PAUSE_SECONDS = 0.02

PAGE = b"<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>"
HTTP_WRONG = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%s" % (len(PAGE), PAGE)
HTTP_HUGE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900000000000\r\n\r\n["


class Way(StrEnum):
    """How a server fails.

    AWAY: nobody listens, and what was connected is cut.
    HUNG: connections are made, and nobody reads what is sent over them: as to a process that is stopped.
    SWALLOWED: connections stay open, and what is sent over them disappears: as in a network after a failover.
    SLOW: everything comes, each piece of it late.
    DRIPPING: everything comes, byte by byte, each of them late.
    CUT: half of an answer comes, and then the connection ends.
    WRONG: an answer comes that is none.
    HUGE: an answer comes that does not end.
    """

    AWAY = "away"
    HUNG = "hung"
    SWALLOWED = "swallowed"
    SLOW = "slow"
    DRIPPING = "dripping"
    CUT = "cut off"
    WRONG = "wrong"
    HUGE = "huge"


class FaultProxy:
    """Listens on `port` for the server on another port.

    wrong: the answer that is none.
    huge: how the answer begins that does not end; spaces follow.
    delay: seconds by which a piece, or a byte, is late.
    """

    def __init__(self, target: int, *, wrong: bytes = HTTP_WRONG, huge: bytes = HTTP_HUGE, delay: float = 0.2) -> None:
        self._target, self._wrong, self._huge, self._delay = target, wrong, huge, delay
        self._way: Way | None = None
        self._reads = asyncio.Event()
        self._reads.set()
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy of {target}", daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, _HOST, 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._listen_no_more())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def failing(self, way: Way) -> Iterator[None]:
        """Fail in this way. Afterwards what was connected meanwhile is cut: bytes that disappeared never come."""
        self._do(self._fail(way))
        try:
            yield
        finally:
            self._do(self._recover())

    def _do[Result](self, work: Coroutine[object, object, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _fail(self, way: Way) -> None:
        self._way = way
        if way is Way.AWAY:
            await self._listen_no_more()
        elif way is Way.HUNG:
            self._reads.clear()

    async def _recover(self) -> None:
        way, self._way = self._way, None
        self._reads.set()
        if way is Way.AWAY:
            self._server = await asyncio.start_server(self._serve, _HOST, self.port)
        elif way is not Way.SLOW:
            await self._cut_all()

    async def _listen_no_more(self) -> None:
        self._server.close()
        await self._cut_all()

    async def _cut_all(self) -> None:
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        try:
            far_reader, far_writer = await asyncio.open_connection(_HOST, self._target)
            try:
                async with asyncio.TaskGroup() as copies:
                    there = copies.create_task(self._forth(reader, far_writer, writer))
                    back = copies.create_task(self._back(far_reader, writer))
                    await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
                    there.cancel()
                    back.cancel()
            finally:
                far_writer.transport.abort()
        except* OSError:
            pass  # either side is gone, which ends the other as well
        finally:
            self._connections.discard(connection)
            writer.transport.abort()

    async def _forth(self, reader: asyncio.StreamReader, far: asyncio.StreamWriter, near: asyncio.StreamWriter) -> None:
        """What the client asks, on to the server; or to nobody, who answers in its own way."""
        while chunk := await self._read(reader):
            match self._way:
                case Way.WRONG:
                    near.write(self._wrong)
                    await near.drain()
                    return
                case Way.HUGE:
                    near.write(self._huge)
                    await self._flood(near)
                case Way.SWALLOWED:
                    continue
                case _:
                    await self._pass(chunk, far)

    async def _back(self, far: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        while chunk := await self._read(far):
            match self._way:
                case Way.CUT:
                    near.write(chunk[: len(chunk) // 2])
                    await near.drain()
                    return
                case Way.SWALLOWED:
                    continue
                case _:
                    await self._pass(chunk, near)

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        await self._reads.wait()
        chunk = await reader.read(_CHUNK_BYTES)
        await self._reads.wait()
        return chunk

    async def _pass(self, chunk: bytes, writer: asyncio.StreamWriter) -> None:
        pieces = [chunk]
        if self._way is Way.DRIPPING:
            pieces = [chunk[at : at + 1] for at in range(len(chunk))]
        for piece in pieces:
            if self._way in (Way.SLOW, Way.DRIPPING):
                await asyncio.sleep(self._delay)
            writer.write(piece)
            await writer.drain()

    async def _flood(self, near: asyncio.StreamWriter) -> None:
        block = b" " * int(_FLOOD_BYTES_PER_SECOND * _FLOOD_PAUSE_SECONDS)
        while True:
            near.write(block)
            await near.drain()
            await asyncio.sleep(_FLOOD_PAUSE_SECONDS)
