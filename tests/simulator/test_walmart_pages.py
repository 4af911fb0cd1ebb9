"""Walmart's product pages: data and buy box follow the shelf, and every way of not showing them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.json_shape import shape, strangers
from tests.paths import RECORDINGS, needs_recordings
from tests.simulator_fixture import Answer, Simulator

SKU, OTHER = "55885487", "10450114"


async def put(simulator: Simulator, sku: str = SKU, **changes: Any) -> None:
    await simulator.put(sku, site="walmart", **changes)


async def page(simulator: Simulator, path: str = f"/ip/{SKU}", **headers: str) -> Answer:
    return await simulator.get(f"walmart:{path}", headers=headers)


def data_of(answer: Answer) -> Any:
    """The ``data`` of the page's own JSON."""
    script = LexborHTMLParser(answer.text).css_first("script#__NEXT_DATA__")
    assert script is not None
    return json.loads(script.text())["props"]["pageProps"]["initialData"]["data"]


async def product_of(simulator: Simulator) -> Any:
    return data_of(await page(simulator))["product"]


async def buy_box(simulator: Simulator) -> LexborHTMLParser:
    return LexborHTMLParser((await page(simulator, f"/simulator/buybox/{SKU}")).text)


async def test_the_page_carries_its_stock_price_and_seller(simulator: Simulator) -> None:
    await put(simulator, ship="IN_STOCK", price=19.93, regular_cents=4994, limit=8, quantity=3)
    product = await product_of(simulator)
    assert (product["usItemId"], product["availabilityStatus"]) == (SKU, "IN_STOCK")
    assert product["priceInfo"]["currentPrice"]["price"] == 19.93
    assert product["priceInfo"]["wasPrice"]["price"] == 49.94
    assert (product["sellerName"], product["sellerType"]) == ("Walmart.com", "INTERNAL")
    assert product["sellerId"] == "F55CDC31AB754BB68FE0B39041159D63"
    assert (product["orderLimit"], product["showAtc"]) == (8, True)
    assert product["fulfillmentOptions"][0] == {"type": "SHIPPING", "availableQuantity": 3}


@pytest.mark.parametrize(
    ("changes", "status", "shipping", "pickup"),
    [
        ({"ship": "IN_STOCK", "pickup": "IN_STOCK"}, "IN_STOCK", "AVAILABLE", "AVAILABLE"),
        ({"ship": "OUT_OF_STOCK", "pickup": "IN_STOCK"}, "IN_STOCK", "NOT_AVAILABLE", "AVAILABLE"),
        ({"ship": "OUT_OF_STOCK"}, "OUT_OF_STOCK", "NOT_AVAILABLE", "NOT_AVAILABLE"),
        ({"ship": "UNAVAILABLE"}, "UNAVAILABLE", "NOT_AVAILABLE", "NOT_AVAILABLE"),
        ({"ship": "RETIRED"}, "RETIRED", "NOT_AVAILABLE", "NOT_AVAILABLE"),
        ({"ship": "NEVER_SEEN"}, "NEVER_SEEN", "NOT_AVAILABLE", "NOT_AVAILABLE"),
    ],
)
async def test_every_word_of_the_shelf_shows_in_the_data(
    simulator: Simulator, changes: dict[str, str], status: str, shipping: str, pickup: str
) -> None:
    await put(simulator, **changes)
    product = await product_of(simulator)
    assert product["availabilityStatus"] == status
    assert product["shippingOption"]["availabilityStatus"] == shipping
    assert product["pickupOption"]["availabilityStatus"] == pickup


async def test_a_preorder_says_so_in_data_and_button(simulator: Simulator) -> None:
    await put(simulator, ship="PRE_ORDER_SELLABLE", street_date="2030-06-19")
    product = await product_of(simulator)
    assert (product["preOrder"]["isPreOrder"], product["preOrder"]["streetDate"]) == (True, "2030-06-19")
    assert (await buy_box(simulator)).css_first('[data-automation-id="atc"]').text() == "Pre-order"  # type: ignore[union-attr]


async def test_somebody_elses_offer_names_the_seller(simulator: Simulator) -> None:
    await put(simulator, ship="IN_STOCK", marketplace=True, seller="Scalpers & Sons")
    answer = await page(simulator)
    product = data_of(answer)["product"]
    assert (product["sellerName"], product["sellerType"]) == ("Scalpers & Sons", "EXTERNAL")
    assert product["sellerId"] != "F55CDC31AB754BB68FE0B39041159D63"
    assert "Sold and shipped by Scalpers &amp; Sons" in answer.text


async def test_a_hidden_price_is_none(simulator: Simulator) -> None:
    await put(simulator, ship="IN_STOCK", price_hidden=True)
    assert (await product_of(simulator))["priceInfo"]["currentPrice"] is None


async def test_the_page_is_served_with_a_skeleton_and_the_button_comes_later(simulator: Simulator) -> None:
    await put(simulator, ship="IN_STOCK")
    raw = LexborHTMLParser((await page(simulator)).text)
    assert raw.css_first('[data-testid="add-to-cart-skeleton"]')
    assert not raw.css_first('[data-automation-id="atc"]')
    assert (await buy_box(simulator)).css_first('[data-automation-id="atc"]')


async def test_without_stock_there_are_only_buttons_of_others(simulator: Simulator) -> None:
    await put(simulator, ship="OUT_OF_STOCK", decoys=4)
    box = await buy_box(simulator)
    assert "Out of stock" in (box.text() or "")
    assert not box.css_first("[data-automation-id]")
    tiles = LexborHTMLParser((await page(simulator)).text).css('[data-automation-id="add-to-cart"]')
    assert len(tiles) == 4


async def test_a_page_in_stock_holds_every_misleading_word(simulator: Simulator) -> None:
    await put(simulator, ship="IN_STOCK")
    text = (await page(simulator)).text.lower()
    assert "out of stock" in text
    assert "queue" in text
    assert "robot or human" in text


async def test_the_data_may_lie_and_may_blip(simulator: Simulator) -> None:
    await put(simulator, ship="OUT_OF_STOCK", blip=1)
    assert (await product_of(simulator))["availabilityStatus"] == "IN_STOCK"
    assert (await product_of(simulator))["availabilityStatus"] == "OUT_OF_STOCK"
    await put(simulator, ship="IN_STOCK", button="disabled")
    assert (await product_of(simulator))["availabilityStatus"] == "IN_STOCK"
    assert not (await buy_box(simulator)).css_first('[data-automation-id="atc"]')


async def test_any_name_in_the_address_will_do_and_the_page_tells_the_right_one(
    simulator: Simulator,
) -> None:
    await put(simulator, title="Mario & Rabbids")
    answer = await page(simulator, f"/ip/whatever/{SKU}")
    assert answer.status == 200
    link = LexborHTMLParser(answer.text).css_first('link[rel="canonical"]')
    assert link is not None
    assert link.attributes["href"] == f"/ip/mario-38-rabbids/{SKU}"


async def test_an_unknown_product_is_404_without_data(simulator: Simulator) -> None:
    answer = await page(simulator, "/ip/1")
    assert (answer.status, data_of(answer)["product"]) == (404, None)


async def test_another_product_may_stand_under_the_address(simulator: Simulator) -> None:
    await put(simulator, OTHER, title="Milk", ship="IN_STOCK")
    await put(simulator, page="other-product", other=OTHER)
    assert (await product_of(simulator))["usItemId"] == OTHER
    await put(simulator, page="redirect-to-other")
    answer = await page(simulator)
    assert (answer.status, answer.headers["location"]) == (302, f"/ip/milk/{OTHER}")


async def test_the_wall_comes_with_200(simulator: Simulator) -> None:
    await put(simulator, page="challenge")
    answer = await page(simulator)
    assert answer.status == 200
    assert 'id="px-captcha"' in answer.text
    assert "__NEXT_DATA__" not in answer.text


async def test_who_is_blocked_is_sent_away_and_who_asks_for_json_gets_412(simulator: Simulator) -> None:
    await put(simulator, page="blocked")
    answer = await page(simulator, accept="text/html")
    assert answer.status == 307
    assert answer.headers["location"].startswith("/blocked?url=")
    assert "Robot or human?" in (await page(simulator, answer.headers["location"])).text
    refused = await page(simulator, accept="application/json")
    assert (refused.status, refused.json["appId"]) == (412, "PXu6b0qd2S")


async def test_in_a_drop_one_waits_in_a_queue(simulator: Simulator) -> None:
    await put(simulator, page="queue")
    answer = await page(simulator)
    assert answer.status == 307
    assert answer.headers["location"].startswith("/qp?qpdata=")
    room = LexborHTMLParser((await page(simulator, answer.headers["location"])).text)
    assert room.css_first('[data-testid="queue-banner"]')


async def test_faults_of_the_handler_show(simulator: Simulator) -> None:
    await put(simulator, ship="IN_STOCK")
    await simulator.fault("missing-field", site="walmart", times=1)
    assert "availabilityStatus" not in await product_of(simulator)
    await simulator.fault("wrong-state", site="walmart", times=1)
    assert (await product_of(simulator))["usItemId"] != SKU
    assert (await product_of(simulator))["usItemId"] == SKU


@needs_recordings
@pytest.mark.parametrize("ship", ["IN_STOCK", "OUT_OF_STOCK", "PRE_ORDER_SELLABLE"])
async def test_the_data_has_the_keys_of_the_recorded_product(simulator: Simulator, ship: str) -> None:
    await put(simulator, ship=ship, price=19.93, regular_cents=4994, title="Mario", brand="Ubisoft")
    file = RECORDINGS / "walmart-stock" / "product_55885487.dwl.json"
    recorded = json.loads(file.read_text("utf-8").replace("\\$", "$"))["data"]
    data = data_of(await page(simulator))
    assert data.keys() == recorded.keys()
    assert data["product"].keys() - recorded["product"].keys() == {"showAtc", "fulfillmentOptions"}
    assert recorded["product"].keys() <= data["product"].keys()
    ours = shape({name: data["product"][name] for name in recorded["product"]})
    # a pre-order's words, and the empty lists of what is not delivered, are not in the recording
    strange = {
        path for path in strangers(ours, shape(recorded["product"])) if not path.startswith("$.preOrder.")
    }
    assert strange == set()
