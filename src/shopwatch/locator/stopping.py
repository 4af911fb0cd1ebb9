"""The wish that a crawl ends; without it a second Ctrl-C would wait as long as the first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any


class Stop(asyncio.Event):
    """Set when somebody asks for the end; asked for again, what is in flight is not waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.again = asyncio.Event()

    def ask(self) -> None:
        """A signal has come: the first one or a further one."""
        if self.is_set():
            self.again.set()
        self.set()


async def end_of(tasks: Sequence[asyncio.Task[None]], stop: asyncio.Event, *, wait_s: float) -> None:
    """Wait until the tasks are done, the time is over or the end is asked for again; cancel what is left."""
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(asyncio.wait(tasks))]
    if isinstance(stop, Stop):
        waits.append(asyncio.ensure_future(stop.again.wait()))
    try:
        await asyncio.wait(waits, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (*waits, *tasks):
            one.cancel()
    await asyncio.wait(tasks)
