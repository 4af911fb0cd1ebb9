"""Best Buy's records: three fields must agree before a product counts as in stock."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.paths import RECORDINGS, needs_recordings
from tests.retailers.stock.stock_pages import BESTBUY, bestbuy_product, page, recorded

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Blocked, Gone, Invalid, LayoutChanged
from shopwatch.domain.money import Money
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability
from shopwatch.retailers.stock.bestbuy import (
    BESTBUY_STOCK,
    pickup_request,
    product_url,
    recognise_wall,
    request,
    sku_from_url,
)
from shopwatch.retailers.stock.bestbuy_reading import read, read_details

SKU = "6411488"
IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN


def listed(*products: dict[str, Any]) -> Page:
    return page(
        {"from": 1, "to": len(products), "total": len(products), "partial": False, "products": products}
    )


@pytest.mark.parametrize(
    ("changes", "availability"),
    [
        ({}, IN),
        ({"orderable": "SoldOut", "onlineAvailability": False}, OUT),
        ({"onlineAvailability": False}, OUT),
        ({"active": False}, OUT),
        ({"orderable": "PreOrder"}, Availability.PREORDER),
        ({"orderable": "SoldOut"}, UNKNOWN),
        ({"orderable": "PreOrder", "onlineAvailability": False}, UNKNOWN),
        ({"orderable": "ComingSoon"}, UNKNOWN),
        ({"orderable": "BackOrder"}, UNKNOWN),
        ({"orderable": "available"}, UNKNOWN),
        ({"orderable": None}, UNKNOWN),
        ({"orderable": ...}, UNKNOWN),
        ({"onlineAvailability": None}, UNKNOWN),
        ({"active": ...}, UNKNOWN),
        ({"active": "true"}, UNKNOWN),
    ],
)
def test_in_stock_only_where_all_three_fields_agree(changes: Any, availability: Any) -> None:
    (seen,) = read(listed(bestbuy_product(**changes), bestbuy_product(sku=1)), [SKU], BESTBUY)
    assert seen.availability is availability


@pytest.mark.parametrize(
    ("in_store", "pickup", "walk_in"), [(True, UNKNOWN, IN), (False, OUT, OUT), (None, UNKNOWN, UNKNOWN)]
)
def test_somewhere_in_a_store_is_no_pickup_in_yours(in_store: Any, pickup: Any, walk_in: Any) -> None:
    (seen,) = read(listed(bestbuy_product(inStoreAvailability=in_store)), [SKU], BESTBUY)
    assert (seen.pickup, seen.in_store) == (pickup, walk_in)


def test_matched_by_sku_and_what_is_missing_is_unknown() -> None:
    seen = read(listed(bestbuy_product()), ["1", SKU], BESTBUY)
    assert [(one.product.sku, one.availability) for one in seen] == [("1", UNKNOWN), (SKU, IN)]
    assert seen[0].reason == "not in the answer"


def test_price_seller_and_limit() -> None:
    (seen,) = read(listed(bestbuy_product(marketplace=True)), [SKU], BESTBUY)
    assert seen.offer is not None
    assert (seen.offer.price, seen.offer.regular_price) == (Money(29999), Money(34999))
    assert seen.offer.sold_by == "a marketplace seller"
    details = read_details(listed(bestbuy_product()), SKU, BESTBUY)
    assert (details.title, details.purchase_limit) == ("Intel Core i7", 3)
    with pytest.raises(Gone):
        read_details(listed(), SKU, BESTBUY)


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", "null", '{"products":null}', '{"products":[{"sku":"x"}]}', "<html></html>"]
)
def test_a_strange_page_is_a_layout_change(body: Any) -> None:
    with pytest.raises(LayoutChanged):
        read(page(body), [SKU], BESTBUY)


def test_one_request_asks_for_a_hundred_and_only_for_numbers() -> None:
    asked = request([SKU, "6439402", "x)|(y"], BESTBUY)
    assert asked.url.startswith("https://api.bestbuy.com/v1/products(sku%20in(6411488,6439402))?apiKey=")
    assert "show=sku,name,active" in asked.url
    assert BESTBUY_STOCK.batch_size == 100
    assert "postalCode=55423" in pickup_request(SKU, "55423", BESTBUY).url


def test_without_a_key_the_setting_is_named_and_with_one_it_is_never_shown() -> None:
    with pytest.raises(Invalid, match=r"retailers\.bestbuy\.keys\.api"):
        request([SKU], Site(base_url="https://www.bestbuy.com"))
    answer = page({"products": [bestbuy_product()]}, url=request([SKU], BESTBUY).url)
    (seen,) = read(answer, [SKU], BESTBUY)
    assert seen.evidence is not None
    assert "a-developer-key" not in seen.evidence.url
    with pytest.raises(LayoutChanged) as caught:
        read(page("{}", url=answer.url), [SKU], BESTBUY)
    assert "a-developer-key" not in str(caught.value)


def test_a_403_is_first_of_all_too_many_requests() -> None:
    with pytest.raises(Blocked, match="over Best Buy's limit") as over:
        recognise_wall(page('{"errorCode":"403","errorMessage":"over qps"}', status=403))
    assert not over.value.challenge
    told = '{"errorCode":"403","errorMessage":"The provided API Key: unable to validate the API key."}'
    with pytest.raises(Blocked, match=r"retailers\.bestbuy\.keys\.api, or it is used too often"):
        recognise_wall(page(told, status=403))


@pytest.mark.parametrize(
    ("url", "sku"),
    [
        ("https://www.bestbuy.com/site/intel-core-i7/6411488.p?skuId=6411488", "6411488"),
        ("https://www.bestbuy.com/product/intel-core-i7/JJ8V/sku/6411488", "6411488"),
        ("https://www.bestbuy.com/site/promo?skuId=6411488", "6411488"),
        ("https://www.bestbuy.com/site/searchpage.jsp?st=6411488", None),
        ("https://www.target.com/site/intel/6411488.p", None),
        (product_url("6411488", BESTBUY), "6411488"),
    ],
)
def test_the_sku_in_an_address(url: Any, sku: Any) -> None:
    assert sku_from_url(url) == sku


# --- recordings --------------------------------------------------------------------------------------------

RECORDED = [
    # file, number of the exchange, sku, online, pickup, in store, price, why
    ("product_single_sku.json", 0, "5758400", IN, UNKNOWN, IN, "$5,999.99", "orderable Available, online"),
    ("availability_stores.json", 1, "4971901", OUT, UNKNOWN, IN, "$8.99", "orderable Available, not online"),
]
NO_STOCK = ("error_garbage_400.json", "realtime_store_id.json", "realtime_unavailable.json", "in_stock.html")


@needs_recordings
@pytest.mark.recordings
@pytest.mark.parametrize("row", RECORDED, ids=lambda row: row[2])
def test_a_recorded_product(row: Any) -> None:
    file, number, sku, online, pickup, in_store, price, why = row
    answer = recorded(f"bestbuy-stock/{file}")[number]["response"]
    products = answer.get("products", [answer])
    (seen,) = read(page({"products": products}), [sku], BESTBUY)
    assert (seen.availability, seen.pickup, seen.in_store) == (online, pickup, in_store)
    assert seen.offer is not None
    assert (str(seen.offer.price), seen.reason) == (price, why)
    assert seen.evidence is not None
    json.dumps(seen.evidence.seen)


@needs_recordings
@pytest.mark.recordings
@pytest.mark.parametrize("file", NO_STOCK)
def test_a_recorded_answer_of_another_kind_is_a_layout_change(file: Any) -> None:
    if file.endswith(".html"):
        body = (RECORDINGS / "bestbuy-stock" / file).read_bytes()
    else:
        body = json.dumps(recorded(f"bestbuy-stock/{file}")[0]["response"]).encode()
    with pytest.raises(LayoutChanged):
        read(page(body), ["6411488"], BESTBUY)
    recognise_wall(page(body))


@needs_recordings
@pytest.mark.recordings
def test_every_recorded_file_is_in_a_table() -> None:
    files = {path.name for path in (RECORDINGS / "bestbuy-stock").iterdir()}
    assert files == {row[0] for row in RECORDED} | set(NO_STOCK)


def test_the_stores_near_are_not_asked_without_a_key_either() -> None:
    with pytest.raises(Invalid, match=r"retailers\.bestbuy\.keys\.api is missing"):
        pickup_request(SKU, "55423", Site(base_url="https://b", api_url="https://api.bestbuy.com"))
