"""Pictures of the dashboard for README and docs, taken from a running demo: ``make screenshots``.

They are taken anew from what the program shows, so they stay true. ``--all`` takes every view in both themes
and at phone width into a folder for looking at, not for keeping.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from shopwatch.browser.find import find_browser

IMAGES = Path(__file__).parent.parent / "docs" / "images"
DEMO_S = 600.0
CONTENT_MS = 60_000  #: the demo works at the same time, so answers may take a while
SETTLE_MS = 1_500  #: charts are drawn, pictures have come, toasts are read
#: What a view shows once its answers are here, by the first word of its address.
CONTENT = {
    "stock": "tr[data-key] .price-cell",
    "product": "dl.facts dd >> nth=0",
    "stores": "article.retailer .phase .bar >> nth=5",
    "run": "td.progress .bar >> nth=0",
    "purchases": "tbody tr >> nth=0",
    "logs": ".log .line >> nth=3",
    "settings": "section[role=tabpanel] :is(.settings, .empty)",
    "health": ".halves tbody tr >> nth=2",
}
PHONE, DESK = 390, 1280


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: a view, and how it is looked at."""

    name: str
    view: str
    theme: str = "light"
    width: int = DESK
    height: int = 800


KEPT = (
    Shot("stock", "stock"),
    Shot("stock-dark-phone", "stock", "dark", PHONE, 844),
    Shot("product", "product", "dark", height=1000),
    Shot("stores", "stores", height=900),
    Shot("run", "run"),
    Shot("purchases", "purchases"),
    Shot("settings", "settings/safety", "dark"),
    Shot("health", "health"),
)
VIEWS = (
    "stock", "product", "stores", "run", "purchases", "logs", "settings", "settings/safety",
    "settings/alerts", "settings/dashboard", "settings/crawling", "settings/files",
    "settings/backups", "health",
)  # fmt: skip
EVERY = tuple(
    Shot(f"{view.replace('/', '-')}-{theme}-{width}", view, theme, width, 900)
    for view in VIEWS
    for theme, width in (("light", DESK), ("dark", DESK), ("dark", PHONE))
)


@asynccontextmanager
async def demo(busy_s: float) -> AsyncIterator[str]:
    """A demo that has been busy for a while; its address."""
    words = ["-m", "shopwatch", "demo", "--port", "0", "--seconds", str(busy_s + DEMO_S)]
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(120):
            line = await process.stdout.readline() if process.stdout else b""
        url = line.decode().split()[-1]
        print(f"{url}: pictures in {busy_s:.0f} s, when something has happened")
        await asyncio.sleep(busy_s)
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def take(browser: Browser, url: str, shot: Shot, folder: Path) -> None:
    context = await browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    page.on("console", complained)
    await page.goto(f"{url}/#/{await address(page, url, shot.view)}")
    await page.wait_for_selector(f"main {CONTENT[shot.view.partition('/')[0]]}", timeout=CONTENT_MS)
    await page.locator(".view .loading").first.wait_for(state="detached", timeout=CONTENT_MS)
    await page.wait_for_timeout(SETTLE_MS)
    await page.evaluate("document.getElementById('toasts').replaceChildren()")
    await page.screenshot(path=folder / f"{shot.name}.png")
    await context.close()


def complained(said: ConsoleMessage) -> None:
    if said.type in ("error", "warning"):
        print(said.text)


async def address(page: Page, url: str, view: str) -> str:
    """The view's address; of a product that came back often, of a run that is the last."""
    if view == "product":
        answer = await page.request.get(f"{url}/api/restocks?limit=100")
        skus = [(one["retailer"], one["sku"]) for one in (await answer.json())["restocks"]]
        retailer, sku = max(skus, key=skus.count)
        return f"product/{retailer}/{sku}"
    if view == "run":
        answer = await page.request.get(f"{url}/api/status/verizon")
        status = await answer.json()
        return f"run/verizon/{status['current_run'] or status['last_run']}"
    return view


async def run(options: argparse.Namespace) -> None:
    found = find_browser(os.environ, Path.home())
    if found.path is None:
        sys.exit(f"no browser: {found.missing}")
    folder = Path(options.folder)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with demo(options.busy) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found.path, args=["--no-sandbox"])
        for shot in EVERY if options.all else KEPT:
            await take(browser, url, shot, folder)
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", default=str(IMAGES))
    parser.add_argument(
        "--busy", type=float, default=90.0, help="seconds the demo runs before the first picture"
    )
    parser.add_argument("--all", action="store_true", help="every view, both themes, phone width")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
