"""Best Buy's store pages of two ages."""

from __future__ import annotations

from typing import Any

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import features
from tests.retailers.store_pages import blob, ld_page, one_store, page, requests, sitemap

from shopwatch.domain.errors import LayoutChanged, Unreachable
from shopwatch.domain.site import Site
from shopwatch.domain.store import StoreStatus
from shopwatch.retailers.stores.bestbuy import directory

BASE = "https://stores.bestbuy.com"
URL = f"{BASE}/mn/richfield/1000-west-78th-st-281.html"
OPEN = {"openIntervals": [{"start": "10:00", "end": "21:00"}]}


def graph(**changed: Any) -> dict[str, Any]:
    store = {
        "@type": "ElectronicsStore",
        "name": "Best Buy Richfield",
        "address": {
            "streetAddress": "1000 West 78th St",
            "addressLocality": "Richfield",
            "addressRegion": "MN",
            "postalCode": "55423",
            "addressCountry": "US",
        },
        "geo": {"latitude": 44.8626, "longitude": -93.2921},
        "telephone": "+1 612-861-9400",
        "openingHours": ["Mo-Sa 10:00-20:00"],
    } | changed
    return {"@context": "https://schema.org", "@graph": [{"@type": "BreadcrumbList"}, store]}


def doc(**changed: Any) -> dict[str, Any]:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    return {
        "id": "281",
        "mainPhone": "+16128619400",
        "address": {
            "line1": "1000 West 78th St",
            "line2": "Suite 5",
            "city": "Richfield",
            "region": "MN",
            "postalCode": "55423",
            "countryCode": "US",
        },
        "yextDisplayCoordinate": {"latitude": 44.8626, "longitude": -93.2921},
        "hours": dict.fromkeys(days, OPEN) | {"sunday": {"isClosed": True}},
        "c_storeServices": ["Geek Squad Services", "Apple Shop"],
        "slug": "mn/richfield/1000-west-78th-st-281.html",
    } | changed


def test_every_field_of_a_store() -> None:
    store = one_store("bestbuy", page(ld_page(graph(), more=blob(doc())), URL))
    assert store.key == ("bestbuy", "281")
    assert (store.name, store.kind, store.status) == ("Best Buy Richfield", "Best Buy", StoreStatus.OPEN)
    assert store.address == ("1000 West 78th St", "Suite 5")
    assert (store.city, store.state, store.postcode, store.phone) == (
        "Richfield",
        "MN",
        "55423",
        "+16128619400",
    )
    assert (store.lat, store.lon) == (44.8626, -93.2921)
    assert store.hours == "Mo-Sa 10:00-21:00; Su closed"
    assert store.services == ("Apple Shop", "Geek Squad Services")


def test_the_number_is_the_stores_and_not_the_houses() -> None:
    url = f"{BASE}/ut/farmington/360-n-station-pkwy-1887.html"
    assert one_store("bestbuy", page(ld_page(graph(), more=blob(doc(id="1887"))), url)).ref == "1887"


def test_json_ld_alone_is_enough() -> None:
    store = one_store("bestbuy", page(ld_page(graph()), URL))
    assert (store.ref, store.hours, store.services) == ("281", "Mo-Sa 10:00-20:00", ())


def test_the_document_alone_is_enough_if_it_has_a_name() -> None:
    assert one_store("bestbuy", page(blob(doc(name="Richfield")), URL)).name == "Richfield"
    with pytest.raises(LayoutChanged):
        one_store("bestbuy", page(blob(doc()), URL))


def test_a_closed_store_keeps_its_page_and_is_kept_as_closed() -> None:
    banner = '<div class="hero closed-banner-header-shop-online">This store is closed. Shop online.</div>'
    store = one_store("bestbuy", page(ld_page(graph(), more=blob(doc()) + banner), URL))
    assert (store.ref, store.status) == ("281", StoreStatus.CLOSED)


def test_pacific_sales_is_another_kind() -> None:
    url = f"{BASE}/ca/torrance/24120-garnier-st-1713-pacific-sales.html"
    store = one_store("bestbuy", page(ld_page(graph(), more=blob(doc(id="1713"))), url))
    assert (store.ref, store.kind) == ("1713", "Pacific Sales")


def test_holidays_of_the_document_stay_apart() -> None:
    hours = doc()["hours"] | {
        "holidayHours": [
            {"date": "2026-11-26", "isClosed": True},
            {"date": "2026-11-27"} | OPEN,
            {"date": "2026-12-24"},
        ]
    }
    store = one_store("bestbuy", page(ld_page(graph(), more=blob(doc(hours=hours))), URL))
    assert [(day.date, day.intervals) for day in store.dated_hours] == [
        ("2026-11-26", ()),
        ("2026-11-27", ((600, 1260),)),
    ]
    assert store.hours == "Mo-Sa 10:00-21:00; Su closed"


def test_another_stores_page_is_asked_for_again() -> None:
    with pytest.raises(Unreachable, match="answered with store 282"):
        one_store("bestbuy", page(ld_page(graph(), more=blob(doc(id="282"))), URL))


def test_the_pages_of_2018_to_2024() -> None:
    old = """<html><h1><span id="location-name">Best Buy Richfield</span></h1>
      <meta itemprop="streetAddress" content="1000 West 78th St"><span class="c-address-city">Richfield</span>
      <abbr class="c-address-state">MN</abbr><span class="c-address-postal-code">55423</span>
      <span class="c-phone-main-number-span">(612) 861-9400</span>
      <meta itemprop="latitude" content="44.8626"><meta itemprop="longitude" content="-93.2921">
      <div class="js-location-hours" data-days='[
        {"day":"MONDAY","intervals":[{"start":1000,"end":2100}],"holidayHoursIsRegular":false}]'></div></html>"""
    store = one_store("bestbuy", page(old, URL))
    assert (store.ref, store.name, store.city, store.state) == (
        "281",
        "Best Buy Richfield",
        "Richfield",
        "MN",
    )
    assert (store.phone, store.lat, store.hours) == ("+16128619400", 44.8626, "Mo 10:00-21:00")


def test_a_directory_page_leads_to_its_stores_and_a_state_with_one_store_straight_to_it() -> None:
    tree = {
        "dm_directoryChildren": [
            {
                "slug": "mn",
                "dm_directoryChildren": [
                    {
                        "slug": "mn/richfield",
                        "dm_directoryChildren": [{"slug": "mn/richfield/1000-west-78th-st-281.html"}],
                    }
                ],
            },
            {"slug": "mt/bozeman/2155-cattail-st-1264.html"},
            {"slug": "mn/empty-city"},
        ]
    }
    found = directory(page(blob(tree)), Site(base_url=BASE))
    assert [one.url for one in found] == [URL, f"{BASE}/mt/bozeman/2155-cattail-st-1264.html"]
    with pytest.raises(LayoutChanged):
        directory(page(blob({"dm_directoryChildren": []})), Site(base_url=BASE))


@needs_recordings
def test_the_addresses_of_all_1036_recorded_stores_are_recognised() -> None:
    addresses = [one["properties"]["website"] for one in features("bestbuy")]
    stores = [one for one in addresses if not one.endswith(("/404.html",))]
    found = {one.url for one in requests("bestbuy", "sitemap", page(sitemap(*addresses)))}
    assert set(stores) - found == set()
    assert len(found) == 1036
