"""Walmart's product page: the seller decides as much as the status, and a wall is never "out of stock"."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.paths import RECORDINGS, needs_recordings
from tests.retailers.stock.stock_pages import WALMART, page, recorded, walmart_page

from shopwatch.domain.errors import Blocked, Gone, LayoutChanged
from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Observation
from shopwatch.retailers.stock.walmart import (
    product_url,
    recognise_wall,
    request,
    sku_from_url,
)
from shopwatch.retailers.stock.walmart_reading import read, read_details

SKU = "55885487"
IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN


def product(**changes: Any) -> dict[str, Any]:
    return {
        "usItemId": SKU,
        "name": "Mario &amp; Rabbids",
        "availabilityStatus": "IN_STOCK",
        "sellerName": "Walmart.com",
        "sellerType": "INTERNAL",
        "orderLimit": 8,
        "priceInfo": {"currentPrice": {"price": 19.93}, "wasPrice": {"price": 49.94}},
        "shippingOption": {"availabilityStatus": "AVAILABLE"},
        "pickupOption": {"availabilityStatus": "AVAILABLE"},
        "preOrder": {"isPreOrder": False},
    } | changes


def seen_of(**changes: Any) -> Observation:
    (seen,) = read(walmart_page(product(**changes)), [SKU], WALMART)
    return seen


@pytest.mark.parametrize(
    ("changes", "shipping", "pickup"),
    [
        ({}, IN, IN),
        ({"shippingOption": None, "pickupOption": None}, IN, UNKNOWN),
        ({"availabilityStatus": "OUT_OF_STOCK"}, OUT, UNKNOWN),
        (
            {"availabilityStatus": "OUT_OF_STOCK", "pickupOption": {"availabilityStatus": "UNAVAILABLE"}},
            OUT,
            OUT,
        ),
        ({"availabilityStatus": "UNAVAILABLE"}, OUT, UNKNOWN),
        ({"availabilityStatus": "RETIRED"}, OUT, UNKNOWN),
        ({"availabilityStatus": "PRE_ORDER_SELLABLE"}, Availability.PREORDER, UNKNOWN),
        ({"preOrder": {"isPreOrder": True, "streetDate": "2027-01-01"}}, Availability.PREORDER, IN),
        ({"availabilityStatus": "IN_STOCK_SOON"}, UNKNOWN, UNKNOWN),
        ({"availabilityStatus": None}, UNKNOWN, UNKNOWN),
        ({"showAtc": False}, UNKNOWN, IN),
        ({"fulfillmentOptions": [{"type": "S", "availableQuantity": 0}]}, UNKNOWN, IN),
        ({"fulfillmentOptions": [{"availableQuantity": 0}, {"availableQuantity": 3}]}, IN, IN),
        ({"shippingOption": {"availabilityStatus": "NOT_AVAILABLE"}}, OUT, IN),
        ({"shippingOption": {"availabilityStatus": "PERHAPS"}}, UNKNOWN, IN),
    ],
)
def test_the_status_counts_unless_the_page_denies_it(changes: Any, shipping: Any, pickup: Any) -> None:
    seen = seen_of(**changes)
    assert (seen.availability, seen.pickup) == (shipping, pickup)


@pytest.mark.parametrize(
    ("changes", "seller"),
    [
        ({}, None),
        ({"sellerType": None}, None),
        ({"sellerName": None}, None),
        ({"sellerName": "Scalper LLC", "sellerType": "EXTERNAL"}, "Scalper LLC"),
        ({"sellerName": "Scalper LLC", "sellerType": "INTERNAL"}, "Scalper LLC"),
        ({"sellerName": "Walmart.com", "sellerType": "EXTERNAL"}, "Walmart.com"),
        ({"sellerName": None, "sellerType": "EXTERNAL"}, "a marketplace seller"),
        ({"sellerName": None, "sellerType": None}, "a marketplace seller"),
    ],
)
def test_a_seller_who_is_not_surely_walmart_is_a_third_party(changes: Any, seller: Any) -> None:
    offer = seen_of(**changes).offer
    assert offer is not None
    assert offer.sold_by == seller
    assert (offer.price, offer.regular_price) == (Money(1993), Money(4994))


def test_a_page_about_another_product_tells_nothing() -> None:
    (seen,) = read(walmart_page(product(usItemId="1")), [SKU], WALMART)
    assert (seen.availability, seen.pickup, seen.offer) == (UNKNOWN, UNKNOWN, None)
    assert seen.reason == "the page is about 1"
    with pytest.raises(LayoutChanged):
        read_details(walmart_page(product(usItemId="1")), SKU, WALMART)


def test_a_page_without_a_product_is_unknown_and_its_details_are_gone() -> None:
    (seen,) = read(walmart_page(None), [SKU], WALMART)
    assert (seen.availability, seen.reason) == (UNKNOWN, "no product found")
    with pytest.raises(Gone):
        read_details(walmart_page(None), SKU, WALMART)


def test_words_of_the_page_around_the_data_are_not_read() -> None:
    (seen,) = read(walmart_page(product(), extra="<b>Out of stock</b> queue sold out"), [SKU], WALMART)
    assert seen.availability is IN


def test_details() -> None:
    details = read_details(walmart_page(product(imageInfo={"thumbnailUrl": "https://i5/x"})), SKU, WALMART)
    assert (details.title, details.purchase_limit, details.image_url) == (
        "Mario & Rabbids",
        8,
        "https://i5/x",
    )
    assert details.url == product_url(SKU, WALMART)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "<html><body>Add to cart</body></html>",
        '<script id="__NEXT_DATA__">{"props":{}}</script>',
        '<script id="__NEXT_DATA__">{"props":</script>',
        walmart_page({"usItemId": 5}).text,
    ],
)
def test_a_page_we_cannot_read_is_a_layout_change(body: Any) -> None:
    with pytest.raises(LayoutChanged):
        read(page(body), [SKU], WALMART)


@pytest.mark.parametrize(
    ("status", "url", "body", "headers"),
    [
        (200, "https://www.walmart.com/blocked?url=L2lw&uuid=1", "<html></html>", {}),
        (307, "https://www.walmart.com/ip/5", "", {"location": "/blocked?url=L2lw"}),
        (412, "https://www.walmart.com/ip/5", "", {}),
        (200, "https://www.walmart.com/x", '{"redirectUrl":"/blocked?url=Lw==","appId":"PXu6b0qd2S"}', {}),
        (200, "https://www.walmart.com/ip/5", "<html><title>Robot or human?</title></html>", {}),
        (200, "https://www.walmart.com/ip/5", "<html><title>Verify Your Identity</title></html>", {}),
        (200, "https://www.walmart.com/qp?qpdata=1", "<html>Hold tight</html>", {}),
    ],
)
def test_a_wall_or_a_queue_is_handed_to_a_person(status: Any, url: Any, body: Any, headers: Any) -> None:
    with pytest.raises(Blocked) as caught:
        recognise_wall(page(body, status=status, url=url, **headers))
    assert caught.value.challenge


def test_a_product_page_is_no_wall() -> None:
    recognise_wall(walmart_page(product(name="Robot or human? The board game")))


@pytest.mark.parametrize(
    ("url", "sku"),
    [
        ("https://www.walmart.com/ip/Great-Value-Milk/10450114", "10450114"),
        ("https://www.walmart.com/ip/10450114?from=/search", "10450114"),
        ("https://www.walmart.com/search?q=10450114", None),
        ("https://www.target.com/ip/10450114", None),
    ],
)
def test_the_sku_in_an_address(url: Any, sku: Any) -> None:
    assert sku_from_url(url) == sku


def test_one_page_is_one_product() -> None:
    assert request([SKU], WALMART).url == product_url(SKU, WALMART)


# --- recordings --------------------------------------------------------------------------------------------


@needs_recordings
@pytest.mark.recordings
def test_the_recorded_product() -> None:
    recording = recorded("walmart-stock/product_55885487.dwl.json")["data"]["product"]
    (seen,) = read(walmart_page(recording), [SKU], WALMART)
    assert (seen.availability, seen.pickup, seen.reason) == (IN, IN, "status IN_STOCK")
    assert seen.offer is not None
    assert (str(seen.offer.price), seen.offer.sold_by, str(seen.offer.regular_price)) == (
        "$19.93",
        None,
        "$49.94",
    )
    details = read_details(walmart_page(recording), SKU, WALMART)
    assert (details.title, details.purchase_limit) == ("Mario + Rabbids Kingdom Battle - Nintendo Switch", 8)


@needs_recordings
@pytest.mark.recordings
@pytest.mark.parametrize("file", ["in_stock.html", "inpage-fetch.json", "live-pdp.json", "captcha.html"])
def test_a_recorded_page_of_another_kind_is_no_verdict(file: Any) -> None:
    with pytest.raises(LayoutChanged):
        read(page((RECORDINGS / "walmart-stock" / file).read_bytes()), [SKU], WALMART)


@needs_recordings
@pytest.mark.recordings
def test_the_recorded_walls_are_recognised_and_the_recorded_product_page_is_none() -> None:
    with pytest.raises(Blocked):
        recognise_wall(page((RECORDINGS / "walmart-stock/captcha.html").read_bytes()))
    with pytest.raises(Blocked):
        recognise_wall(
            page("", url=json.loads((RECORDINGS / "walmart-stock/live-pdp.json").read_text())["url"])
        )
    recognise_wall(page((RECORDINGS / "walmart-stock/in_stock.html").read_bytes()))


@needs_recordings
@pytest.mark.recordings
def test_every_recorded_file_is_in_a_test() -> None:
    files = {path.name for path in (RECORDINGS / "walmart-stock").iterdir()}
    assert files == {
        "captcha.html",
        "in_stock.html",
        "inpage-fetch.json",
        "live-pdp.json",
        "product_55885487.dwl.json",
    }
