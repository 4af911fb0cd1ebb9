"""Target's product page shows every state of its buy box, and its traps, in the HTML as it is served."""

from __future__ import annotations

import json
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.paths import RECORDINGS, needs_recordings
from tests.simulator_fixture import TARGET_KEY, Simulator

SKU, OTHER = "20000001", "20000002"
SECTION = '[data-test="@web/AddToCart/FulfillmentSection"]'
MAIN = f"#addToCartButtonOrTextIdFor{SKU}"
CDUI = "target:/cdui_orchestrations/v1/pages/pdp/deferred_enrichment/modules"
OUT = {"ship": "OUT_OF_STOCK", "pickup": "UNAVAILABLE"}


async def page_of(simulator: Simulator, **changes: Any) -> LexborHTMLParser:
    await simulator.put(SKU, **changes)
    answer = await simulator.get(f"target:/p/any-slug/-/A-{SKU}")
    assert answer.status == 200, answer.status
    return LexborHTMLParser(answer.text)


def words(page: LexborHTMLParser, selector: str) -> list[dict[str, str | None]]:
    return [dict(node.attributes) for node in page.css(selector)]


def text(page: LexborHTMLParser, selector: str) -> str:
    node = page.css_first(selector)
    assert node is not None, f"no {selector} on the page"
    return node.text()


async def test_the_short_address_redirects_for_good_to_the_long_one(simulator: Simulator) -> None:
    await simulator.put(SKU, title="Pokémon & Friends")
    answer = await simulator.get(f"target:/p/-/A-{SKU}")
    assert answer.status == 301
    assert answer.headers["location"] == f"{simulator.origins['target']}/p/pok-233-mon-38-friends/-/A-{SKU}"


async def test_in_stock_for_pickup_the_pickup_cell_is_chosen(simulator: Simulator) -> None:
    page = await page_of(simulator, ship="IN_STOCK", pickup="IN_STOCK", title="Magic Tape", price=4.29)
    (button,) = words(page, f"{SECTION} {MAIN}")
    assert button["data-test"] == "orderPickupButton"
    assert button["aria-label"] == "Add to cart for Magic Tape"
    assert "disabled" not in button
    labels = [cell["aria-label"] for cell in words(page, f"{SECTION} [data-test^=fulfillment-cell-]")]
    assert labels == [
        "pickup - selected - 1 of 3 - Ready within 2 hours",
        "delivery - unselected - 2 of 3 - Check availability",
        "shipping - unselected - 3 of 3 - Arrives by Tue, Jun 30",
    ]
    assert text(page, '[data-test="product-price"]') == "$4.29"
    assert text(page, "title") == "Magic Tape : Target"


@needs_recordings
@pytest.mark.parametrize(
    ("side", "state"), [("drop", OUT), ("instock", {"ship": "IN_STOCK", "pickup": "IN_STOCK"})]
)
async def test_the_buy_box_has_the_buttons_of_the_recorded_one(
    simulator: Simulator, side: str, state: dict[str, str]
) -> None:
    recorded = json.loads((RECORDINGS / "target-stock" / "drop-1011209279.json").read_text("utf-8"))
    dom = recorded[side]["dom"]
    await simulator.put(dom["tcin"], title=dom["h1"], kind="SA", **state)
    page = LexborHTMLParser((await simulator.get(f"target:/p/x/-/A-{dom['tcin']}")).text)
    sticky = '[data-test="StickyAddToCartFulfillmentSection"]'
    assert text(page, "title") == dom["title"]
    assert buttons(page, SECTION) == [
        without_place(button) for button in dom["fulfillmentSection"]["buttons"]
    ]
    assert buttons(page, sticky) == [without_place(button) for button in dom["stickySection"]["buttons"]]


def buttons(page: LexborHTMLParser, scope: str) -> list[dict[str, Any]]:
    names = {"id": "id", "dataTest": "data-test", "ariaLabel": "aria-label"}
    return [
        {ours: node.attributes.get(theirs) for ours, theirs in names.items()}
        | {"tag": "button", "disabled": "disabled" in node.attributes, "href": None, "text": node.text()}
        for node in page.css(f"{scope} button")
    ]


def without_place(button: dict[str, Any]) -> dict[str, Any]:
    """A recorded button without where it stood on the screen."""
    return {name: value for name, value in button.items() if name != "rect"}


async def test_out_of_stock_has_one_disabled_button_and_decoys(simulator: Simulator) -> None:
    page = await page_of(simulator, **OUT)
    (button,) = words(page, f"{SECTION} button")
    assert "disabled" in button
    assert "data-test" not in button
    assert "Out of stock" in text(page, '[data-test="NonbuyableSection"]')
    decoys = words(page, '[data-test="chooseOptionsButton"]')
    assert len(decoys) == 6
    assert not any("disabled" in decoy or decoy["id"] == MAIN[1:] for decoy in decoys)


async def test_a_lie_looks_out_of_stock_on_the_page(simulator: Simulator) -> None:
    page = await page_of(simulator, ship="IN_STOCK", button="disabled")
    assert "disabled" in words(page, MAIN)[0]
    assert page.css_first('[data-test="NonbuyableSection"]')


async def test_a_page_may_sell_what_the_api_denies(simulator: Simulator) -> None:
    page = await page_of(simulator, **OUT, button="enabled")
    assert words(page, f"{SECTION} {MAIN}")[0]["data-test"] == "shippingButton"


@pytest.mark.parametrize(
    ("ship", "word", "disabled"),
    [
        ("PRE_ORDER_SELLABLE", "preorderButton", False),
        ("PRE_ORDER_UNSELLABLE", "preorderButtonDisabled", True),
    ],
)
async def test_a_preorder_has_its_own_button(
    simulator: Simulator,
    ship: str,
    word: str,
    disabled: bool,
) -> None:
    button = words(await page_of(simulator, ship=ship), f"{SECTION} {MAIN}")[0]
    assert button["data-test"] == word
    assert ("disabled" in button) is disabled


async def test_stock_in_stores_only_shows_another_button(simulator: Simulator) -> None:
    page = await page_of(simulator, **OUT, in_store="LIMITED_STOCK")
    assert words(page, f"{SECTION} {MAIN}")[0]["data-test"] == "showInStockPrimaryButton"
    assert words(page, '[data-test="fulfillment-cell-shipping"]')[0]["aria-label"].endswith("Not available")  # type: ignore[union-attr]


async def test_a_marketplace_page_names_the_seller(simulator: Simulator) -> None:
    page = await page_of(simulator, ship="IN_STOCK", marketplace=True, seller="Tim's Cards & More")
    assert "Sold and shipped by Tim's Cards & More" in page.text()


async def test_a_parent_has_variations_and_nothing_to_order(simulator: Simulator) -> None:
    await simulator.put(OTHER, kind="VC", parent=SKU, variation="Blue")
    page = await page_of(simulator, kind="VAP", children=[OTHER])
    (link,) = words(page, '[data-test="@web/VariationComponent"] a')
    assert str(link["href"]).endswith(f"/-/A-{OTHER}")
    assert "disabled" in words(page, MAIN)[0]


@pytest.mark.parametrize("mode", ["cdui", "slow", "skeleton"])
async def test_a_page_without_its_buy_box_looks_sold_out_whatever_the_stock(
    simulator: Simulator, mode: str
) -> None:
    page = await page_of(simulator, ship="IN_STOCK", page=mode, price=17.99)
    assert "disabled" in words(page, MAIN)[0]
    assert page.css_first(SECTION) is None
    assert "17.99" not in page.html  # type: ignore[operator]


async def test_another_products_page_under_this_address(simulator: Simulator) -> None:
    await simulator.put(OTHER, title="Vitamin D Whole Milk")
    page = await page_of(simulator, title="Paper Towels", page="other-product", other=OTHER, ship="IN_STOCK")
    assert text(page, "title") == "Vitamin D Whole Milk : Target"
    assert words(page, MAIN)[0]["aria-label"] == "Add to cart for Vitamin D Whole Milk"
    assert "Paper Towels" not in page.body.text()  # type: ignore[union-attr]


async def test_a_delisted_product_leads_to_another(simulator: Simulator) -> None:
    await simulator.put(OTHER, title="Milk")
    await simulator.put(SKU, page="redirect-to-other", other=OTHER)
    answer = await simulator.get(f"target:/p/x/-/A-{SKU}")
    assert answer.status == 302
    assert answer.headers["location"].endswith(f"/p/milk/-/A-{OTHER}")


async def test_an_unavailable_page_has_no_title(simulator: Simulator) -> None:
    page = await page_of(simulator, page="unavailable")
    assert text(page, "title") == ""
    assert "This page is currently unavailable" in page.text()
    assert (await simulator.get("target:/p/x/-/A-1")).status == 404


async def test_a_challenge_is_told_by_its_page(simulator: Simulator) -> None:
    await simulator.put(SKU, page="challenge")
    answer = await simulator.get(f"target:/p/x/-/A-{SKU}")
    assert answer.status == 403
    assert "px-captcha" in answer.text


async def test_a_consent_dialog_covers_the_page(simulator: Simulator) -> None:
    page = await page_of(simulator, page="consent", ship="IN_STOCK")
    assert page.css_first('[role=dialog] [data-test="healthFlagModalAcceptButton"]')
    assert page.css_first(MAIN)


async def test_the_sensor_on_every_page_is_no_challenge(simulator: Simulator) -> None:
    page = await page_of(simulator, ship="IN_STOCK")
    assert page.css_first("script#humanSensor")
    assert "px-captcha" not in page.html  # type: ignore[operator]


async def test_the_key_of_the_api_is_on_the_page(simulator: Simulator) -> None:
    page = await page_of(simulator)
    assert f'"apiKey": "{TARGET_KEY}"' in str(page.html)


async def test_a_title_is_text_and_never_markup(simulator: Simulator) -> None:
    page = await page_of(simulator, title="</script><script>alert(1)</script> & <b>'\"")
    assert text(page, "h1") == "</script><script>alert(1)</script> & <b>'\""
    assert not page.css("b")
    data = json.loads(text(page, "#__NEXT_DATA__"))
    modules = data["props"]["dehydratedState"]["queries"][0]["state"]["data"]["data"]["data_source_modules"]
    assert [module["module_data"] is None for module in modules] == [False, True, True]


async def test_the_page_can_ask_for_stock_and_price_by_post(simulator: Simulator) -> None:
    await simulator.put(SKU, ship="IN_STOCK", price=17.99)
    names = ("ProductDetailWebDatasourceFulfillmentAndVariations", "ProductDetailWebDatasourceWithStore")
    modules = [{"module_type": name, "module_placement_id": "1", "enrichment_context": "x"} for name in names]
    body = {"page_context": "x", "modules": modules}
    answer = await simulator.ask("POST", CDUI, params={"tcin": SKU}, json=body)
    stock, price = (module["module_data"]["data"]["product"] for module in answer.json["modules"])
    assert stock["fulfillment"]["shipping_options"]["availability_status"] == "IN_STOCK"
    assert price["price"]["current_retail"] == 17.99


async def test_stock_by_post_refuses_what_it_does_not_know(simulator: Simulator) -> None:
    await simulator.put(SKU)
    assert (await simulator.get(CDUI, params={"tcin": SKU})).status == 405
    assert (await simulator.ask("POST", CDUI, params={"tcin": SKU}, data=b"{}")).status == 400
    body = {"page_context": "x", "modules": []}
    assert (await simulator.ask("POST", CDUI, params={"tcin": "1"}, json=body)).status == 404


async def test_the_page_is_of_the_store_the_visitor_chose(simulator: Simulator) -> None:
    await simulator.put(SKU, ship="IN_STOCK", stores={"865": {"pickup": "IN_STOCK"}})
    cookies = {"cookie": "fiatsCookie=DSI_865|DSN_Gurnee|DSZ_60031"}
    answer = await simulator.get(f"target:/p/x/-/A-{SKU}", headers=cookies)
    page = LexborHTMLParser(answer.text)
    assert page.css_first("#store-name-865")
    assert words(page, f"{SECTION} {MAIN}")[0]["data-test"] == "orderPickupButton"


async def test_a_visitor_is_a_guest_until_signed_in(simulator: Simulator) -> None:
    page = await page_of(simulator)
    assert text(page, '[data-test="@web/AccountLink"]') == "Sign in"
