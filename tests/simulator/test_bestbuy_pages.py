"""Best Buy's product pages: the button of that very SKU says what one can truly do."""

from __future__ import annotations

from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from tests.paths import RECORDINGS, needs_recordings
from tests.simulator_fixture import Answer, Simulator

SKU, OTHER = "6411488", "6439402"
BUTTON = f'.fulfillment-add-to-cart-button button.add-to-cart-button[data-sku-id="{SKU}"]'


async def page(simulator: Simulator, **changes: Any) -> Answer:
    await simulator.put(SKU, site="bestbuy", **changes)
    return await simulator.get(f"bestbuy:/site/any-name/{SKU}.p?skuId={SKU}")


def button_of(answer: Answer) -> LexborNode:
    button = LexborHTMLParser(answer.text).css_first(BUTTON)
    assert button is not None
    return button


@pytest.mark.parametrize(
    ("changes", "state", "text", "disabled"),
    [
        ({"ship": "Available"}, "ADD_TO_CART", "Add to Cart", False),
        ({"ship": "BackOrder"}, "ADD_TO_CART", "Add to Cart", False),
        ({"ship": "PreOrder"}, "PRE_ORDER", "Pre-Order", False),
        ({"ship": "ComingSoon"}, "COMING_SOON", "Coming Soon", True),
        ({"ship": "SoldOut"}, "SOLD_OUT", "Sold Out", True),
        ({"ship": "SoldOut", "pickup": "Available"}, "CHECK_STORES", "Find a Store", False),
        ({"ship": "Available", "button": "disabled"}, "SOLD_OUT", "Sold Out", True),
        ({"ship": "SoldOut", "button": "enabled"}, "ADD_TO_CART", "Add to Cart", False),
    ],
)
async def test_the_button_carries_its_state(
    simulator: Simulator, changes: dict[str, str], state: str, text: str, disabled: bool
) -> None:
    answer = await page(simulator, **changes)
    button = button_of(answer)
    assert (button.attributes["data-button-state"], button.text()) == (state, text)
    assert ("disabled" in button.attributes) is disabled
    assert f'"buttonState":"{state}"' in answer.text


async def test_the_page_of_2021_has_words_only_and_a_script_that_misleads(simulator: Simulator) -> None:
    answer = await page(simulator, ship="Available", page="2021")
    button = button_of(answer)
    assert "data-button-state" not in button.attributes
    assert button.text() == "Add to Cart"
    assert '"buttonState":"CHECK_STORES"' in answer.text


async def test_without_stock_there_are_buttons_of_others(simulator: Simulator) -> None:
    answer = await page(simulator, ship="SoldOut", decoys=3)
    states = [node.attributes["data-button-state"] for node in LexborHTMLParser(answer.text).css("button")]
    assert states == ["SOLD_OUT", "ADD_TO_CART", "ADD_TO_CART", "ADD_TO_CART"]


@pytest.mark.parametrize("mode", ["slow", "skeleton"])
async def test_a_hollow_page_has_no_button_yet(simulator: Simulator, mode: str) -> None:
    answer = await page(simulator, ship="Available", page=mode)
    assert not LexborHTMLParser(answer.text).css_first("button")
    assert button_of(await simulator.get(f"bestbuy:/simulator/buybox/{SKU}")).text() == "Add to Cart"


async def test_price_and_seller_stand_beside_it(simulator: Simulator) -> None:
    answer = await page(simulator, price="1359.99", marketplace=True, seller="A & B")
    price = LexborHTMLParser(answer.text).css_first(".priceView-customer-price span")
    assert price is not None
    assert price.text() == "$1,359.99"
    assert "Sold and shipped by A &amp; B" in answer.text


async def test_other_addresses_and_other_pages(simulator: Simulator) -> None:
    await simulator.put(OTHER, site="bestbuy", title="Other One")
    assert (await page(simulator)).status == 200
    assert (await simulator.get(f"bestbuy:/site/{SKU}.p")).status == 200
    assert (await simulator.get("bestbuy:/site/1.p")).status == 404
    moved = await page(simulator, page="redirect-to-other", other=OTHER)
    assert (moved.status, moved.headers["location"]) == (302, f"/site/other-one/{OTHER}.p?skuId={OTHER}")
    assert "<title>Other One - Best Buy</title>" in (await page(simulator, page="other-product")).text
    walled = await page(simulator, page="challenge")
    assert (walled.status, "Access Denied" in walled.text) == (403, True)


@needs_recordings
async def test_the_button_of_2021_is_found_as_in_the_recorded_page(simulator: Simulator) -> None:
    recorded = (RECORDINGS / "bestbuy-stock" / "in_stock.html").read_text("utf-8")
    real = LexborHTMLParser(recorded).css_first(BUTTON)
    ours = button_of(await page(simulator, ship="Available", page="2021"))
    assert real is not None
    assert ours.text() == real.text()
    assert set((ours.attributes["class"] or "").split()) <= set((real.attributes["class"] or "").split())
    assert {"type", "data-sku-id"} <= real.attributes.keys() & ours.attributes.keys()
