"""The results in hand, committed whole, so that a kill costs at most one small batch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from shopwatch.ports import Fetched

Commit = Callable[[Sequence[Fetched]], Awaitable[None]]


class Journal:
    """Commits what was added when a batch is full or its first result has waited long enough.

    While one batch is on its way to the disk the next one fills; when that is full too, ``room`` waits.
    """

    def __init__(self, commit: Commit, *, pages: int, wait_s: float) -> None:
        self._commit = commit
        self._pages = pages
        self._wait_s = wait_s
        self._batch: list[Fetched] = []
        self._closing = False
        self._begun = asyncio.Event()  #: there is something to commit, or nothing will come any more
        self._full = asyncio.Event()  #: there is no reason to wait longer
        self._room = asyncio.Event()
        self._room.set()

    def add(self, outcome: Fetched) -> None:
        self._batch.append(outcome)
        self._begun.set()
        if len(self._batch) >= self._pages:
            self._full.set()
            self._room.clear()

    def hurry(self) -> None:
        """Nothing else is on its way: commit what there is now."""
        self._full.set()

    async def room(self) -> None:
        if not self._room.is_set():
            await self._room.wait()

    def close(self) -> None:
        """Let ``run`` commit what is there and return."""
        self._closing = True
        self._begun.set()
        self._full.set()

    async def run(self) -> None:
        """Commit until closed. An error of the database ends the crawl: it propagates."""
        while True:
            await self._begun.wait()
            await self._wait_for_more()
            batch, self._batch = self._batch, []
            if not self._closing:
                self._begun.clear()
                self._full.clear()
            self._room.set()
            if batch:
                await self._commit(batch)
            elif self._closing:
                return

    async def _wait_for_more(self) -> None:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._full.wait()
        except TimeoutError:
            return
