"""A person buys one product at the simulated Target in a real browser, from login to order history."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest_asyncio
from playwright.async_api import Page
from tests.simulator_fixture import Simulator
from tests.target_shopper import CODE, PASSWORD, SKU, USER

BUTTON = '[data-test="placeOrderButton"]'


class Person:
    """Somebody before the browser; notes what its console says."""

    def __init__(self, simulator: Simulator, page: Page) -> None:
        self.simulator = simulator
        self.page = page
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    async def open(self, path: str) -> None:
        await self.page.goto(self.simulator.origins["target"] + path)

    async def sign_in(self) -> None:
        await self.open("/login?redirect_uri=/account")
        await self.page.fill("#username", USER)
        await self.page.click('[data-step="username"] button[type="submit"]')
        await self.page.click('#password[role="button"]')
        await self.page.fill('input#password[type="password"]', PASSWORD)
        await self.page.click("#login")

    async def skip_offer(self) -> None:
        await self.page.click("#skip")
        await self.page.wait_for_url("**/account")

    async def add(self) -> None:
        await self.open(f"/p/-/A-{SKU}")
        await self.page.click(
            f'[data-test="@web/AddToCart/FulfillmentSection"] #addToCartButtonOrTextIdFor{SKU}'
        )
        await self.page.wait_for_selector('[data-test="modal-drawer-heading"] >> text="Added to cart"')

    async def to_checkout(self) -> None:
        await self.add()
        await self.open("/checkout")

    async def settings(self, **settings: Any) -> None:
        await self.simulator.tell("PUT", "/checkout", settings)

    async def orders(self) -> list[Any]:
        return list((await self.simulator.tell("GET", "/orders"))["orders"])


@pytest_asyncio.fixture(loop_scope="session")
async def person(simulator: Simulator, page: Page) -> Person:
    await simulator.put(SKU, ship="IN_STOCK", price=27.99, limit=2, title="Water Bottle")
    return Person(simulator, page)


async def test_one_product_is_bought_from_start_to_end(person: Person) -> None:
    page = person.page
    await person.sign_in()
    await person.skip_offer()
    await person.add()
    await page.click('[data-test="@web/AddToCart/Drawer"] a')
    assert await page.inner_text('[data-test="cartItem-title"]') == "Water Bottle"
    await page.click('[data-test="checkout-button"]')
    await page.wait_for_url("**/checkout")
    assert await page.inner_text('[data-test="cart-summary-total"] p') == "$37.00"
    await page.click(BUTTON)
    await page.wait_for_url("**/order-confirmation?orderId=*")
    assert await page.inner_text("h1") == "Thanks for your order!"
    (order,) = await person.orders()
    assert (order["sku"], order["quantity"], order["total_cents"]) == (SKU, 1, 3700)
    await page.click('[data-test="order-details-link"]')
    await page.click('[data-test="order-details-link"]')
    await page.wait_for_url(f"**/orders/{order['order_number']}")
    assert await page.get_attribute('[data-test="order-line"]', "data-tcin") == SKU
    assert person.said == []


async def test_a_code_is_asked_for_and_the_page_says_what_was_wrong(person: Person) -> None:
    page = person.page
    await person.settings(login="code")
    await person.sign_in()
    await page.fill('input[name="code"]', "000000")
    await page.click('[data-step="code"] button')
    await page.wait_for_selector('[role="alert"] >> text=incorrect')
    await page.fill('input[name="code"]', CODE)
    await page.click('[data-step="code"] button')
    await person.skip_offer()
    assert await page.inner_text('[data-test="@web/AccountLink"]') == "Hi, Jane"


async def test_a_line_is_taken_out_of_the_cart(person: Person) -> None:
    await person.add()
    await person.open("/cart")
    await person.page.click('[data-test="cartItem-deleteBtn"]')
    await person.page.wait_for_selector('[data-test="boxEmptyMsg"]')


@pytest_asyncio.fixture(loop_scope="session")
async def buyer(person: Person) -> Person:
    """Somebody signed in, with the product in the cart, before the checkout page."""
    await person.sign_in()
    await person.skip_offer()
    await person.to_checkout()
    return person


async def test_an_open_step_is_closed_by_its_button(buyer: Person) -> None:
    await buyer.settings(state="step-shipping")
    await buyer.page.reload()
    assert await buyer.page.is_disabled(BUTTON)
    await buyer.page.click('[data-test="save_and_continue_button_step_SHIPPING"]')
    await buyer.page.wait_for_selector('[data-test="edit-shipping-button"]')
    assert await buyer.page.is_enabled(BUTTON)


async def test_a_security_code_is_asked_for_after_the_click(buyer: Person) -> None:
    await buyer.settings(state="cvv-after-click")
    await buyer.page.reload()
    await buyer.page.click(BUTTON)
    await buyer.page.wait_for_selector("#enter-cvv")
    assert await buyer.orders() == []
    await buyer.page.fill("#enter-cvv", "123")
    await buyer.page.click('[data-test="confirm-button"]')
    await buyer.page.wait_for_url("**/order-confirmation?*")
    assert len(await buyer.orders()) == 1


async def test_a_dialog_can_be_closed_and_comes_back_with_the_refusal(buyer: Person) -> None:
    await buyer.settings(state="high-demand")
    await buyer.page.reload()
    await buyer.page.click('[role="dialog"] >> text=Ok')
    await buyer.page.click(BUTTON)
    await buyer.page.wait_for_selector('[role="dialog"] >> text=High-demand item in your cart.')
    assert await buyer.orders() == []


async def test_a_failed_order_says_so(buyer: Person) -> None:
    await buyer.settings(confirmation="fail")
    await buyer.page.click(BUTTON)
    await buyer.page.wait_for_selector('[role="dialog"] >> text=We couldn\'t complete your order')


async def test_an_order_can_be_placed_while_the_page_never_leaves(buyer: Person) -> None:
    await buyer.settings(confirmation="never")
    await buyer.page.reload()
    async with buyer.page.expect_response("**/web_checkouts/v1/checkout?*") as answered:
        await buyer.page.click(BUTTON)
    assert (await answered.value).status == 201
    await buyer.page.wait_for_selector('#cartLoading[data-visible="false"]', state="attached")
    assert await buyer.page.is_enabled(BUTTON)
    assert buyer.page.url.endswith("/checkout")
    assert len(await buyer.orders()) == 1


async def test_an_order_can_be_placed_while_the_page_waits_for_ever(buyer: Person) -> None:
    await buyer.settings(confirmation="hang")
    await buyer.page.click(BUTTON)
    await buyer.page.wait_for_selector('#cartLoading[data-visible="true"]')
    async with asyncio.timeout(60):  # for the order to be booked: nothing on the page will tell
        while not await buyer.orders():
            pass
    assert len(await buyer.orders()) == 1
    assert buyer.page.url.endswith("/checkout")
