"""T-Mobile's store pages."""

from __future__ import annotations

from typing import Any

import pytest
from tests.retailers.store_pages import ld_page, one_store, page

from shopwatch.domain.errors import LayoutChanged

URL = "https://www.t-mobile.com/stores/bd/t-mobile-abbeville-la-70510-422g"
TITLE = "T-Mobile Veterans Memorial &amp; Broadmoore: {} in Abbeville, LA"
HOURS = [*(f"{day} 10:00-20:00" for day in ("Mo", "Tu", "We", "Th", "Fr", "Sa")), "Su 12:00-18:00"]


def thing(**changed: Any) -> dict[str, Any]:
    return {
        "@type": "Store",
        "name": "T-Mobile Veterans Memorial &amp; Broadmoore",
        "branchCode": "422G",
        "telephone": "(337) 595-7715",
        "address": {
            "streetAddress": "3103 Veterans Memorial Dr",
            "addressLocality": "Abbeville",
            "addressRegion": "LA",
            "postalCode": "70510",
            "addressCountry": "US",
        },
        "geo": {"latitude": "29.9706610", "longitude": "-92.1190"},
        "openingHours": HOURS,
        "image": "https://cdn.example/(webp)/https://www.t-mobile.com/store.jpg",
    } | changed


def test_every_field_of_a_store() -> None:
    store = one_store(
        "tmobile", page(ld_page({"@type": "WebPage"}, [thing()], title=TITLE.format("Experience Store")), URL)
    )
    assert store.key == ("tmobile", "422G")
    assert (store.name, store.kind) == ("T-Mobile Veterans Memorial & Broadmoore", "Experience Store")
    assert (store.address, store.city, store.state) == (("3103 Veterans Memorial Dr",), "Abbeville", "LA")
    assert (store.postcode, store.phone, store.url) == ("70510", "+13375957715", URL)
    assert (store.lat, store.lon) == (29.970661, -92.119)
    assert store.hours == "Mo-Sa 10:00-20:00; Su 12:00-18:00"


def test_until_october_2025_the_hours_stood_in_another_field() -> None:
    old = thing(openingHoursSpecification=HOURS)
    del old["openingHours"]
    assert one_store("tmobile", page(ld_page(old), URL)).hours == "Mo-Sa 10:00-20:00; Su 12:00-18:00"


@pytest.mark.parametrize(
    ("kind", "corporate"),
    [
        ("Store", None),
        ("Experience Store", None),
        ("Neighborhood Store", None),
        ("Authorized Retailer", False),
    ],
)
def test_the_title_says_the_kind(kind: str, corporate: bool | None) -> None:
    store = one_store("tmobile", page(ld_page(thing(), title=TITLE.format(kind)), URL))
    assert (store.kind, store.corporate) == (kind, corporate)


def test_a_title_that_says_nothing_leaves_the_kind_unknown() -> None:
    assert one_store("tmobile", page(ld_page(thing(), title="T-Mobile"), URL)).kind is None


def test_the_country_may_be_wrapped() -> None:
    address = thing()["address"] | {"addressCountry": {"@type": "Country", "name": "US"}, "postalCode": "949"}
    store = one_store("tmobile", page(ld_page(thing(address=address)), URL))
    assert (store.country, store.postcode) == ("US", "00949")


def test_a_service_page_is_no_store() -> None:
    with pytest.raises(LayoutChanged):
        one_store("tmobile", page(ld_page(thing() | {"@type": "Service"}), URL))


def test_a_store_without_its_code_is_a_layout_change() -> None:
    with pytest.raises(LayoutChanged):
        one_store("tmobile", page(ld_page(thing(branchCode=None)), URL))


def test_two_stores_on_one_point_are_two_stores() -> None:
    first = one_store("tmobile", page(ld_page(thing(branchCode="2TSA")), URL))
    second = one_store("tmobile", page(ld_page(thing(branchCode="455")), URL))
    assert (first.lat, first.lon) == (second.lat, second.lon)
    assert first.key != second.key


def test_control_characters_and_a_trailing_comma_are_forgiven() -> None:
    text = (
        ld_page(thing())
        .replace("Broadmoore\\", "Broadmoore")
        .replace('"branchCode"', '"note": "a\tb\nc", "branchCode"')
    )
    text = text.replace("}</script>", ",}</script>")
    assert one_store("tmobile", page(text, URL)).ref == "422G"
