"""Walks a checkout in a real tab; without it the page a person would see had no part in a purchase.

Nothing is typed, and nothing is clicked but the buy box, the last button and, to take out what we put in, the
cart's own; "Buy now" never. The site's own page makes the requests; ours in that page only read.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Error, Locator, Request, Response
from playwright.async_api import Page as Tab
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shopwatch.browser.launching import first_line
from shopwatch.browser.looking import Look, look_at
from shopwatch.browser.pool import ProductPages
from shopwatch.domain.cart import Cart, NotSoldWhy, PastOrder, Placement
from shopwatch.domain.checkout_probe import Answered, CheckoutProbe, Reading
from shopwatch.domain.errors import Blocked, HandOver, LayoutChanged, NotSold, Unreachable
from shopwatch.domain.stock import Observation
from shopwatch.domain.watch import Watch
from shopwatch.ports import Clock

T = TypeVar("T")
_CHECKOUT = (Path(__file__).parent / "checkout.js").read_text("utf-8")
#: A read in the page itself, with its cookies; the answer's headers are those the site lets its pages see.
_READ = """async ([url, headers]) => {
  const answer = await fetch(url, {headers, credentials: "include"});
  const body = await answer.text();
  return {status: answer.status, headers: Object.fromEntries(answer.headers), body};
}"""
_PAGE_MS = 20_000.0
_READ_S = 20.0  #: for a read in the page itself
_CLICK_MS = 5_000.0
_ADDED_MS = 8_000.0  #: for the answer to the click; without one the cart is read all the same
_CELL_MS = 3_000.0
_READY_MS = 15_000.0  #: for the checkout page
_PLACED_MS = 45_000.0  #: for the confirmation
_BODY_S = 1.0  #: for the answer's text, once the page has given thanks
_STEADY_S = 0.05  #: another look has just found the button steady; the cart decides anyway
_DIED = "the browser failed"
_CREATED = (200, 201)


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One retailer's way to an order."""

    pages: ProductPages
    probe: CheckoutProbe


class TabCheckouts:
    """``ports.Checkouts`` and ``ports.OrderHistory`` in tabs of the retailer's signed-in session."""

    def __init__(
        self,
        tab: Callable[[str], AbstractAsyncContextManager[Tab]],
        ways: Mapping[str, Way],
        clock: Clock,
        *,
        before_click: Callable[[], None],
    ) -> None:
        self._tab = tab
        self._ways = ways
        self._clock = clock
        self._before_click = before_click  #: raises when nobody may click any more

    @asynccontextmanager
    async def walk(self, retailer: str) -> AsyncIterator[TabCheckout]:
        way = self._ways.get(retailer)
        if way is None:
            raise LayoutChanged(retailer, "no way to buy there is known")
        async with self._tab(retailer) as tab:
            yield TabCheckout(tab, way, self._clock, self._before_click)

    async def orders(self, retailer: str) -> Sequence[PastOrder]:
        way = self._ways.get(retailer)
        if way is None:
            return []
        site, probe = way.pages.site, way.probe
        url = site.base_url + probe.orders_path
        async with self._tab(retailer) as tab:
            await _on(url, tab.goto(url, wait_until="domcontentloaded", timeout=_PAGE_MS))
            if not urlsplit(tab.url).path.startswith(probe.orders_path):
                raise HandOver(tab.url, "the order history asks to sign in")
            return probe.read_orders(await _read(tab, probe.orders_url(site), probe.orders_headers(site)))


class TabCheckout:
    """One walk, in one tab."""

    def __init__(self, tab: Tab, way: Way, clock: Clock, before_click: Callable[[], None]) -> None:
        self._tab = tab
        self._pages = way.pages
        self._probe = way.probe
        self._clock = clock
        self._before_click = before_click
        self._url = ""

    async def look(self, watch: Watch) -> Observation:
        pages = self._pages
        self._url = f"{pages.site.base_url}/p/-/A-{watch.sku}" if watch.url is None else watch.url
        look = Look(
            url=self._url,
            sku=watch.sku,
            probe=pages.probe,
            recognise_wall=pages.recognise_wall,
            steady_s=_STEADY_S,
        )
        sighting = await _on(self._url, look_at(self._tab, look, self._clock))
        return pages.probe.read(sighting, watch.sku, pages.site)

    async def cart(self) -> Cart:
        site = self._pages.site
        answer = await _read(self._tab, self._probe.cart_url(site), {"accept": "application/json"})
        return self._probe.read_cart(answer)

    async def add(self, watch: Watch) -> None:
        try:
            await self._add(watch)
        except NotSold as error:
            # A token for writing goes stale while reading works; one load of the page renews it.
            if error.why != NotSoldWhy.SESSION:
                raise
            await self.look(watch)
            if (await self.cart()).lines:
                return
            await self._add(watch)

    async def check_out(self) -> Cart:
        url = self._pages.site.base_url + self._probe.checkout_path
        await _on(url, self._tab.goto(url, wait_until="domcontentloaded", timeout=_PAGE_MS))
        seen = await _on(url, self._tab.evaluate(_CHECKOUT, self._wanted()))
        self._judge(url, seen["state"])
        cart, _ = await asyncio.gather(self.cart(), self._try_out(url))
        return self._probe.read_total(Reading(**seen["reading"]), cart)

    async def _try_out(self, url: str) -> None:
        """Nothing covers the last button: once its click is written down, it comes at once or not at all."""
        try:
            await _on(url, self._tab.locator(self._probe.place).click(trial=True, timeout=_CLICK_MS))
        except Unreachable as error:
            if _DIED in error.reason:
                raise
            raise LayoutChanged(url, "something covers the last button") from None

    async def take_out(self, watch: Watch) -> None:
        url, probe = self._pages.site.base_url + self._probe.cart_path, self._probe
        await _on(url, self._tab.goto(url, wait_until="domcontentloaded", timeout=_PAGE_MS))
        if [line.sku for line in (await self.cart()).lines] != [watch.sku]:
            return
        self._before_click()
        await _on(url, self._tab.locator(probe.takes_out).click(timeout=_CLICK_MS, no_wait_after=True))
        await _on(url, self._tab.locator(probe.emptied).wait_for(timeout=_CLICK_MS))

    async def place(self) -> Placement:
        heard: list[Response] = []
        bodies: list[asyncio.Task[Answered | None]] = []

        def hear(response: Response) -> None:
            if self._is_post(response.request, self._probe.place_path):
                heard.append(response)
                bodies.append(asyncio.ensure_future(_perhaps(response)))  # at once: the page will move on

        self._tab.on("response", hear)
        try:
            # Tried out already: it comes at once, not after a stop that somebody sets while it waits.
            await self._tab.locator(self._probe.place).click(
                force=True, timeout=_CLICK_MS, no_wait_after=True
            )
            await self._tab.wait_for_function(
                "([path, words]) => location.pathname.startsWith(path)"
                " && new RegExp(words, 'i').test(document.body.innerText)",
                arg=[self._probe.placed_path, self._probe.placed_words],
                timeout=_PLACED_MS,
            )
        except Error as error:
            return Placement(confirmed=False, shown=self._unclear(heard, error))
        return self._confirmed(heard, await _in_time(bodies))

    async def _add(self, watch: Watch) -> None:
        probe, tab = self._probe, self._tab
        scope = tab.locator(probe.scope).first
        await self._choose_shipping()
        button = scope.locator(probe.button.replace("{sku}", watch.sku))
        word = await _on(self._url, button.get_attribute("data-test", timeout=_CLICK_MS))
        if says := probe.not_to_order.get(word or ""):
            raise NotSold(self._url, says, why=NotSoldWhy.SOLD_OUT)
        self._before_click()
        try:
            async with tab.expect_event(
                "response",
                lambda response: self._is_post(response.request, probe.add_path),
                timeout=_ADDED_MS,
            ) as waited:
                await self._click(button)
            answer = await _answered(await waited.value)
        except PlaywrightTimeout:
            return  # no answer: the cart will tell
        except Error as error:
            raise Unreachable(self._url, f"{_DIED}: {first_line(error)}") from None
        if (refused := probe.not_added(answer)) is not None:
            raise refused
        await self._decline_offers()

    async def _click(self, button: Locator) -> None:
        try:
            await button.click(timeout=_CLICK_MS, no_wait_after=True)
        except PlaywrightTimeout:
            raise LayoutChanged(self._url, "something covers the button") from None

    async def _choose_shipping(self) -> None:
        """A cell that is there must say that it is chosen; a box without cells has only one way."""
        tab, probe = self._tab, self._probe
        try:
            if not await tab.locator(probe.ships).count() or await tab.locator(probe.ships_chosen).count():
                return
            self._before_click()
            await tab.locator(probe.scope).first.locator(probe.ships).click(timeout=_CLICK_MS)
            await tab.locator(probe.ships_chosen).wait_for(timeout=_CELL_MS)
        except PlaywrightTimeout:
            raise LayoutChanged(self._url, "shipping cannot be chosen") from None
        except Error as error:
            raise Unreachable(self._url, f"{_DIED}: {first_line(error)}") from None

    async def _decline_offers(self) -> None:
        """An insurance nobody asked for."""
        offer = self._tab.locator(self._probe.declines)
        if await _on(self._url, offer.count()):
            self._before_click()
            await _on(self._url, offer.first.click(timeout=_CLICK_MS, no_wait_after=True))

    def _judge(self, url: str, state: str) -> None:
        if state == "ready":
            return
        if urlsplit(self._tab.url).path.startswith("/login"):
            raise HandOver(url, "the checkout asks to sign in")
        if state.startswith("person:"):
            raise HandOver(url, f"the checkout asks for {state.partition(':')[2]}".replace("for to ", "to "))
        if state == "busy":
            raise NotSold(url, "the checkout is overrun (high demand)", why=NotSoldWhy.THROTTLED)
        if state == "gone":
            raise NotSold(url, "the checkout says it is no longer available", why=NotSoldWhy.SOLD_OUT)
        if state == "step":
            raise HandOver(url, "a step of the checkout is open: save an address and a card as default")
        raise LayoutChanged(url, f"the checkout page is not ready ({state})")

    def _unclear(self, heard: Sequence[Response], error: Error) -> str:
        told = f"HTTP {heard[0].status}" if heard else "no answer"
        path = "no page" if self._tab.is_closed() else urlsplit(self._tab.url).path
        return f"{path}, {told}, {type(error).__name__}"

    def _confirmed(self, heard: Sequence[Response], answers: Sequence[Answered | None]) -> Placement:
        path = urlsplit(self._tab.url).path
        if not heard or heard[0].status not in _CREATED:
            told = f"HTTP {heard[0].status}" if heard else "no answer was heard"
            return Placement(confirmed=False, shown=f"{path} gives thanks, but {told}")
        # Without its body (the page has moved on) the number is left to the order history.
        number = self._probe.order_number(answers[0].body) if answers and answers[0] else None
        return Placement(confirmed=True, shown=path, order_number=number)

    def _wanted(self) -> dict[str, Any]:
        probe = self._probe
        return {
            "handOver": dict(probe.hand_over),
            "handOverWords": probe.hand_over_words,
            "busyWords": probe.busy_words,
            "goneWords": probe.gone_words,
            "brokenWords": probe.broken_words,
            "loading": probe.loading,
            "stepOpen": probe.step_open,
            "place": probe.place,
            "total": probe.total,
            "shipTo": probe.ship_to,
            "card": probe.card,
            "longestMs": _READY_MS,
        }

    @staticmethod
    def _is_post(request: Request, path: str) -> bool:
        return request.method == "POST" and urlsplit(request.url).path.endswith(path)


async def _read(tab: Tab, url: str, headers: Mapping[str, str]) -> Answered:
    try:
        async with asyncio.timeout(_READ_S):  # evaluate has no limit of its own
            seen = await tab.evaluate(_READ, [url, dict(headers)])
    except TimeoutError:
        raise Unreachable(url, "no answer in time") from None
    except Error as error:
        raise Unreachable(url, f"the page could not read it: {first_line(error)}") from None
    return Answered(url=url, status=seen["status"], headers=seen["headers"], body=_json(seen["body"]))


async def _answered(response: Response) -> Answered:
    text = await response.text()
    return Answered(url=response.url, status=response.status, headers=response.headers, body=_json(text))


async def _perhaps(response: Response) -> Answered | None:
    try:
        return await _answered(response)
    except Error:  # the page has moved on and taken its answers with it
        return None


async def _in_time(bodies: Sequence[asyncio.Task[Answered | None]]) -> list[Answered | None]:
    done, _ = await asyncio.wait(bodies, timeout=_BODY_S) if bodies else (set(), set())
    return [body.result() if body in done else None for body in bodies]


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


async def _on(url: str, step: Awaitable[T]) -> T:
    """A step in the tab; the browser's own errors are the site's or the browser's, never ours."""
    try:
        return await step
    except PlaywrightTimeout:
        raise Unreachable(url, "the page did not come in time") from None
    except Error as error:
        if "ERR_BLOCKED" in error.message:
            raise Blocked(url, first_line(error)) from None
        raise Unreachable(url, f"{_DIED}: {first_line(error)}") from None
