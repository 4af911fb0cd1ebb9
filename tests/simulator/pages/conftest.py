"""One Chromium for all tests of the simulator's pages: starting it costs more than any of them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, BrowserType, Page, async_playwright
from tests.simulator_fixture import Simulator

from shopwatch.browser.find import find_browser

HERE = Path(__file__).parent
FOUND = find_browser(os.environ, Path.home())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They live in one loop, as their browser does."""
    missing = pytest.mark.skipif(FOUND.path is None, reason=FOUND.missing or "no browser")
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.browser)
            item.add_marker(missing)


class OneBrowser:
    """Started when it is wanted, and again if another test of this process has killed it."""

    def __init__(self, chromium: BrowserType) -> None:
        self._chromium = chromium
        self._browser: Browser | None = None

    async def context(self) -> BrowserContext:
        if self._browser is None or not self._browser.is_connected():
            self._browser = await self._chromium.launch(executable_path=FOUND.path, args=["--no-sandbox"])
        return await self._browser.new_context()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[OneBrowser]:
    async with async_playwright() as playwright:
        yield OneBrowser(playwright.chromium)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: OneBrowser) -> AsyncIterator[Page]:
    """A tab of a browser that has never been anywhere."""
    context = await browser.context()
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def simulator(simulator_origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(simulator_origins, session)
        await simulator.tell("POST", "/reset", {"stores": False})
        yield simulator
