"""A server that answers with exact bytes on a real socket; without it faults would have to be imagined."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Seen:
    """One request as it arrived."""

    at_s: float  #: monotonic
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


_TLS_HANDSHAKE = b"\x16"

Reply = bytes | Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of an answer; header names are given with underscores."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class RawServer:
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    connections: int = 0
    writers: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)
    asked: asyncio.Event = field(default_factory=asyncio.Event)  #: somebody has sent a request
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def on(self, path: str, *replies: Reply) -> None:
        """Answer this path with these, one after the other; the last one stays."""
        self.replies[path] = list(replies)

    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    async def hang(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        """Never answer."""
        await self.stopping.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.writers[task] = writer
        self.connections += 1
        try:
            while not self.stopping.is_set() and (seen := await _read(reader, writer)):
                await self._reply(seen, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            del self.writers[task]

    async def _reply(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        self.seen.append(seen)
        self.asked.set()
        replies = self.replies.get(seen.path.partition("?")[0], [answer(404, b"nothing here")])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if callable(reply):
            await reply(seen, writer)
        else:
            writer.write(reply)
            await writer.drain()


async def cut(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Promise 100 bytes, send 10, close."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")
    await writer.drain()
    writer.close()


async def drop(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Close without a word."""
    writer.close()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen | None:
    first_byte = await reader.read(1)
    if first_byte == b"":
        return None
    if first_byte == _TLS_HANDSHAKE:
        writer.write(answer(400, b"this is plain HTTP"))
        await reader.read(65_536)
        return None
    try:
        head = (first_byte + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    at_s = time.monotonic()
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(at_s, method, path, headers, body)


@asynccontextmanager
async def raw_server() -> AsyncIterator[RawServer]:
    server = RawServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        server.stopping.set()
        for writer in server.writers.values():
            writer.transport.abort()
        await asyncio.gather(*server.writers)
        await listening.wait_closed()
