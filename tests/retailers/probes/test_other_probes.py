"""What the product pages of Best Buy and Walmart amount to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.retailers.probes.sightings import SITE, button, sighting, text

from shopwatch.domain.money import Money
from shopwatch.domain.probe import Element
from shopwatch.domain.stock import Availability, Observation
from shopwatch.retailers.probes.common import agreed, price_in
from shopwatch.retailers.registry import PROBES

IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
LIMITED, PREORDER = Availability.LIMITED, Availability.PREORDER


def bestbuy(elements: dict[str, Element], **more: Any) -> Observation:
    return PROBES["bestbuy"].read(
        sighting(elements, url="https://www.bestbuy.com/site/6411488.p", **more), "6411488", SITE
    )


@pytest.mark.parametrize(
    ("state", "availability"),
    [
        ("ADD_TO_CART", IN),
        ("PRE_ORDER", PREORDER),
        ("SOLD_OUT", OUT),
        ("COMING_SOON", OUT),
        ("CHECK_STORES", OUT),
        ("HIGH_DEMAND", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_best_buys_button_says_its_state(state: str, availability: Availability) -> None:
    seen = bestbuy({"button": button("x", data_button_state=state), "price": text("$499.99")})
    assert seen.availability is availability


@pytest.mark.parametrize(
    ("words", "availability"), [("Add to Cart", IN), ("Sold Out", OUT), ("Find a Store", UNKNOWN)]
)
def test_best_buys_button_of_2021_says_it_in_words(words: str, availability: Availability) -> None:
    assert bestbuy({"button": button(words)}).availability is availability


def test_a_button_nobody_can_press_is_no_stock() -> None:
    assert (
        bestbuy({"button": button("x", enabled=False, data_button_state="ADD_TO_CART")}).availability
        is UNKNOWN
    )


def test_sold_out_on_a_page_that_still_changes_is_unknown() -> None:
    assert (
        bestbuy({"button": button("x", data_button_state="SOLD_OUT")}, settled=False).availability is UNKNOWN
    )


def test_stock_in_stores_is_not_out_of_stock_there() -> None:
    seen = bestbuy({"button": button("Check Stores", data_button_state="CHECK_STORES")})
    assert (seen.availability, seen.pickup) == (OUT, UNKNOWN)


def walmart(
    elements: dict[str, Element], *, status: str = "IN_STOCK", sku: str = "55885487", **fields: Any
) -> Observation:
    product: dict[str, Any] = {
        "usItemId": sku,
        "availabilityStatus": status,
        "name": "Lamp",
        "sellerName": "Walmart.com",
    }
    product |= {"sellerType": "INTERNAL", "priceInfo": {"currentPrice": {"price": 19.5}}, **fields}
    data = {"props": {"pageProps": {"initialData": {"data": {"product": product}}}}}
    body = f'<html><script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script></html>'
    seen = sighting(elements, url="https://www.walmart.com/ip/55885487", body=body.encode())
    return PROBES["walmart"].read(seen, "55885487", SITE)


ATC = button("Add to cart", data_automation_id="atc")


def test_walmarts_data_counts_with_a_button() -> None:
    seen = walmart({"button": ATC, "price": text("Now $19.50")})
    assert seen.availability is IN
    assert seen.offer is not None
    assert seen.offer.price == Money(1950)


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"button": button(enabled=False)},
        {"button": ATC, "queue": text("Hold tight")},
        {"button": button("Add", aria_label="Add to cart - Another Lamp")},
    ],
    ids=["no button", "a disabled button", "a queue", "another product's button"],
)
def test_walmarts_data_does_not_count_alone(elements: dict[str, Element]) -> None:
    assert walmart(elements).availability is UNKNOWN


def test_walmarts_button_may_name_the_product() -> None:
    named = button(aria_label="Add to cart - Lamp")
    assert walmart({"button": named}).availability is IN


def test_walmarts_sold_out_needs_no_button() -> None:
    assert walmart({}, status="OUT_OF_STOCK").availability is OUT


def test_another_walmart_product_is_unknown() -> None:
    assert walmart({"button": ATC}, sku="1").availability is UNKNOWN


def test_a_walmart_price_the_page_does_not_show_is_none() -> None:
    seen = walmart({"button": ATC, "price": text("$21.00")})
    assert seen.offer is not None
    assert seen.offer.price is None


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (IN, IN, IN),
        (IN, LIMITED, LIMITED),
        (PREORDER, IN, PREORDER),
        (IN, OUT, UNKNOWN),
        (UNKNOWN, IN, IN),
        (OUT, UNKNOWN, OUT),
        (OUT, OUT, OUT),
    ],
)
def test_two_witnesses(first: Availability, second: Availability, together: Availability) -> None:
    assert agreed(first, second) is together


@pytest.mark.parametrize(
    ("shown", "cents"),
    [
        ("$49.99", 4999),
        ("Now $1,299.00", 129_900),
        ("$5", 500),
        ("$49.99 $49.99", 4999),
        ("$49.99 reg $59.99", None),
        ("free", None),
    ],
)
def test_the_one_price_an_element_shows(shown: str, cents: int | None) -> None:
    assert price_in(text(shown)) == (Money(cents) if cents else None)


@pytest.mark.parametrize("retailer", PROBES)
def test_every_probe_waits_for_selectors_it_has(retailer: str) -> None:
    probe = PROBES[retailer]
    assert {probe.ready, probe.button} <= set(probe.selectors)
    assert probe.settle_s >= 2.0  # a disabled button must stay so for two seconds
