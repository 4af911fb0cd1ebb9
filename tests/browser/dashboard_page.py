"""The whole dashboard for a real browser: served with a supervisor, over the simulator."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
    expect,
)
from tests.browser.chromium import FOUND
from tests.web.watching import IN, OUT, record

from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.paths import Paths
from shopwatch.cli.simulate import write_configuration
from shopwatch.web.serving import Interrupted, Served, Wish, serve

SKUS = [f"2000000{number}" for number in range(1, 9)]
PATIENCE_MS = 60_000  #: a busy machine is no fault of the page
expect.set_options(timeout=PATIENCE_MS)
#: What is shown for a few seconds stays ten times as long: the test may be slower than a person.
PATIENT_PAGE = """const soon = window.setTimeout;
window.setTimeout = (work, ms = 0, ...more) => soon(work, ms < 6000 ? ms : ms * 10, ...more);"""
#: What is left looks like what comes until the page has noticed; and a toast may cover a button.
LEAVING = """document.querySelector(".view")?.setAttribute("data-left", "");
document.getElementById("toasts")?.replaceChildren();"""


@dataclass
class Watched:
    """A page, and everything the browser complained about."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    #: Answers a test asks for, such as a refused save: the browser writes each to its console.
    expected: tuple[str, ...] = ()

    async def open(self, view: str) -> None:
        """Go there, see all of it, and hear what happens from now on."""
        address, (name, _, _) = f"{self.url}/#/{view}", view.partition("/")
        if self.page.url != address:
            await self.page.evaluate(LEAVING)
            await self.page.goto(address)
        await expect(self.page.locator(f".view-{name}:not([data-left]) h1")).to_be_visible()
        await expect(self.page.locator(".view .loading")).to_have_count(0)
        await expect(self.page.locator("#age")).to_have_attribute("data-state", "live")

    async def says(self, text: str, *, kind: str = "good") -> None:
        """See a toast with this, whatever else is told at the time."""
        toast = self.page.locator(f".toast[data-kind={kind}]", has_text=re.compile(re.escape(text)))
        await expect(toast.first).to_be_visible()

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Refusals with these statuses are wanted here."""
        self.expected = tuple(f"status of {status}" for status in statuses)
        yield
        self.expected = ()

    def heard(self, message: ConsoleMessage) -> None:
        wanted = any(one in message.text for one in self.expected)
        if message.type in ("error", "warning") and not wanted:
            self.complaints.append(f"{message.type}: {message.text}")

    def failed(self, request: Request) -> None:
        # A live stream is cut when its page goes; so is whatever a left view was still asking.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"{request.url}: {request.failure}")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = await playwright.chromium.launch(executable_path=FOUND.path, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def watched_page(
    browser: Browser, url: str, *, theme: str = "light", width: int = 1300
) -> AsyncIterator[Watched]:
    """A page of a person of its own, that fails its test if the browser complained."""
    context = await browser.new_context(
        viewport={"width": width, "height": 860},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    try:
        async with page_of(context, url) as watched:
            yield watched
    finally:
        await context.close()


@asynccontextmanager
async def page_of(context: BrowserContext, url: str) -> AsyncIterator[Watched]:
    """The same among other pages: it finds in the cache what they loaded."""
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.add_init_script(PATIENT_PAGE)
    watched = Watched(page, url)
    page.on("console", watched.heard)
    page.on("pageerror", lambda error: watched.complaints.append(f"page error: {error}"))
    page.on("requestfailed", watched.failed)
    try:
        yield watched
    finally:
        await page.close()
    assert watched.complaints == [], watched.complaints


@asynccontextmanager
async def whole_dashboard(folder: Path, origins: dict[str, str]) -> AsyncIterator[tuple[str, Core]]:
    """``shopwatch serve`` without a monitor, with eight products that have a history."""
    paths = Paths(config_dir=folder / "config", data_dir=folder / "data")
    products = {
        sku: {"name": f"Product {sku[-1]}", "tags": ["games" if int(sku) % 2 else "gifts"]} for sku in SKUS
    }
    paths.config_dir.mkdir()
    no_browser = {"monitor": {"background_sessions": 0}}  # a second one, looking at eight pages
    write_configuration(
        paths.config_dir, origins, products=products, delays_s=(0.02, 0.05), sections=no_browser
    )
    stop = Interrupted()
    answering: asyncio.Future[tuple[Served, Core]] = asyncio.get_running_loop().create_future()
    wish = Wish(host="127.0.0.1", port=0, monitor=False, end_children=True)
    task = asyncio.create_task(
        serve(paths, wish, stop=stop, ready=lambda served, core: answering.set_result((served, core)))
    )
    try:
        either: list[asyncio.Future[Any]] = [task, answering]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        served, core = answering.result()
        await _history(core)
        yield served.url, core
    finally:
        stop.set()
        await task


async def _history(core: Core) -> None:
    now = datetime.now(UTC)
    for number, sku in enumerate(SKUS[:6]):
        for hours, availability in ((60, OUT), (40, IN), (30, OUT), (2, IN if number < 3 else OUT)):
            await record(core, sku, availability, dollars=20.0 + hours, at=now - timedelta(hours=hours))
