"""A page that is not understood is said so, never taken for an empty result."""

from __future__ import annotations

import pytest
from tests.retailers.store_pages import (
    blob,
    flight_page,
    ld_page,
    next_page,
    packed,
    page,
    parse,
    script,
    sitemap,
)

from shopwatch.domain.errors import Gone, LayoutChanged, Unreachable
from shopwatch.retailers.registry import RETAILERS

PHASES = [(one.id, phase.name) for one in RETAILERS.values() for phase in one.locator.phases]
URLS = {
    "verizon": "https://www.verizon.com/stores/details/georgia/dalton/dalton-1156006/",
    "att": "https://www.att.com/stores/new-york/new-york/2679",
    "target": "https://www.target.com/sl/crystal/3",
    "tmobile": "https://www.t-mobile.com/stores/bd/t-mobile-abbeville-la-70510-422g",
    "walmart": "https://www.walmart.com/store/7-sherwood-ar",
    "bestbuy": "https://stores.bestbuy.com/mn/richfield/1000-west-78th-st-281.html",
}
NOTHING = {"@type": ["Store", "MobilePhoneStore", "ElectronicsStore"]}
STRANGE = {
    "nothing": "",
    "blanks": " \n\t ",
    "null": "null",
    "an empty list": "[]",
    "an empty object": "{}",
    "a number": "17",
    "a wall": "<html>Access Denied</html>",
    "an edge wall": "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY>Reference #18.2f</BODY></HTML>",
    "an empty html page": "<!DOCTYPE html><html><head></head><body></body></html>",
    "a skeleton": '<html><body><div id="root"></div><script src="/app.js"></script></body></html>',
    "an empty sitemap": sitemap(),
    "a self-closed sitemap": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>',
    "an empty index": sitemap(kind="sitemapindex"),
    "a sitemap of others": sitemap("https://www.elsewhere.example/a/1", "https://www.elsewhere.example/b/2"),
    "broken JSON-LD": '<script type="application/ld+json">{"@type": "Store", </script>',
    "JSON-LD without a store": ld_page({"@type": "BreadcrumbList"}, [{"@type": "Service"}]),
    "JSON-LD of a store without anything": ld_page(NOTHING),
    "JSON-LD with wrong types": ld_page(NOTHING | {"name": [], "address": 5, "geo": "x"}),
    "an empty next data": next_page({}),
    "a next data of null": next_page(None),
    "a next data of lists": next_page({"props": {"pageProps": {"initialData": []}}}),
    "empty states": script("statesJSON", {"states": []}),
    "an empty state": script("stateJSON", {"state": {"name": "Alabama"}, "cities": []}),
    "an empty city": script("cityJSON", {"city": {}, "stores": []}),
    "an empty store": script("storeJSON", {}),
    "a store of nulls": script("storeJSON", {"storeNumber": None, "storeName": None, "address": None}),
    "an empty blob": blob({}),
    "a broken blob": '<script>decodeURIComponent("%7B%22docu")</script>',
    "an empty flight": '<script>self.__next_f.push([1,"0:null"])</script>',
    "a small flight record": flight_page({"store_id": "3", "state": "MN"}),
    "deep brackets": '<script id="__NEXT_DATA__">' + "[" * 100_000 + "</script>",
    "deep JSON-LD": '<script type="application/ld+json">' + '{"a":' * 100_000 + "</script>",
    "binary": "\x00\x01\x02\xff\xfe",
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE.keys())
@pytest.mark.parametrize(("retailer", "phase"), PHASES)
def test_a_strange_page_is_a_layout_change_never_an_empty_result(
    retailer: str, phase: str, strange: str
) -> None:
    with pytest.raises(LayoutChanged):
        parse(retailer, phase, page(strange, URLS[retailer]))


@pytest.mark.parametrize("retailer", RETAILERS)
def test_bytes_that_are_no_text_are_a_layout_change(retailer: str) -> None:
    with pytest.raises(LayoutChanged):
        parse(retailer, "extract", page(bytes(range(256)) * 20, URLS[retailer]))


@pytest.mark.parametrize("retailer", [one for one in RETAILERS if one != "verizon"])
@pytest.mark.parametrize("length", [3, 40, -9])
def test_a_packed_sitemap_that_was_cut_is_asked_for_again(retailer: str, length: int) -> None:
    whole = packed(sitemap(*(f"https://www.example.com/{n}" for n in range(500))))
    with pytest.raises(Unreachable):
        parse(retailer, "sitemap", page(whole[:length], URLS[retailer]))


@pytest.mark.parametrize("retailer", [one for one in RETAILERS if one != "verizon"])
def test_a_sitemap_that_was_cut_is_asked_for_again(retailer: str) -> None:
    whole = sitemap(*[URLS[retailer]] * 3)
    assert parse(retailer, "sitemap", page(whole, URLS[retailer]))
    with pytest.raises(Unreachable):
        parse(retailer, "sitemap", page(whole[:-20], URLS[retailer]))


def test_a_strange_page_is_never_taken_for_a_closed_store() -> None:
    for retailer, phase in PHASES:
        for strange in STRANGE.values():
            with pytest.raises(LayoutChanged) as caught:
                parse(retailer, phase, page(strange, URLS[retailer]))
            assert not isinstance(caught.value, Gone)
