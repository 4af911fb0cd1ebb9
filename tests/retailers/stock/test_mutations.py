"""No spoilt answer may ever look like stock: fields lost, garbled or cut must end in unknown or an error."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.paths import RECORDINGS
from tests.retailers.stock.stock_pages import (
    ANYWHERE,
    BESTBUY,
    TARGET,
    WALMART,
    bestbuy_product,
    bodies,
    page,
    recorded,
    target_product,
    walmart_page,
)

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import RetailerError
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Observation
from shopwatch.retailers.stock.bestbuy import BESTBUY_STOCK
from shopwatch.retailers.stock.target import TARGET_STOCK
from shopwatch.retailers.stock.target_answer import read_any
from shopwatch.retailers.stock.walmart import WALMART_STOCK

LOST: tuple[object, ...] = (..., None, "", 0, -1, [], {})

Read = Callable[[Page, Sequence[str], Site], list[Observation]]
Body = tuple[str, Any, Callable[[Any], Page], Read, str, Site]

#: Anything but the very words that mean "buyable": a site that lies in its own words is not found out here.
garbage = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["in_stock", "OUT", "AVAILABLE_SOON", "", "0", "null", "IN STOCK"]),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=2),
)


def sold_out_bodies() -> Iterator[Body]:
    if RECORDINGS.is_dir():
        for file, sku in (
            ("api_response_debug.json", "94300072"),
            ("api_response_debug.json", "94886127"),
            ("success_fulfillment_94681776_var1.json", "94681776"),
        ):
            yield file + sku, recorded(f"target-stock/{file}"), page, TARGET_STOCK.read, sku, ANYWHERE
        drop = dict(bodies(recorded("target-stock/drop-1011209279.json")))["/drop/redskyBodies/3/body"]
        yield "drop", json.loads(drop), page, TARGET_STOCK.read, "1011209279", TARGET
        shop = recorded("bestbuy-stock/availability_stores.json")[1]["response"]
        yield "bestbuy recorded", shop, page, BESTBUY_STOCK.read, "4971901", BESTBUY
    gone: dict[str, Any] = {"fulfillment__shipping_options__availability_status": "OUT_OF_STOCK"}
    gone["fulfillment__store_options"] = []
    child = target_product("85573239", **gone)
    parent = target_product("85573240", item__relationship_type_code="VAP", **gone) | {"children": [child]}
    composed = {"data": {"product_summaries": [parent, target_product("13356914")]}}
    yield "variants", composed, page, TARGET_STOCK.read, "85573239", TARGET
    sold_out = bestbuy_product(orderable="SoldOut", onlineAvailability=False)
    yield "bestbuy", {"products": [sold_out]}, page, BESTBUY_STOCK.read, "6411488", BESTBUY
    walmart_gone = {"usItemId": "5", "availabilityStatus": "OUT_OF_STOCK", "sellerName": "Walmart.com"}
    yield "walmart", walmart_gone, walmart_page, WALMART_STOCK.read, "5", WALMART


BODIES = list(sold_out_bodies())


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = document.items() if isinstance(document, dict) else enumerate(document)
    for name, part in parts:
        yield (*path, name)
        if isinstance(part, dict | list):
            yield from places(part, (*path, name))


@contextmanager
def spoilt_for_a_moment(document: Any, path: tuple[Any, ...], value: object) -> Iterator[None]:
    place = document
    for step in path[:-1]:
        place = place[step]
    kept = copy.copy(place)
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    yield
    place.clear()
    place.update(kept) if isinstance(place, dict) else place.extend(kept)


def spoilt(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copied = copy.deepcopy(document)
    place = copied
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copied


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[0])
def test_no_field_lost_makes_a_sold_out_body_buyable(body: Body) -> None:
    _, document, wrap, read, sku, site = body
    document = copy.deepcopy(document)
    for path in list(places(document)):
        for value in LOST:
            with spoilt_for_a_moment(document, path, value):
                assert not looks_buyable(read, wrap(document), sku, site), (path, value)


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_garbled_field_makes_a_sold_out_body_buyable(data: st.DataObject) -> None:
    _, document, wrap, read, sku, site = data.draw(st.sampled_from(BODIES))
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(list(places(document)) or [()]))
        if path and path[-1] != "onlineAvailability":  # whose very word is a plain true
            document = spoilt(document, path, data.draw(garbage))
    assert not looks_buyable(read, wrap(document), sku, site)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_no_cut_or_garbled_body_makes_it_buyable(data: st.DataObject) -> None:
    _, document, wrap, read, sku, site = data.draw(st.sampled_from(BODIES))
    body = wrap(document).body
    begin = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(begin, min(len(body), begin + 200)))
    cut = body[:begin] + data.draw(st.binary(max_size=8)) + body[end:]
    assert not looks_buyable(read, page(cut), sku, site)


@given(document=st.recursive(garbage, lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=3)))
@settings(max_examples=100, deadline=None)
def test_whatever_json_the_page_fetches_the_listener_answers_or_says_layout_changed(document: Any) -> None:
    said = {"tcin": "5", "fulfillment": {"shipping_options": document}, "price": document}
    try:
        seen = read_any([said, document], "5", page(""))
    except RetailerError:
        return
    assert seen is None or not seen.availability.is_buyable


def looks_buyable(read: Read, answer: Page, sku: str, site: Site) -> bool:
    try:
        seen = read(answer, [sku], site)
    except RetailerError:
        return False
    assert [one.product.sku for one in seen] == [sku]
    return any(state.is_buyable for state in (seen[0].availability, seen[0].pickup))
