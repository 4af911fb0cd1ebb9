"""The traps of Target's answers, each composed: what others once took for stock, or for none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.retailers.stock.stock_pages import ANYWHERE, TARGET, batch, page, target_product

from shopwatch.domain.errors import Blocked, Gone, Invalid, LayoutChanged
from shopwatch.domain.money import Money
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, Observation
from shopwatch.retailers.stock.target import (
    TARGET_STOCK,
    product_url,
    recognise_wall,
    request,
    sku_from_url,
)
from shopwatch.retailers.stock.target_answer import read, read_any, read_details

SKU = "1011209279"
IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
SHIPPING = "fulfillment__shipping_options__availability_status"
PROMISED = "fulfillment__shipping_options__available_to_promise_quantity"
STORE = "fulfillment__store_options__0__"


def seen_of(**changes: Any) -> Observation:
    (seen,) = read(batch(target_product(SKU, **changes)), [SKU], TARGET)
    return seen


@pytest.mark.parametrize(
    ("word", "availability"),
    [
        ("IN_STOCK", IN),
        ("LIMITED_STOCK", Availability.LIMITED),
        ("PRE_ORDER_SELLABLE", Availability.PREORDER),
        ("OUT_OF_STOCK", OUT),
        ("UNAVAILABLE", OUT),
        ("PRE_ORDER_UNSELLABLE", OUT),
        ("DISCONTINUED", OUT),
        ("BACKORDERED", UNKNOWN),
        ("AVAILABLE", UNKNOWN),
        ("in_stock", UNKNOWN),
        ("", UNKNOWN),
        (None, UNKNOWN),
        (..., UNKNOWN),
    ],
)
def test_shipping_by_allow_list(word: Any, availability: Any) -> None:
    assert seen_of(**{SHIPPING: word}).availability is availability


@pytest.mark.parametrize(
    ("promised", "availability"), [(0.0, UNKNOWN), (0, UNKNOWN), (-1.0, UNKNOWN), (1.0, IN), (None, IN)]
)
def test_in_stock_with_nothing_to_promise_is_a_contradiction(promised: Any, availability: Any) -> None:
    seen = seen_of(**{PROMISED: promised})
    assert seen.availability is availability
    assert ("contradiction" in seen.reason) == (availability is UNKNOWN)


def test_a_preorder_promises_nothing_and_is_sellable_all_the_same() -> None:
    assert seen_of(**{SHIPPING: "PRE_ORDER_SELLABLE", PROMISED: 0.0}).availability is Availability.PREORDER


@pytest.mark.parametrize("sold_out", [True, False])
@pytest.mark.parametrize("nowhere", [True, False])
@pytest.mark.parametrize(("word", "availability"), [("IN_STOCK", IN), ("OUT_OF_STOCK", OUT)])
def test_the_two_fields_that_lie_are_not_read(
    sold_out: Any, nowhere: Any, word: Any, availability: Any
) -> None:
    seen = seen_of(
        fulfillment__sold_out=sold_out,
        fulfillment__is_out_of_stock_in_all_store_locations=nowhere,
        **{SHIPPING: word},
    )
    assert seen.availability is availability


def test_the_last_piece_on_the_shelf_is_for_those_who_walk_in() -> None:
    seen = seen_of(
        **{
            SHIPPING: "OUT_OF_STOCK",
            STORE + "location_available_to_promise_quantity": 1.0,
            STORE + "order_pickup": {"availability_status": "UNAVAILABLE"},
            STORE + "in_store_only": {"availability_status": "LIMITED_STOCK"},
        }
    )
    assert (seen.availability, seen.pickup, seen.in_store) == (OUT, OUT, Availability.LIMITED)


def test_pickup_with_nothing_at_the_store_is_a_contradiction() -> None:
    seen = seen_of(**{STORE + "location_available_to_promise_quantity": 0.0})
    assert (seen.availability, seen.pickup, seen.in_store) == (IN, UNKNOWN, IN)


def test_another_store_than_ours_says_nothing_about_pickup() -> None:
    seen = seen_of(**{STORE + "location_id": "3991"})
    assert (seen.availability, seen.pickup, seen.in_store) == (IN, UNKNOWN, UNKNOWN)


def test_answers_are_matched_by_sku_and_never_by_position() -> None:
    one, two = target_product("11111111"), target_product("22222222", **{SHIPPING: "OUT_OF_STOCK"})
    seen = read(batch(two, one), ["11111111", "22222222", "33333333"], TARGET)
    assert [(each.product.sku, each.availability) for each in seen] == [
        ("11111111", IN),
        ("22222222", OUT),
        ("33333333", UNKNOWN),
    ]


def test_a_206_with_all_its_data_is_read_like_any_answer_and_its_gaps_are_unknown() -> None:
    answer = batch(target_product(SKU), status=206, errors=["No product found with tcin 33333333"])
    full, missing, gap = read(answer, [SKU, "33333333", "44444444"], TARGET)
    assert full.availability is IN
    assert full.evidence is not None
    assert full.evidence.status == 206
    assert (missing.availability, missing.reason) == (UNKNOWN, "no product found")
    assert (gap.availability, gap.reason) == (UNKNOWN, "not in the answer")


def test_a_404_that_names_the_product_is_an_answer() -> None:
    asked = request([SKU], TARGET)
    assert 404 in asked.accept
    answer = page({"errors": [{"message": f"No product found with tcin {SKU}"}]}, status=404)
    (seen,) = read(answer, [SKU], TARGET)
    assert (seen.availability, seen.reason) == (UNKNOWN, "no product found")
    with pytest.raises(Gone):
        read_details(answer, SKU, TARGET)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"data":null}',
        '{"data":{}}',
        '{"data":{"product_summaries":{}}}',
        '{"data":{"product_summaries":[{"tcin":5}]}}',
        '{"errors":[{"message":"Tcins cannot be more than 30"}]}',
        "<html>Access Denied</html>",
        '{"data":{"product_summaries":[{"tcin":"1011209279"',
        "[" * 100_000,
    ],
)
def test_a_strange_page_is_a_layout_change_and_never_out_of_stock(body: Any) -> None:
    with pytest.raises(LayoutChanged):
        read(page(body), [SKU], TARGET)


def test_one_spoilt_product_does_not_cost_the_others_their_verdict() -> None:
    spoilt = target_product("11111111", fulfillment__shipping_options={"availability_status": 7})
    bad, good = read(batch(spoilt, target_product(SKU)), ["11111111", SKU], TARGET)
    assert (bad.availability, bad.reason) == (UNKNOWN, "not in the answer")
    assert good.availability is IN


def test_a_parent_is_never_orderable_and_its_child_is_found_inside_it() -> None:
    child = target_product("85573239")
    parent = target_product("85573240", item__relationship_type_code="VAP")
    parent["children"] = [target_product("85573238", **{SHIPPING: "OUT_OF_STOCK"}), child]
    asked_child, asked_parent = read(batch(parent), ["85573239", "85573240"], TARGET)
    assert asked_child.availability is IN
    assert (asked_parent.availability, asked_parent.pickup) == (UNKNOWN, UNKNOWN)
    assert "variants" in asked_parent.reason
    details = read_details(batch(parent), "85573240", TARGET)
    assert details.is_parent
    assert details.variants[1] == ("85573239", "Game: Illumineer's Trove")


def test_a_marketplace_seller_is_told_though_the_batch_does_not_name_it() -> None:
    own, other = seen_of(), seen_of(item__fulfillment={"is_marketplace": True})
    assert own.offer is not None
    assert own.offer.sold_by is None
    assert other.offer is not None
    assert other.offer.sold_by == "a marketplace seller"


def test_a_title_is_unescaped() -> None:
    assert seen_of().product.name == "Game: Illumineer's Trove"


@pytest.mark.parametrize(
    ("text", "cents"),
    [("17.99", 1799), ("18", 1800), ("4.10", 410), ("0.29", 29), ("179.990", 17999)],
)
def test_a_price_is_dollars_read_from_the_text_of_the_json(text: Any, cents: Any) -> None:
    body = '{"data":{"product":{"tcin":"%s","item":{},"price":{"current_retail":%s,"reg_retail":%s}}}}'
    details = read_details(page(body % (SKU, text, text)), SKU, TARGET)
    assert details.offer is not None
    assert details.offer.price == Money(cents)
    assert details.offer.regular_price is None


@pytest.mark.parametrize(
    "price",
    [
        {"current_retail_min": 12.99, "reg_retail_max": 15.99},
        {"formatted_current_price": "See price in cart"},
        {"current_retail": 0},
        {"current_retail": -5},
        {"current_retail": 17.999},
        {"current_retail": 99_999_999},
        {"current_retail": None},
    ],
)
def test_what_is_no_price_is_an_unknown_price(price: Any) -> None:
    document = {"data": {"product": {"tcin": SKU, "item": {}, "price": price}}}
    details = read_details(page(document), SKU, TARGET)
    assert details.offer is not None
    assert details.offer.price is None


def test_a_sale_keeps_the_regular_price() -> None:
    price = {"current_retail": 4.29, "reg_retail": 4.59, "formatted_current_price_type": "sale"}
    details = read_details(
        page({"data": {"product": {"tcin": SKU, "item": {}, "price": price}}}), SKU, TARGET
    )
    assert details.offer is not None
    assert (details.offer.price, details.offer.regular_price) == (Money(429), Money(459))


def test_details_about_another_product_are_a_layout_change() -> None:
    with pytest.raises(LayoutChanged):
        read_details(batch(target_product("22222222")), SKU, TARGET)


def test_two_answers_of_one_page_that_disagree_are_unknown() -> None:
    said_in, said_out = target_product(SKU), target_product(SKU, **{SHIPPING: "OUT_OF_STOCK"})
    seen = read_any([said_in, {"deep": [said_out]}], SKU, page(""))
    assert seen is not None
    assert (seen.availability, seen.reason) == (UNKNOWN, "the page's own answers disagree")


def test_a_page_of_its_own_depth_is_searched_without_end_or_error() -> None:
    deep: object = target_product(SKU)
    for _ in range(5000):
        deep = [deep]
    assert read_any(deep, SKU, page("")) is None


def test_a_request_carries_the_place_and_at_most_thirty_products() -> None:
    url = request([SKU, "13356914"], TARGET).url
    assert url.startswith(
        "https://redsky.target.com/redsky_aggregations/v1/web/product_summary_with_fulfillment_v1?"
    )
    for part in (f"tcins={SKU},13356914", "store_id=2272", "zip=20147", "state=VA", "latitude=39.030"):
        assert part in url
    assert TARGET_STOCK.batch_size <= 30
    assert "store_id" not in request([SKU], ANYWHERE).url


def test_without_its_key_nothing_is_asked_and_the_setting_is_named() -> None:
    with pytest.raises(Invalid, match=r"retailers\.target\.keys\.web"):
        request([SKU], Site(base_url="https://www.target.com"))


def test_the_key_is_not_in_the_evidence() -> None:
    (seen,) = read(
        page({"data": {"product": target_product(SKU)}}, url=request([SKU], TARGET).url), [SKU], TARGET
    )
    assert seen.evidence is not None
    assert "f" * 40 not in seen.evidence.url
    assert "key=***" in seen.evidence.url


@pytest.mark.parametrize(
    ("status", "body", "challenge"),
    [
        (403, '{\n  "captchaRelativeURL":"/captcha?trackingId=1",\n "captchaAbsoluteURL":"https://x"}', True),
        (435, '{"appId":"PXGWPp4wUS","blockScript":"https://captcha.px-cdn.net/x","uuid":"1"}', True),
        (435, "", True),
        (200, '{"appId":"PXGWPp4wUS","jsClientSrc":"/x/init.js","blockScript":"y"}', True),
        (403, "<HTML><HEAD>\n<TITLE>Access Denied</TITLE></HEAD><BODY>You don't have</BODY></HTML>", True),
        (200, '<html><body><div id="px-captcha"></div></body></html>', True),
        (403, "<html><body><h1>Press &amp; Hold to confirm you are a human</h1></body></html>", True),
        (200, "<html><body>Access to this page has been denied</body></html>", True),
        (401, '{"message":"unauthorized"}', False),
        (403, '{"errors":[{"message":"Unauthorized"}]}', False),
    ],
)
def test_a_wall_is_recognised_whatever_its_status(status: Any, body: Any, challenge: Any) -> None:
    with pytest.raises(Blocked) as caught:
        recognise_wall(page(body, status=status))
    assert caught.value.challenge is challenge


@pytest.mark.parametrize(
    "body",
    [
        '{"data":{"product_summaries":[]}}',
        '<html><head><title>Tape : Target</title></head><script id="humanSensor"></script></html>',
        "<html><head><title>Press and Hold Foam : Target</title></head><body>"
        + "x" * 70_000
        + "press & hold",
        '{"message":"Encountered errors","code":"DEPENDENT_SERVICE_ERROR"}',
        "",
    ],
)
def test_a_normal_page_with_the_sensor_script_is_no_wall(body: Any) -> None:
    recognise_wall(page(body))


@pytest.mark.parametrize(
    ("url", "sku"),
    [
        ("https://www.target.com/p/scotch-tape/-/A-13356914#lnk=sametab", "13356914"),
        ("https://www.target.com/p/-/A-13356914?preselect=1", "13356914"),
        ("http://127.0.0.1:8803/p/-/A-1011209279", "1011209279"),
        ("https://www.target.com/c/toys/-/N-5xtb0", None),
        ("https://www.walmart.com/p/-/A-13356914", None),
        ("https://evil-target.com/p/-/A-13356914", None),
        ("https://www.target.com/p/-/A-12", None),
        ("nonsense", None),
        ("http://[broken/p/-/A-13356914", None),
    ],
)
def test_the_sku_in_an_address(url: Any, sku: Any) -> None:
    assert sku_from_url(url) == sku


def test_a_products_address_is_read_back() -> None:
    assert sku_from_url(product_url(SKU, TARGET)) == SKU


def test_a_batch_refused_for_want_of_a_store_says_what_to_set() -> None:
    refused = page("", status=400)
    assert 400 in request(["1"], ANYWHERE).accept
    assert 400 not in request(["1"], TARGET).accept
    with pytest.raises(LayoutChanged, match=r"set retailers\.target\.location\.store_id"):
        read(refused, ["1"], ANYWHERE)
