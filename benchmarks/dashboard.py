"""The dashboard over 1,000 watches and a year of history: its answers, its first view, a busy stream.

Run ``python benchmarks/dashboard.py [--watches 1000] [--days 365] [--no-browser]``. ``shopwatch serve`` is a
process of its own over a generated folder. Each address is asked 60 times, one after the other, over one
connection: first while nothing happens, then while 50 changes a second are written. The floor is ``/healthz``
of the same run. The browser loads the first view from nothing, then shows the changes as they come.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from playwright.async_api import async_playwright

from dashboard_world import IN, OUT, furnish, observation, paths_in, plan, skus
from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.paths import Paths
from shopwatch.browser.find import find_browser
from shopwatch.domain.stock import Observation
from shopwatch.domain.stock_state import StockState, Transition

ASKED = 60
CHANGES_A_SECOND = 50
GOAL_MS = 50.0
ADDRESSES = (
    "/healthz",
    "/api/watches?limit=100",
    "/api/watches?limit=1000",
    "/api/watches?search=console&sort=price&limit=100",
    "/api/watches/target/{sku}",
    "/api/watches/target/{sku}/history?days=30",
    "/api/watches/target/{sku}/history?days=365",
    "/api/restocks?limit=50",
    "/api/monitor",
    "/api/status",
    "/api/runs/verizon?limit=20",
    "/api/outbox?limit=50",
    "/api/purchases",
    "/api/stores/verizon?limit=100",
    "/api/stores/verizon/points",
    "/api/stores/verizon/changes",
    "/api/stores/near?lat=39.5&lon=-119.8&miles=60",
)
#: Times what a person waits for, and collects long tasks, from the page's first moment.
PROBE = """
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: "longtask", buffered: true });
new MutationObserver((_, self) => {
  if (!document.querySelector("tr[data-key]")) return;
  window.usable = performance.now();
  self.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


@asynccontextmanager
async def served(paths: Paths) -> AsyncIterator[str]:
    words = [*paths.arguments(), "serve", "--no-monitor", "--port", "0"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shopwatch", *words, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            if line.startswith(b"Dashboard:"):
                break
        yield line.decode().split()[-1]
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def changing(core: Core, watches: int) -> AsyncIterator[None]:
    """50 products a second come and go while this is open."""
    task = asyncio.create_task(_change(core, watches))
    try:
        yield
    finally:
        task.cancel()


async def _change(core: Core, watches: int) -> None:
    some, turn = skus(watches), 0
    while True:
        due = asyncio.get_running_loop().time() + 1.0
        now = datetime.now(UTC)
        picked = [some[(turn * CHANGES_A_SECOND + n) % watches] for n in range(CHANGES_A_SECOND)]
        word = IN if (turn * CHANGES_A_SECOND // watches) % 2 == 0 else OUT
        await core.observations.record([observation(sku, word, 4_999 + turn, now) for sku in picked], _decide)
        await plan(core, watches)
        turn += 1
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))


def _decide(before: StockState, seen: Observation) -> Transition | None:
    price = seen.offer.price if seen.offer else None
    at = seen.observed_at
    after = replace(before, availability=seen.availability, price=price, since=at, last_checked=at)
    return Transition(after=after, is_change=True, is_restock=seen.availability.is_buyable)


async def answers(url: str, watches: int) -> dict[str, tuple[float, float, int]]:
    """By address: median and p95 in milliseconds, and the bytes of an answer."""
    found = {}
    async with aiohttp.ClientSession() as session:
        for address in ADDRESSES:
            took: list[float] = []
            size = 0
            for turn in range(ASKED):
                path = address.format(sku=skus(watches)[turn % watches])
                began = time.perf_counter()
                async with session.get(url + path) as response:
                    size = len(await response.read())
                    assert response.status == 200, (path, response.status)
                took.append((time.perf_counter() - began) * 1000)
            took.sort()
            found[address] = took[ASKED // 2], took[int(ASKED * 0.95)], size
    return found


def told(title: str, found: dict[str, tuple[float, float, int]]) -> None:
    print(f"\n{title}, load {os.getloadavg()[0]:.1f}")
    print(f"{'address':<52} {'median':>9} {'p95':>9} {'bytes':>9}")
    for address, (median, p95, size) in found.items():
        verdict = "" if p95 < GOAL_MS else "  over the goal"
        print(f"{address:<52} {median:6.1f} ms {p95:6.1f} ms {size:9,}{verdict}")


async def looked_at(url: str, core: Core, watches: int, seconds: float) -> None:
    found = find_browser(os.environ, Path.home())
    if found.path is None:
        print(f"\nno browser: {found.missing}")
        return
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=found.path, args=["--no-sandbox"])
        usable = []
        for _ in range(5):
            page = await (await chromium.new_context()).new_page()
            await page.add_init_script(PROBE)
            await page.goto(url)
            await page.wait_for_selector("tr[data-key]", timeout=30_000)
            usable.append(await page.evaluate("window.usable"))
            await page.context.close()
        usable.sort()
        print(f"\nfirst view usable: median {usable[2]:.0f} ms, worst of 5 {usable[-1]:.0f} ms (goal 1,000)")
        page = await chromium.new_page()
        await page.add_init_script(PROBE)
        await page.goto(url)
        async with changing(core, watches):
            await page.wait_for_timeout(seconds * 1000)
        tasks = await page.evaluate("window.longTasks")
        print(
            f"{seconds:.0f} s of {CHANGES_A_SECOND} changes a second: {len(tasks)} tasks over 50 ms, "
            f"the longest {max(tasks, default=0):.0f} ms (goal 200)"
        )
        await chromium.close()


async def measure(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as name:
        paths = paths_in(Path(name))
        changes = await furnish(paths, watches=options.watches, days=options.days)
        print(f"{options.watches:,} watches, {changes:,} changes of stock")
        async with served(paths) as url, opened(paths) as core:
            told("nothing happens", await answers(url, options.watches))
            async with changing(core, options.watches):
                told(f"{CHANGES_A_SECOND} changes a second", await answers(url, options.watches))
            if not options.no_browser:
                await looked_at(url, core, options.watches, options.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--watches", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seconds", type=float, default=20.0, help="of changes shown in the browser")
    parser.add_argument("--no-browser", action="store_true")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
