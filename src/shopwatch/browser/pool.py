"""The background sessions that confirm restocks; without it an API's word would be the last word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass, replace
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from playwright.async_api import Browser, Error, Playwright, async_playwright
from playwright.async_api import Page as Tab

from shopwatch.browser.account import read_account
from shopwatch.browser.launching import Start, first_line, launch
from shopwatch.browser.looking import Look, look_at, open_page
from shopwatch.browser.seats import Seats
from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import ErrorClass, Unreachable, Unusable
from shopwatch.domain.probe import PageProbe, SessionProbe, SessionState
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, Evidence, Observation, Source
from shopwatch.domain.watch import Watch
from shopwatch.ports import Clock, HostGate

log = structlog.get_logger(__name__)

_TRIES = 2  #: a browser may die once for a look
_AGAIN_S, _LATEST_AGAIN_S = 30.0, 600.0  #: after a start that failed; doubles with each in a row


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductPages:
    """One retailer's product pages: how they are read, and whose turn it is to be asked."""

    probe: PageProbe
    site: Site
    recognise_wall: Callable[[Page], None] | None = None
    gate: HostGate | None = None
    session: SessionProbe | None = None  #: how it shows who is signed in


class Pool:
    """A ``ports.BrowserPool`` on Chrome or Chromium. Use as an asynchronous context manager.

    Where no browser starts it is simply not ``ready``; the monitor goes on unconfirmed, and a start is tried
    again with back-off by whoever asks for a look.
    """

    def __init__(self, start: Start, pages: Mapping[str, ProductPages], clock: Clock) -> None:
        self._start = start
        self._pages = pages
        self._clock = clock
        self._seats = Seats(start.size, start.sessions, hung_s=start.hung_s)
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._launching = asyncio.Lock()
        self._missing = "not started"
        self._failed = 0  #: starts in a row
        self._again = ""  #: when the next is tried, for people
        self._again_s = 0.0  #: monotonic: no look is worth asking for before
        self._looks = self._deaths = 0

    async def __aenter__(self) -> Self:
        with suppress(Unusable):
            await self._running()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    @property
    def ready(self) -> bool:
        """Whether a look is worth asking for: it starts what died, or did not start a while ago."""
        return self._is_up or (self._start.size > 0 and self._clock.monotonic() >= self._again_s)

    @property
    def _is_up(self) -> bool:
        return self._browser is not None and self._browser.is_connected()

    def health(self) -> Mapping[str, object]:
        why = self._missing or "it has ended; the next look starts it again"
        return {
            "ready": self._is_up or (self.ready and not self._failed),
            "why": "" if self._is_up else why,
            "next_start": self._again,
            "looks": self._looks,
            "deaths": self._deaths,
        } | self._seats.facts()

    async def confirm(self, watch: Watch, url: str) -> Observation:
        try:
            pages = self._pages.get(watch.retailer)
            if pages is None:
                return _unknown(watch, url, f"no way to read {watch.retailer}'s product pages", self._clock)
            await self._running()
            async with self._gate(pages, url):
                seen = await self._try(watch, url, pages)
        except Unusable as error:
            raise Unreachable(url, str(error), error_class=ErrorClass.REFUSED) from None
        if seen is None:  # told outside the gate: our browser's death is not the site's fault
            raise Unreachable(url, f"the browser failed {_TRIES} times", error_class=ErrorClass.CUT)
        return seen

    async def _try(self, watch: Watch, url: str, pages: ProductPages) -> Observation | None:
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._look(watch, url, pages)
            except Error as error:
                self._deaths += 1
                log.warning("browser_failed", attempt=attempt, reason=first_line(error))
        return None

    async def _look(self, watch: Watch, url: str, pages: ProductPages) -> Observation:
        browser = await self._running()
        look = Look(url=url, sku=watch.sku, probe=pages.probe, recognise_wall=pages.recognise_wall)
        async with self._seats.seat(browser, watch.retailer) as seat:
            sighting = await look_at(seat.tab, look, self._clock)
        self._looks += 1
        return replace(pages.probe.read(sighting, watch.sku, pages.site), product=watch.product)

    async def session(self, retailer: str) -> SessionState:
        """Look at the retailer's account page and say who is signed in.

        Raises:
            Blocked: a challenge.
            Unreachable: no page, or no browser.
        """
        pages = self._pages.get(retailer)
        if pages is None or pages.session is None:
            return SessionState(
                retailer=retailer, signed_in=None, checked_at=self._clock.now(), reason="no sign-in is known"
            )
        url = pages.site.base_url + pages.session.account_path
        try:
            browser = await self._running()
            async with self._gate(pages, url), self._seats.seat(browser, retailer) as seat:
                await open_page(seat.tab, url, pages.recognise_wall, self._clock)
                signed_in, reason = await read_account(seat.tab, pages.session)
        except Unusable as error:
            raise Unreachable(url, str(error), error_class=ErrorClass.CUT) from None
        except Error as error:
            raise Unreachable(url, first_line(error), error_class=ErrorClass.CUT) from None
        return SessionState(
            retailer=retailer, signed_in=signed_in, checked_at=self._clock.now(), reason=reason
        )

    @asynccontextmanager
    async def tab(self, retailer: str) -> AsyncIterator[Tab]:
        """A tab of the retailer's session for one walk: nobody else's while it lasts.

        Raises:
            Unusable: no browser, or it died before the tab was there.
        """
        async with AsyncExitStack() as stack:
            try:
                browser = await self._running()
                seat = await stack.enter_async_context(self._seats.seat(browser, retailer))
            except Error as error:
                raise Unusable(f"the browser gives no tab: {first_line(error)}") from None
            yield seat.tab

    async def state(self, retailer: str) -> str:
        """The session's cookies as they are now, as JSON; as good as a password.

        Raises:
            Unusable: no browser, or it died.
        """
        async with self.tab(retailer) as tab:
            try:
                return json.dumps(await tab.context.storage_state())
            except Error as error:
                raise Unusable(f"the browser failed: {first_line(error)}") from None

    def _gate(self, pages: ProductPages, url: str) -> AbstractAsyncContextManager[None]:
        return nullcontext() if pages.gate is None else pages.gate.visit(url)

    async def _running(self) -> Browser:
        """The browser, started again if it has died.

        Raises:
            Unusable: there is none on this machine, or it does not start.
        """
        async with self._launching:
            if self._browser is not None and self._browser is self._seats.broken:
                await self._end()
            if self._browser is not None and self._is_up:
                return self._browser
            self._seats.forget()
            try:
                self._browser = await self._launched()
            except Unusable as error:
                self._put_off(str(error))
                raise
            self._missing, self._again, self._failed = "", "", 0
            return self._browser

    def _put_off(self, why: str) -> None:
        """A start has failed: say why, and from when on a look is worth another one."""
        wait_s = min(_LATEST_AGAIN_S, _AGAIN_S * 2.0 ** min(self._failed, 40))
        self._missing, self._failed = why, self._failed + 1
        self._again_s = self._clock.monotonic() + wait_s
        self._again = f"{self._clock.now() + timedelta(seconds=wait_s):%H:%M:%S} UTC or later"
        if self._failed == 1:
            log.warning("browser_not_started", reason=why, again_s=wait_s)

    async def _end(self) -> None:
        """Close the browser and what drives it: that one kills a browser that hangs, when it ends itself."""
        browser, self._browser = self._browser, None
        playwright, self._playwright = self._playwright, None
        self._seats.forget()
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(self._start.hung_s):
                if browser is not None:
                    await browser.close()
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(self._start.hung_s):
                if playwright is not None:
                    await playwright.stop()

    async def _launched(self) -> Browser:
        if self._start.size == 0:
            raise Unusable("monitor.background_sessions is 0")
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        return await launch(self._playwright, self._start)


def _unknown(watch: Watch, url: str, reason: str, clock: Clock) -> Observation:
    return Observation(
        product=watch.product,
        availability=Availability.UNKNOWN,
        source=Source.BROWSER,
        observed_at=clock.now(),
        reason=reason,
        evidence=Evidence(url=url, status=0, seen={}),
    )
