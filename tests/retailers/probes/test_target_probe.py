"""What Target's product page amounts to: positive evidence only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.paths import RECORDINGS, needs_recordings
from tests.retailers.probes.sightings import SITE, SKU, button, cell, price, sighting, stock, text

from shopwatch.domain.money import Money
from shopwatch.domain.probe import Element, Sighting
from shopwatch.domain.stock import Availability, Observation, Source
from shopwatch.retailers.probes.target import TARGET_PROBE, read
from shopwatch.retailers.probes.target_data import tells_stock

IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
SHIPS = {
    "button": button(data_test="shippingButton"),
    "shipping": cell("shipping - selected - 3 of 3 - Arrives by Tue, Jun 30"),
    "pickup": cell("pickup - unselected - 1 of 3 - Not available"),
    "price": text("$49.99"),
}
SOLD_OUT = {"button": button(enabled=False), "sold_out": text("Out of stock")}


def look(seen: Sighting) -> Observation:
    return read(seen, SKU, SITE)


def test_button_and_data_together_are_in_stock() -> None:
    seen = look(sighting(SHIPS, answers=(price(49.99), stock("IN_STOCK"))))
    assert (seen.availability, seen.pickup, seen.in_store) == (IN, OUT, IN)
    assert seen.source is Source.BROWSER
    assert seen.offer is not None
    assert (seen.offer.price, seen.offer.sold_by) == (Money(4999), None)
    assert seen.product.name == "A thing"


def test_without_any_data_the_button_is_enough() -> None:
    seen = look(sighting(SHIPS))
    assert (seen.availability, seen.pickup) == (IN, OUT)
    assert seen.offer is not None
    assert seen.offer.price == Money(4999)


def test_a_pickup_button_says_nothing_of_shipping() -> None:
    seen = look(sighting({"button": button(data_test="orderPickupButton")}))
    assert (seen.availability, seen.pickup) == (UNKNOWN, IN)


def test_a_pickup_button_beside_a_shipping_cell_says_both() -> None:
    cells = {
        "button": button(data_test="orderPickupButton"),
        "shipping": cell("shipping - unselected - 3 of 3 - Arrives by Tue, Jun 30"),
        "pickup": cell("pickup - selected - 1 of 3 - Ready within 2 hours"),
    }
    seen = look(sighting(cells, answers=(stock("IN_STOCK", "LIMITED_STOCK"),)))
    assert (seen.availability, seen.pickup) == (IN, Availability.LIMITED)


def test_a_preorder_button_is_a_preorder() -> None:
    seen = look(
        sighting(
            {"button": button("Preorder", data_test="preorderButton")}, answers=(stock("PRE_ORDER_SELLABLE"),)
        )
    )
    assert seen.availability is Availability.PREORDER


@pytest.mark.parametrize(
    "word", ["showInStockPrimaryButton", "preorderButtonDisabled", "chooseOptionsButton"]
)
def test_some_buttons_are_no_add_to_cart(word: str) -> None:
    seen = look(sighting({**SHIPS, "button": button(data_test=word)}))
    assert not seen.availability.is_buyable
    assert not seen.pickup.is_buyable


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"price": text("$49.99")},
        {"button": button(enabled=False)},
        {"button": button(visible=False, data_test="shippingButton")},
        {"sold_out": text("Out of stock")},
    ],
    ids=["nothing", "no button", "a lone disabled button", "an unseen button", "no button but words"],
)
def test_an_unfinished_page_is_unknown(elements: dict[str, Element]) -> None:
    seen = look(sighting(elements, settled=False))
    assert (seen.availability, seen.pickup) == (UNKNOWN, UNKNOWN)


def test_sold_out_needs_words_and_rest() -> None:
    assert look(sighting(SOLD_OUT)).availability is OUT
    assert look(sighting(SOLD_OUT)).pickup is OUT
    assert look(sighting(SOLD_OUT, settled=False)).availability is UNKNOWN


@pytest.mark.parametrize(
    "answer",
    [stock("IN_STOCK"), stock("UNAVAILABLE", "IN_STOCK")],
    ids=["a blip in the data", "pickup in the data only"],
)
def test_what_the_page_does_not_sell_is_not_to_be_had_whatever_its_data_says(answer: object) -> None:
    seen = look(sighting(SOLD_OUT, answers=(answer,)))
    assert (seen.availability, seen.pickup) == (OUT, OUT)
    assert "whatever its data says" in seen.reason
    assert look(sighting(SOLD_OUT, answers=(answer,), settled=False)).availability is UNKNOWN


def test_an_enabled_button_without_stock_is_a_contradiction_and_unknown() -> None:
    seen = look(sighting(SHIPS, answers=(stock("OUT_OF_STOCK"),)))
    assert seen.availability is UNKNOWN
    assert "contradiction" in seen.reason
    assert seen.evidence is not None
    assert "data" in seen.evidence.seen


def test_answers_at_odds_are_unknown() -> None:
    seen = look(sighting(SHIPS, answers=(stock("IN_STOCK"), stock("OUT_OF_STOCK"))))
    assert seen.availability is IN  # the button and its cell still say so
    silent = look(
        sighting({"button": button(data_test="x")}, answers=(stock("IN_STOCK"), stock("OUT_OF_STOCK")))
    )
    assert silent.availability is UNKNOWN


def test_data_about_another_product_is_not_ours() -> None:
    seen = look(sighting(SHIPS, answers=(stock("OUT_OF_STOCK", sku="1"), [1, 2], None, "x")))
    assert seen.availability is IN


def test_a_page_that_moved_is_unknown() -> None:
    seen = look(sighting(SHIPS, url="https://www.target.com/p/other/-/A-111"))
    assert (seen.availability, seen.reason) == (UNKNOWN, "the page moved to 111")


def test_a_page_with_another_products_title_is_unknown() -> None:
    elements = {**SHIPS, "title": text("Vitamin D Whole Milk")}
    seen = look(sighting(elements, answers=(price(49.99, title="Paper Towels"), stock("IN_STOCK"))))
    assert seen.availability is UNKNOWN


def test_an_escaped_title_is_the_same_title() -> None:
    elements = {**SHIPS, "title": text("Pokémon & Friends")}
    seen = look(
        sighting(elements, answers=(price(49.99, title="Pok&#233;mon &#38; Friends"), stock("IN_STOCK")))
    )
    assert seen.availability is IN


def test_a_marketplace_seller_is_named() -> None:
    seen = look(sighting({**SHIPS, "seller": text("Scalper Inc")}))
    assert seen.offer is not None
    assert seen.offer.sold_by == "Scalper Inc"
    told = look(sighting(SHIPS, answers=(stock("IN_STOCK"), price(99.0, is_marketplace=True))))
    assert told.offer is not None
    assert told.offer.sold_by


@pytest.mark.parametrize("shown", ["$39.99", "See price in cart", "$10.00 - $20.00", ""])
def test_a_price_that_is_not_one_for_sure_is_none(shown: str) -> None:
    seen = look(sighting({**SHIPS, "price": text(shown)}, answers=(stock("IN_STOCK"), price(49.99))))
    assert seen.availability is IN
    assert seen.offer is not None
    assert seen.offer.price is None


@pytest.mark.parametrize(
    ("document", "tells"),
    [
        (stock("IN_STOCK"), True),
        (price(1.0), False),
        (stock("IN_STOCK", sku="1"), False),
        ({"modules": [{"module_data": stock("OUT_OF_STOCK")}]}, True),
        ([], False),
        ({"tcin": SKU, "fulfillment": {"shipping_options": 7}}, False),
    ],
)
def test_which_answers_tell_the_stock(document: object, tells: bool) -> None:
    assert tells_stock(document, SKU) is tells


def recorded(name: str) -> dict[str, Any]:
    return dict(json.loads((RECORDINGS / "target-stock" / name).read_text("utf-8")))


def as_seen(capture: dict[str, Any], *, oos: str | None) -> tuple[Sighting, str]:
    """A sighting made of what a real browser captured."""
    dom = capture["domBefore"]
    main = next(one for one in dom["atcButtons"] if one["id"].endswith(dom["tcin"]))
    elements = {
        "button": button(
            main["text"],
            enabled=not main["disabled"],
            **({"data_test": main["dataTest"]} if main["dataTest"] else {}),
        ),
        "title": text(dom["h1"]),
        "sold_out": text(oos) if oos else None,
    }
    return sighting(elements, url=dom["url"], title=dom["pageTitle"]), dom["tcin"]


@needs_recordings
@pytest.mark.recordings
def test_a_recorded_sold_out_page() -> None:
    page, sku = as_seen(recorded("product-1011209279.json"), oos="Out of stock")
    assert read(page, sku, SITE).availability is OUT


@needs_recordings
@pytest.mark.recordings
def test_a_recorded_page_of_stock_in_stores_only() -> None:
    page, sku = as_seen(recorded("product-13276134.json"), oos=None)
    seen = read(page, sku, SITE)
    assert not seen.availability.is_buyable
    assert seen.reason == "the button only leads to what is in stock elsewhere"


@needs_recordings
@pytest.mark.recordings
def test_decoys_of_a_recorded_page_are_not_selected() -> None:
    dom = recorded("product-1011209279.json")["domBefore"]
    selector = TARGET_PROBE.selectors["button"].replace("{sku}", dom["tcin"])
    matching = [one for one in dom["atcButtons"] if f'[id="{one["id"]}"]' in selector]
    assert len(dom["atcButtons"]) == 7
    assert len(matching) == 1
