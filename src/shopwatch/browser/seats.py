"""Warm contexts, each one retailer's; without it one session's cookies would reach another's site."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error
from playwright.async_api import Page as Tab

from shopwatch.config.replacing import PRIVATE, replace_file
from shopwatch.domain.errors import Unusable

_USES = 50  #: looks through one context before it is made anew: pages leak memory

Stamp = tuple[int, int, int]  #: of a session's file: changed when the file was


@dataclass(eq=False, slots=True)
class Seat:
    """A context with its one tab."""

    retailer: str
    context: BrowserContext
    tab: Tab
    stamp: Stamp | None  #: of the session it was made of
    uses: int = 0
    broken: bool = False


class Seats:
    """At most ``size`` contexts. A retailer gets its own again; else the longest idle one makes room.

    A context of a session that was replaced since, by a sign-in or by renewed cookies, is not used any more.
    """

    def __init__(self, size: int, sessions: Path, *, hung_s: float, uses: int = _USES) -> None:
        self._sessions = sessions
        self._uses = uses
        self._hung_s = hung_s  # nothing that a browser is asked has a limit of its own
        self._idle: list[Seat] = []
        self._free = asyncio.Semaphore(size)
        self._size = size
        self.taken = 0
        self.broken: Browser | None = None  #: gives no context, or closes none, although it seems to live

    @asynccontextmanager
    async def seat(self, browser: Browser, retailer: str) -> AsyncIterator[Seat]:
        async with self._free:
            self.taken += 1
            try:
                seat = await self._take(browser, retailer)
                try:
                    yield seat
                except Error:
                    seat.broken = True
                    raise
                finally:
                    await self._give_back(seat)
            finally:
                self.taken -= 1

    def forget(self) -> None:
        """Drop the contexts of a browser that has died or is about to be closed."""
        self._idle.clear()

    def facts(self) -> dict[str, int]:
        return {"sessions": self._size, "busy": self.taken, "idle": len(self._idle)}

    async def _take(self, browser: Browser, retailer: str) -> Seat:
        path = state_file(self._sessions, retailer)
        stamp = stamp_of(path)
        for seat in [one for one in reversed(self._idle) if one.retailer == retailer]:
            self._idle.remove(seat)
            if seat.stamp == stamp:
                return seat
            await self._dismiss(seat)
        if self.taken + len(self._idle) > self._size:
            await self._dismiss(self._idle.pop(0))
        try:
            async with asyncio.timeout(self._hung_s):
                context = await context_of(browser, path, accept_downloads=False, service_workers="block")
                return Seat(retailer, context, await context.new_page(), stamp)
        except Error:
            self.broken = browser
            raise
        except TimeoutError:
            self.broken = browser
            raise Error(f"the browser gives no page within {self._hung_s:g} s") from None

    async def _give_back(self, seat: Seat) -> None:
        seat.uses += 1
        if seat.broken or seat.uses >= self._uses:
            await self._dismiss(seat)
            return
        try:
            # Stop what the page still does.
            await seat.tab.goto("about:blank", timeout=self._hung_s * 1000)
        except Error:
            await self._dismiss(seat)
            return
        self._idle.append(seat)

    async def _dismiss(self, seat: Seat) -> None:
        """Close a context. Its cookies are not kept: who looks whether it is signed in keeps them."""
        try:
            async with asyncio.timeout(self._hung_s):
                await seat.context.close()
        except TimeoutError:
            self.broken = seat.context.browser
        except Error:
            return  # it is closed already


def state_file(sessions: Path, retailer: str) -> Path:
    """Where a retailer's signed-in session is kept; a file there is as good as the password."""
    return sessions / f"{retailer}_storage.json"


async def context_of(browser: Browser, path: Path, **options: Any) -> BrowserContext:
    """A context of the session kept in a file; a guest's where there is none.

    Raises:
        Unusable: the file holds no session.
        Error: the browser gives no context.
    """
    state = kept_state(path)
    try:
        return await browser.new_context(storage_state=state, **options)
    except Error:
        if state is None:
            raise
        await (await browser.new_context()).close()  # who gives a guest's is well: it refused the file
        raise _no_session(path) from None


def kept_state(path: Path) -> Path | None:
    """The file for a context to be made of; ``None``: there is none.

    Raises:
        Unusable: it holds no session.
    """
    if not path.is_file():
        return None
    try:
        is_one = isinstance(json.loads(path.read_text("utf-8")), dict)
    except (OSError, ValueError):
        is_one = False
    if not is_one:
        raise _no_session(path)
    return path


def _no_session(path: Path) -> Unusable:
    return Unusable(f"{path} holds no session; sign in again: `shopwatch login`")


def stamp_of(path: Path) -> Stamp | None:
    """Changes whenever the file is replaced; ``None``: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def save_state(path: Path, text: str) -> None:
    """Replace a session's file at once and whole, readable by its owner only."""
    replace_file(path, text.encode(), mode=PRIVATE)
