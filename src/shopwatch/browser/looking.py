"""One look at one product page; without it the pool would mix pages with processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.async_api import Error, Response
from playwright.async_api import Page as Tab
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shopwatch.browser.listening import Listener
from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Blocked, ErrorClass, RetailerError, Unreachable
from shopwatch.domain.probe import Element, PageProbe, Sighting
from shopwatch.ports import Clock

_LOOK = (Path(__file__).parent / "look.js").read_text("utf-8")
_PAGE_S = 20.0  #: for the document to come
HUNG_S = 5.0  #: for what a page at rest answers at once; after it, the page's scripts never end
_STOCK_WAIT_S = 2.0  #: for the page's own answer, once its button is usable
_REFUSED = frozenset({401, 403, 412, 418, 429, 435})
_NET_ERRORS = {
    "ERR_NAME_NOT_RESOLVED": ErrorClass.DNS,
    "ERR_CONNECTION_REFUSED": ErrorClass.REFUSED,
    "ERR_TIMED_OUT": ErrorClass.TIME_OUT,
    "ERR_CONNECTION_TIMED_OUT": ErrorClass.TIME_OUT,
}

Recognise = Callable[[Page], None]  #: raises ``Blocked`` for a wall


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a look needs to know: where, of what, and how walls are known."""

    url: str
    sku: str
    probe: PageProbe
    recognise_wall: Recognise | None
    hung_s: float = HUNG_S  #: beyond the probe's own patience: the page's scripts never end
    steady_s: float = 0.2  #: a usable button that is still there after this is no flicker


async def look_at(tab: Tab, look: Look, clock: Clock) -> Sighting:
    """Open the page and wait until it has come to rest.

    Raises:
        Blocked: a challenge, or a refusal.
        Unreachable: no page.
    """
    tells = look.probe.tells_stock
    listener = Listener(
        clock,
        tells_stock=None if tells is None else lambda document: tells(document, look.sku),
        recognise_wall=look.recognise_wall,
    )
    tab.on("response", listener.hear)
    try:
        page = await open_page(tab, look.url, look.recognise_wall, clock, hung_s=look.hung_s)
        seen = await _come_to_rest(tab, look)
        await listener.wait(_STOCK_WAIT_S)
        if listener.wall is not None and not listener.knows_stock:
            raise listener.wall
        return _sighting(page, seen, listener.documents)
    finally:
        tab.remove_listener("response", listener.hear)
        await listener.close()


async def open_page(
    tab: Tab, url: str, recognise_wall: Recognise | None, clock: Clock, *, hung_s: float = HUNG_S
) -> Page:
    """Go there and wait for the document.

    Raises:
        Blocked: a wall, or a refusal.
        Unreachable: no page.
        Error: a page whose scripts never end.
    """
    try:
        response = await tab.goto(url, wait_until="domcontentloaded", timeout=_PAGE_S * 1000)
    except PlaywrightTimeout:
        reason = f"no page within {_PAGE_S:g} s"
        raise Unreachable(url, reason, error_class=ErrorClass.TIME_OUT) from None
    except Error as error:
        if (refused := _network_error(url, error)) is None:
            raise
        raise refused from None
    if response is None:
        raise Unreachable(url, "the browser got no answer", error_class=ErrorClass.CUT)
    async with not_hung(hung_s):  # the page's own process hands it out
        page = await _document(response, url, clock)
    if recognise_wall is not None:
        recognise_wall(page)
    _check_status(page)
    return page


async def _document(response: Response, url: str, clock: Clock) -> Page:
    return Page(
        request=Request(url=url),
        url=response.url,
        status=response.status,
        headers=response.headers,
        body=await response.body(),
        fetched_at=clock.now(),
    )


def _check_status(page: Page) -> None:
    if page.status in _REFUSED:
        raise Blocked(page.url, f"HTTP {page.status}", status=page.status)
    if page.status >= 500:  # noqa: PLR2004 - server errors
        raise Unreachable(page.url, f"HTTP {page.status}")


async def _come_to_rest(tab: Tab, look: Look) -> Mapping[str, Any]:
    probe = look.probe
    wanted = {
        "selectors": {name: css.replace("{sku}", look.sku) for name, css in probe.selectors.items()},
        "ready": probe.ready,
        "button": probe.button,
        "challenge": probe.challenge,
        "steadyMs": look.steady_s * 1000,
        "settleMs": probe.settle_s * 1000,
        "longestMs": probe.longest_s * 1000,
    }
    async with not_hung(probe.longest_s + probe.settle_s + look.hung_s):
        seen = await _evaluate(tab, wanted)
    if seen["challenged"]:
        raise Blocked(look.url, "the page shows a test for humans", challenge=True, status=200)
    return seen


@asynccontextmanager
async def not_hung(longest_s: float) -> AsyncIterator[None]:
    """Of what a page is asked, nothing has a limit of its own."""
    try:
        async with asyncio.timeout(longest_s):
            yield
    except TimeoutError:
        raise Error("the page's own scripts never let anybody look") from None


async def _evaluate(tab: Tab, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """Look; once more if the page went elsewhere by itself meanwhile."""
    try:
        seen: Mapping[str, Any] = await tab.evaluate(_LOOK, wanted)
    except Error as error:
        if "context was destroyed" not in error.message:
            raise
        await tab.wait_for_load_state("domcontentloaded")
        seen = await tab.evaluate(_LOOK, wanted)
    return seen


def _sighting(page: Page, seen: Mapping[str, Any], documents: list[object]) -> Sighting:
    elements = {name: tuple(Element(**one) for one in found) for name, found in seen["elements"].items()}
    return Sighting(
        page=replace(page, url=seen["url"]),
        title=seen["title"],
        elements=elements,
        answers=tuple(documents),
        settled=seen["settled"],
    )


def _network_error(url: str, error: Error) -> RetailerError | None:
    if "net::ERR_" not in error.message:
        return None
    name = error.message.partition("net::")[2].split()[0]
    reason = f"the browser says {name}"
    return Unreachable(url, reason, error_class=_NET_ERRORS.get(name, ErrorClass.CUT))
