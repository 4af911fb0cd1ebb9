"""A webhook on loopback that alerts can be sent to, so that a rehearsal sees when they arrive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A message as it arrived."""

    title: str
    body: str
    at_s: float  #: of the clock that was given


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where it is, and what came."""

    channel: str  #: as an Apprise address
    letters: asyncio.Queue[Letter]

    def empty(self) -> None:
        """Throw away what has come so far."""
        while not self.letters.empty():
            self.letters.get_nowait()

    async def about(self, name: str) -> Letter:
        """The next letter that names it; the others are thrown away."""
        while True:
            letter = await self.letters.get()
            if name in letter.title or name in letter.body:
                return letter


@asynccontextmanager
async def mailbox(clock_s: Callable[[], float]) -> AsyncIterator[Mailbox]:
    """Take messages on a free port while the block lasts."""
    letters: asyncio.Queue[Letter] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        at_s = clock_s()
        told = json.loads(await request.read())
        letters.put_nowait(Letter(title=told["title"], body=told["message"], at_s=at_s))
        return web.Response()

    application = web.Application()
    application.router.add_post("/", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield Mailbox(f"json://{host}:{port}/", letters)
    finally:
        await runner.cleanup()
