"""Hears what a page fetches by itself; without it stock that never reaches the markup could not be read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from playwright.async_api import Error, Response

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Blocked
from shopwatch.ports import Clock

_MOST_ANSWERS = 60
_LARGEST = 3_000_000  #: bytes of one answer
_KINDS = frozenset({"xhr", "fetch"})
_REFUSED = frozenset({401, 403, 412, 429, 435})


class Listener:
    """Keeps the JSON documents of one page load, and the first answer that was a wall."""

    def __init__(
        self,
        clock: Clock,
        *,
        tells_stock: Callable[[object], bool] | None,
        recognise_wall: Callable[[Page], None] | None,
    ) -> None:
        self.documents: list[object] = []
        self.wall: Blocked | None = None
        self._told = asyncio.Event()  # a document came that tells the stock
        self._clock = clock
        self._tells_stock = tells_stock
        self._recognise_wall = recognise_wall
        self._reading: set[asyncio.Task[None]] = set()

    def hear(self, response: Response) -> None:
        """Take an answer from the page's own event."""
        wanted = (
            response.request.resource_type in _KINDS
            and len(self._reading) + len(self.documents) < _MOST_ANSWERS
        )
        if wanted and (response.status in _REFUSED or "json" in response.headers.get("content-type", "")):
            task = asyncio.ensure_future(self._read(response))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    @property
    def knows_stock(self) -> bool:
        return self._told.is_set()

    async def wait(self, seconds: float) -> None:
        """Wait until the stock was told, for so long at most; at once if no answer can tell it."""
        if self._tells_stock is None:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._told.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    async def _read(self, response: Response) -> None:
        try:
            body = await response.body()
        except Error:  # the page has moved on, the body is gone
            return
        if len(body) > _LARGEST:
            return
        if response.status in _REFUSED:
            self._look_for_wall(response, body)
            return
        try:
            document = json.loads(body)
        except ValueError:
            return
        self.documents.append(document)
        if self._tells_stock is not None and self._tells_stock(document):
            self._told.set()

    def _look_for_wall(self, response: Response, body: bytes) -> None:
        if self._recognise_wall is None or self.wall is not None:
            return
        page = Page(
            request=Request(url=response.url),
            url=response.url,
            status=response.status,
            headers=response.headers,
            body=body,
            fetched_at=self._clock.now(),
        )
        try:
            self._recognise_wall(page)
        except Blocked as wall:
            self.wall = wall
