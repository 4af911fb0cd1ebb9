"""The product page works in a real browser: it asks for its stock, comes alive late, and fills the cart."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page
from tests.simulator_fixture import Simulator

SKU = "20000001"
MAIN = f'[data-test="@web/AddToCart/FulfillmentSection"] #addToCartButtonOrTextIdFor{SKU}'
DRAWER = '[data-test="modal-drawer-heading"]'


async def opened(simulator: Simulator, page: Page, /, **changes: Any) -> list[str]:
    """Open the product's page; gives what its console said."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await simulator.put(SKU, **changes)
    await page.goto(f"{simulator.origins['target']}/p/-/A-{SKU}")
    return said


async def test_the_page_asks_for_its_own_stock_and_a_listener_hears_it(
    simulator: Simulator, page: Page
) -> None:
    async with page.expect_response("**/product_fulfillment_and_variation_hierarchy_v1?*") as heard:
        said = await opened(simulator, page, ship="IN_STOCK")
    body = await (await heard.value).json()
    assert body["data"]["product"]["fulfillment"]["shipping_options"]["availability_status"] == "IN_STOCK"
    assert said == []


async def test_shipping_is_chosen_and_put_into_the_cart(simulator: Simulator, page: Page) -> None:
    await opened(simulator, page, ship="IN_STOCK", pickup="IN_STOCK")
    await page.click('[data-test="fulfillment-cell-shipping"]')
    assert await page.get_attribute(MAIN, "data-test") == "shippingButton"
    await page.click(MAIN)
    await page.wait_for_selector(DRAWER)
    assert await page.inner_text(DRAWER) == "Added to cart"
    await page.reload()
    await page.wait_for_selector('[data-test="@web/CartLink"][aria-label="cart 1 items"]')


async def test_sold_out_meanwhile_is_told_after_the_click(simulator: Simulator, page: Page) -> None:
    await opened(simulator, page, ship="IN_STOCK")
    await simulator.put(SKU, ship="OUT_OF_STOCK")
    await page.click(MAIN)
    await page.wait_for_selector('[data-test="errorContent"]')
    assert await page.inner_text(DRAWER) == "Item not added to cart"


@pytest.mark.parametrize("mode", ["slow", "cdui"])
async def test_a_hollow_page_comes_alive(simulator: Simulator, page: Page, mode: str) -> None:
    said = await opened(simulator, page, ship="IN_STOCK", page=mode, hydrate_ms=50)
    await page.wait_for_selector(MAIN)
    assert await page.is_enabled(MAIN)
    assert said == []


async def test_consent_can_be_given(simulator: Simulator, page: Page) -> None:
    await opened(simulator, page, ship="IN_STOCK", page="consent")
    await page.click('[data-test="healthFlagModalAcceptButton"]')
    await page.click(MAIN)
    await page.wait_for_selector(DRAWER)
