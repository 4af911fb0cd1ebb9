"""The dashboard's process dies with SIGKILL while crawl and monitor work: they go on, the page comes back."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest
from playwright.async_api import Page, expect
from tests.browser.chromium import needs_browser
from tests.browser.dashboard_page import SKUS, chromium
from tests.simulator_fixture import simulator_process

from shopwatch.bootstrap.paths import Paths
from shopwatch.bootstrap.simulated import write_configuration

pytestmark = [*needs_browser, pytest.mark.timeout(180)]
PATIENCE_S = 60
PATIENCE_MS = PATIENCE_S * 1000


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def alive(process: psutil.Process) -> bool:
    """Not merely remembered: an orphan that ended is kept until init has asked for it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@asynccontextmanager
async def dashboard(paths: Paths, port: int) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """``shopwatch serve`` as its own process, until it is killed or this ends."""
    words = [*paths.arguments(), "serve", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shopwatch", *words, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            async for line in process.stdout:
                if line.startswith(b"Dashboard:"):
                    break
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)  # a person's Ctrl-C ends the children too
        await process.wait()


async def asked(url: str, path: str) -> dict[str, object]:
    async with aiohttp.ClientSession() as session, session.get(url + path) as response:
        document: dict[str, object] = await response.json()
        return document


async def until_more(url: str, run: str, than: int) -> int:
    """Wait until the run has made more requests."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            document = await asked(url, f"/api/runs/verizon/{run}")
            stats = document["stats"]
            assert isinstance(stats, dict)
            if stats["requests_made"] > than:
                return int(stats["requests_made"])
            await asyncio.sleep(0.2)


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    """A slow crawl's worth of configuration over the simulator."""
    paths = Paths(config_dir=tmp_path / "config", data_dir=tmp_path / "data")
    paths.config_dir.mkdir()
    with simulator_process(products=20) as origins:
        products: dict[str, dict[str, object]] = {sku: {} for sku in SKUS}
        write_configuration(paths.config_dir, origins, products=products, delays_s=(0.3, 0.4))
        yield paths


async def crawl_started(page: Page, url: str) -> tuple[str, int]:
    """Press the button; the run's id and how many requests it has made."""
    await page.goto(f"{url}/#/stores")
    card = page.locator('article[aria-label="Verizon"]')
    await card.get_by_role("button", name="Start Verizon").click()
    await expect(card.locator('.badge[data-state="running"]')).to_be_visible(timeout=PATIENCE_MS)
    run = str((await asked(url, "/api/status/verizon"))["current_run"])
    return run, await until_more(url, run, 3)


@pytest.mark.slow
async def test_a_killed_dashboard_loses_nothing_and_the_page_comes_back_by_itself(paths: Paths) -> None:
    port = free_port()
    async with chromium() as browser:
        page = await (await browser.new_context()).new_page()
        page.set_default_timeout(PATIENCE_MS)
        age, card = page.locator("#age"), page.locator('article[aria-label="Verizon"]')
        async with dashboard(paths, port) as (url, process):
            run, before = await crawl_started(page, url)
            children = psutil.Process(process.pid).children()
            assert len(children) == 2
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
        await expect(age).to_have_attribute("data-state", "old", timeout=PATIENCE_MS)
        assert all(alive(child) for child in children)
        async with dashboard(paths, port) as (url, _):
            await expect(age).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
            await expect(page.locator("#banner")).to_be_hidden(timeout=PATIENCE_MS)
            watching = re.compile("watching 8 · 1 crawl")
            await expect(page.locator("#activity")).to_have_text(watching, timeout=PATIENCE_MS)
            status = await asked(url, "/api/status/verizon")
            assert (status["current_run"], status["status"]) == (run, "running")
            await until_more(url, run, before)
            assert all(alive(child) for child in children)
            await card.get_by_role("button", name="Stop Verizon").click()
            await expect(card.locator('.badge[data-state="stopped"]')).to_be_visible(timeout=PATIENCE_MS)
    assert not any(alive(child) for child in children)
