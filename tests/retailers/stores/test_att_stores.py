"""AT&T's store pages of today and before, and its list API."""

from __future__ import annotations

import json

import pytest
from tests.retailers.store_pages import ld_page, one_store, page

from shopwatch.domain.errors import LayoutChanged
from shopwatch.domain.store import StoreStatus

URL = "https://www.att.com/stores/new-york/new-york/2679"
THING = {
    "@context": "https://schema.org",
    "@type": "MobilePhoneStore",
    "name": "\n    Broadway & E 8th St\n  ",
    "telephone": "+1 212-677-4673",
    "address": {
        "@type": "PostalAddress",
        "streetAddress": "745 Broadway",
        "addressLocality": "New York",
        "addressRegion": "NY",
        "postalCode": "10003",
        "addressCountry": {"@type": "Country", "name": "US"},
    },
    "aggregateRating": {"@type": "AggregateRating", "ratingValue": "4.0", "ratingCount": "157"},
}


def script_of(kind: str = "'AT&T Retail'", dealer: str = "''") -> str:
    return f"<script> let topDisplayType = {kind};  window.x = {{ storeMasterDealer: {dealer} }}; </script>"


def test_every_field_of_a_store() -> None:
    store = one_store("att", page(ld_page({"@type": "WebSite"}, THING, more=script_of()), URL))
    assert store.key == ("att", "2679")
    assert (store.name, store.kind, store.dealer, store.corporate) == (
        "Broadway & E 8th St",
        "AT&T Retail",
        None,
        True,
    )
    assert (store.address, store.city, store.state, store.postcode) == (
        ("745 Broadway",),
        "New York",
        "NY",
        "10003",
    )
    assert (store.phone, store.country, store.url) == ("+12126774673", "US", URL)
    assert (store.lat, store.lon, store.hours) == (None, None, None)


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_dealer_loses_its_number(quote: str) -> None:
    words = script_of(f"{quote}Authorized Retail{quote}", f"{quote}PRIME COMMUNICATIONS - 58{quote}")
    store = one_store("att", page(ld_page(THING, more=words), URL))
    assert (store.corporate, store.dealer) == (False, "PRIME COMMUNICATIONS")


def test_what_the_page_does_not_say_is_not_known() -> None:
    store = one_store("att", page(ld_page(THING), URL))
    assert (store.corporate, store.kind, store.dealer) == (None, None, None)


def test_geo_and_hours_are_read_should_the_page_have_them() -> None:
    full = THING | {
        "geo": {"latitude": "40.7308", "longitude": "-73.9928"},
        "openingHours": ["Mo-Sa 10:00-20:00"],
    }
    store = one_store("att", page(ld_page(full), URL))
    assert (store.lat, store.lon, store.hours) == (40.7308, -73.9928, "Mo-Sa 10:00-20:00")


def test_puerto_rico_is_a_country_without_a_state() -> None:
    address = {
        "streetAddress": "1 Calle Sol",
        "addressLocality": "San Juan",
        "postalCode": "00901",
        "addressCountry": "PR",
    }
    store = one_store(
        "att",
        page(ld_page(THING | {"address": address, "name": "Liberty Store (Formerly AT&T) San Juan"}), URL),
    )
    assert (store.country, store.state, store.status) == ("PR", None, StoreStatus.OPEN)


def test_the_pages_of_2019_to_2022() -> None:
    days = json.dumps(
        [
            {"day": "MONDAY", "intervals": [{"start": 1000, "end": 2100}]},
            {"day": "TUESDAY", "intervals": [{"start": 900, "end": 0}]},
            {"day": "SUNDAY", "intervals": []},
        ]
    )
    old = f"""<html><span class="LocationName-brand">AT&amp;T Store Wasilla</span>
      <meta itemprop="streetAddress" content="1865 E Parks Hwy">
      <meta itemprop="addressLocality" content="Wasilla">
      <abbr itemprop="addressRegion" title="Alaska">AK</abbr><span itemprop="postalCode">99654</span>
      <abbr itemprop="addressCountry">US</abbr><span itemprop="telephone">(907) 357-3400</span>
      <meta itemprop="latitude" content="61.57641"><meta itemprop="longitude" content="-149.4033">
      <span class="c-hours-today js-hours-today" data-days='{days}'></span></html>"""
    store = one_store("att", page(old, "https://www.att.com/stores/alaska/wasilla/80431"))
    assert (store.ref, store.name, store.address, store.city) == (
        "80431",
        "AT&T Store Wasilla",
        ("1865 E Parks Hwy",),
        "Wasilla",
    )
    assert (store.state, store.postcode, store.phone) == ("AK", "99654", "+19073573400")
    assert (store.lat, store.hours) == (61.57641, "Mo 10:00-21:00; Tu 09:00-24:00; Su closed")


def test_the_junk_entry_of_the_old_directory_is_no_store() -> None:
    with pytest.raises(LayoutChanged):
        one_store("att", page(ld_page(THING | {"address": {}}), "https://www.att.com/stores/us/cell-phones"))


def test_a_store_that_is_nowhere_is_a_layout_change() -> None:
    with pytest.raises(LayoutChanged):
        one_store("att", page(ld_page(THING | {"address": {}}), URL))
