"""The product pages of Walmart and Best Buy come alive in a real browser, and their consoles stay clean."""

from __future__ import annotations

import pytest
from playwright.async_api import Page
from tests.simulator_fixture import Simulator

SKU = "20000001"
WALMART = '[data-automation-id="atc"]'
#: site -> path of the page, word for in stock, the button, what it says once pressed
SHOPS = {
    "walmart": (f"/ip/{SKU}", "IN_STOCK", WALMART, "Added"),
    "bestbuy": (f"/site/{SKU}.p", "Available", f'.add-to-cart-button[data-sku-id="{SKU}"]', "Added to cart"),
}


@pytest.mark.parametrize("site", SHOPS)
@pytest.mark.parametrize("mode", ["normal", "slow"])
async def test_the_button_comes_and_can_be_pressed(
    simulator: Simulator, page: Page, site: str, mode: str
) -> None:
    path, ship, button, after = SHOPS[site]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await simulator.put(SKU, site=site, ship=ship, page=mode, hydrate_ms=50)
    await page.goto(simulator.origins[site] + path)
    await page.click(button)
    assert await page.inner_text(button) == after
    assert said == []


async def test_a_skeleton_stays_one(simulator: Simulator, page: Page) -> None:
    await simulator.put(SKU, site="walmart", ship="IN_STOCK", page="skeleton")
    await page.goto(f"{simulator.origins['walmart']}/ip/{SKU}", wait_until="networkidle")
    assert await page.locator(WALMART).count() == 0
    assert await page.locator('[data-testid="add-to-cart-skeleton"]').count() == 1


async def test_in_a_drop_the_browser_lands_in_the_waiting_room(simulator: Simulator, page: Page) -> None:
    await simulator.put(SKU, site="walmart", ship="IN_STOCK", page="queue")
    await page.goto(f"{simulator.origins['walmart']}/ip/{SKU}")
    assert "/qp?qpdata=" in page.url
    assert await page.locator('[data-testid="queue-banner"]').is_visible()
