"""Verizon's tree of states, cities and stores, with its oddities."""

from __future__ import annotations

from typing import Any

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import document, features
from tests.retailers.store_pages import one_store, page, requests, script, urls

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Gone, LayoutChanged, Unreachable
from shopwatch.domain.store import StoreStatus
from shopwatch.retailers.registry import RETAILERS

BASE = "https://www.verizon.com"
DALTON = f"{BASE}/stores/details/georgia/dalton/dalton-1156006/"
WEEK = {
    f"{day}{end}": time
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
    for end, time in (("Open", "10:00 AM"), ("Close", "08:00 PM"))
}


def store_json(**changed: Any) -> dict[str, Any]:
    return {
        "storeName": "Dalton",
        "storeNumber": "R00000251432",
        "retailId": "1156006",
        "url": "/stores/georgia/dalton/dalton-1156006/",
        "telephone": "7062783579",
        "typeOfStore": ["Verizon company stores"],
        "address": {
            "streetAddress": "1516 W Walnut Ave",
            "addressLocality": "Dalton",
            "addressRegion": "GA",
            "postalCode": "30720",
            "addressCountry": "US",
        },
        "geo": {"latitude": 34.7608179, "longitude": -84.996595},
        "StoreHours": WEEK | {"SunOpen": "Closed", "SunClose": "Closed"},
        "posStoreDetail": {
            "businessName": "Verizon Wireless",
            "storeType": "Store",
            "address1": "1516 W Walnut Ave",
            "address2": None,
        },
    } | changed


def store_page(asked: str = DALTON, meta: dict[str, str] | None = None, **changed: Any) -> Page:
    return page(script("storeJSON", store_json(**changed)), asked, meta=meta)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ({"name": "Georgia", "slug": "georgia"}, "/stores/state/georgia/"),
        ({"name": "Georgia", "url": "/stores/state/georgia/"}, "/stores/state/georgia/"),
        ({"name": "New Jersey"}, "/stores/state/new-jersey/"),
        ({"name": "North Carolina", "slug": "north-carolina"}, "/stores/north-carolina/"),
        ({"name": "District Of Columbia", "slug": "washington-dc"}, "/stores/state/washington-dc/"),
        ({"name": "District Of Columbia"}, "/stores/state/washington-dc/"),
    ],
)
def test_the_root_page_leads_to_every_state(listed: dict[str, str], expected: str) -> None:
    (found,) = requests(
        "verizon", "states", page(script("statesJSON", {"states": [listed, {"name": "Europe"}]}))
    )
    assert (found.url, found.phase) == (BASE + expected, "cities")
    assert found.meta["state"] in ("GA", "NJ", "NC", "DC")


def test_the_links_say_the_states_too() -> None:
    html = """<a href="/stores/state/georgia/">Georgia</a><a href='/stores/north-carolina/'>NC</a>
      <a href="/stores/city/georgia/dalton/">Dalton</a><a href="/stores/about-us/">About</a>"""
    assert urls("verizon", "states", page(html)) == [
        f"{BASE}/stores/state/georgia/",
        f"{BASE}/stores/north-carolina/",
    ]


def test_a_state_leads_to_its_cities_and_tells_them_its_name() -> None:
    data = {
        "state": {"name": "Alabama"},
        "cities": [{"name": "Albertville", "url": "/stores/city/alabama/albertville/"}],
    }
    (found,) = requests("verizon", "cities", page(script("stateJSON", data), meta={"state": "AL"}))
    assert (found.url, found.phase) == (f"{BASE}/stores/city/alabama/albertville/", "urls")
    assert found.meta == {"state": "AL"}


def test_dc_is_the_district_of_columbia() -> None:
    data = {
        "state": {"name": "District Of Columbia"},
        "cities": [{"name": "Washington", "url": "/stores/city/washington-dc/washington/"}],
    }
    assert urls("verizon", "cities", page(script("stateJSON", data), meta={"state": "DC"}))


def test_another_states_data_is_asked_for_again() -> None:
    data = {"state": {"name": "Alaska"}, "cities": [{"name": "Juneau", "url": "/stores/city/alaska/juneau/"}]}
    with pytest.raises(Unreachable, match="another state's data"):
        requests("verizon", "cities", page(script("stateJSON", data), meta={"state": "AL"}))


def city_page(*stores: dict[str, Any]) -> str:
    return script("cityJSON", {"city": {"name": "Dalton"}, "stores": list(stores)})


def city_store(**changed: Any) -> dict[str, Any]:
    return {
        "storeName": "Russell Cellular Dalton",
        "address": "1500 W Walnut Ave",
        "city": "Dalton",
        "stateAbbr": "GA",
        "zip": 30720,
        "lat": "34.76",
        "lng": "-84.99",
        "phone": "7065550100",
        "storeUrl": "/stores/georgia/dalton/russell-cellular-dalton-1402922/",
        "openingDate": "12-Mar-15",
    } | changed


def test_a_city_leads_to_its_stores_and_tells_what_it_alone_knows() -> None:
    (found,) = requests("verizon", "urls", page(city_page(city_store()), meta={"state": "GA"}))
    assert found.url == f"{BASE}/stores/details/georgia/dalton/russell-cellular-dalton-1402922/"
    assert found.meta == {"opened_on": "12-Mar-15", "lat": "34.76", "lon": "-84.99"}


def test_a_null_in_words_is_nothing() -> None:
    (found,) = requests(
        "verizon", "urls", page(city_page(city_store(lat="null", lng="null", openingDate=None)))
    )
    assert found.meta == {}


def test_a_city_of_another_state_is_asked_for_again() -> None:
    other = city_store(storeUrl="/stores/alaska/juneau/juneau-1402922/", stateAbbr="AK")
    with pytest.raises(Unreachable):
        requests("verizon", "urls", page(city_page(other), meta={"state": "GA"}))


def test_a_store_whose_own_state_is_wrong_is_listed_where_its_address_says() -> None:
    assert requests("verizon", "urls", page(city_page(city_store(stateAbbr="MS")), meta={"state": "GA"}))


def test_every_field_of_a_store() -> None:
    store = one_store("verizon", store_page(meta={"opened_on": "12-Mar-15"}))
    assert store.key == ("verizon", "R00000251432")
    assert (store.name, store.kind, store.dealer, store.corporate) == ("Dalton", "Store", None, True)
    assert store.address == ("1516 W Walnut Ave",)
    assert (store.city, store.state, store.postcode, store.country) == ("Dalton", "GA", "30720", "US")
    assert (store.lat, store.lon, store.phone) == (34.7608179, -84.996595, "+17062783579")
    assert store.hours == "Mo-Sa 10:00-20:00; Su closed"
    assert (store.status, store.url, store.opened_on) == (StoreStatus.OPEN, DALTON, "2015-03-12")


@pytest.mark.parametrize(
    ("number", "types", "corporate"),
    [
        ("R00000251432", ["Authorized Retailer"], True),
        ("A00000202822", ["Verizon company stores"], False),
        ("N00000360018", [], False),
        ("X1", ["Verizon company stores"], True),
        ("X1", ["Authorized Retailer"], False),
        ("X1", [], None),
    ],
)
def test_who_runs_it_stands_in_the_number_and_else_in_the_type(
    number: str, types: list[str], corporate: bool | None
) -> None:
    assert one_store("verizon", store_page(storeNumber=number, typeOfStore=types)).corporate is corporate


def test_a_dealers_name_cut_at_fifty_characters_stays_as_it_came() -> None:
    name = "Cellular Sales Management Group LLC via its affili"
    store = one_store(
        "verizon",
        store_page(storeNumber="A1", posStoreDetail={"businessName": name, "storeType": "Big 6- Exclusive"}),
    )
    assert (len(name), store.dealer, store.kind) == (50, name, "Big 6 - Exclusive")


def test_without_its_detail_a_store_is_still_one() -> None:
    glued = store_json()["address"] | {"streetAddress": "1663 Lincoln WaySte G", "postalCode": 7652}
    store = one_store("verizon", store_page(posStoreDetail=None, address=glued))
    assert store.address == ("1663 Lincoln Way", "Ste G")
    assert (store.kind, store.dealer, store.postcode) == ("Verizon company stores", None, "07652")


def test_coordinates_of_the_citys_page_serve_where_its_own_are_missing() -> None:
    hints = {"lat": "34.76", "lon": "-84.99"}
    store = one_store("verizon", store_page(meta=hints, geo={"latitude": "null", "longitude": "null"}))
    assert (store.lat, store.lon) == (34.76, -84.99)


def test_the_hours_of_the_older_pages() -> None:
    old = {"dayOfWeek": ["Mo 10:00-20:00", "Su 12:00-18:00"]}
    store = one_store("verizon", store_page(StoreHours=None, openingHoursSpecification=old))
    assert store.hours == "Mo 10:00-20:00; Su 12:00-18:00"


def test_a_stale_address_serves_another_store_and_gives_none() -> None:
    stale = f"{BASE}/stores/details/colorado/estes-park/russell-cellular-estes-park-1861522/"
    with pytest.raises(Gone, match="stale address: it serves store R00000251432"):
        one_store("verizon", store_page(stale))


@pytest.mark.parametrize("own", ["/stores/georgia/dalton/dalton-walnut-1156006/", None])
def test_a_new_name_in_the_address_of_the_same_store_is_no_other_store(own: str | None) -> None:
    assert one_store("verizon", store_page(url=own)).ref == "R00000251432"


def test_a_store_has_its_own_address_whichever_led_to_it() -> None:
    asked = f"{BASE}/stores/details/florida/dalton/dalton-1156006/"
    assert one_store("verizon", store_page(asked)).url == DALTON
    unnamed = store_json()
    del unnamed["url"]
    assert one_store("verizon", page(script("storeJSON", unnamed), asked)).url == asked


def test_the_same_number_in_another_city_is_another_store() -> None:
    moved = store_json()["address"] | {"addressLocality": "Chapel Hill", "addressRegion": "NC"}
    stale = store_json(url="/stores/north-carolina/chapel-hill/russell-1156006/", address=moved)
    with pytest.raises(Gone):
        one_store("verizon", page(script("storeJSON", stale), DALTON))


def test_a_suburbs_store_under_its_own_address_is_kept() -> None:
    suburb = store_json()["address"] | {"addressLocality": "Rocky Face"}
    assert one_store("verizon", store_page(address=suburb)).city == "Rocky Face"


@pytest.mark.parametrize("missing", ["storeNumber", "storeName", "address"])
def test_a_store_without_its_main_fields_is_a_layout_change(missing: str) -> None:
    data = {name: value for name, value in store_json().items() if name != missing}
    with pytest.raises(LayoutChanged):
        one_store("verizon", page(script("storeJSON", data), DALTON))


def test_the_script_may_hold_other_things_around_the_data() -> None:
    text = script("storeJSON", store_json(storeName="Dalton }; var x = {"))
    text = "<script>if (window.storeJSON = null) {}; // storeJSON = {broken</script>" + text
    assert one_store("verizon", page(text, DALTON)).name == "Dalton }; var x = {"


@needs_recordings
def test_every_recorded_store_is_found_under_its_recorded_address() -> None:
    wrong: list[str] = []
    for one in features("verizon"):
        said, (lon, lat) = one["properties"], one["geometry"]["coordinates"]
        data = store_json(
            storeNumber=said["ref"],
            storeName=said["name"],
            retailId=said["retail_id"],
            url=said["website"],
            telephone=said["phone"],
            typeOfStore=said["store_type_note"],
            address={
                "streetAddress": said["addr:full"],
                "addressLocality": said["addr:city"],
                "addressRegion": said["addr:state"],
                "postalCode": said["addr:postcode"],
            },
            geo={"latitude": lat, "longitude": lon},
            posStoreDetail={"businessName": said["business_name"], "storeType": said["store_type"]},
        )
        asked = BASE + said["website"].replace("/stores/", "/stores/details/", 1)
        store = one_store("verizon", page(script("storeJSON", data), asked))
        if (store.ref, store.corporate, store.phone) != (
            said["ref"],
            said["ref"][0] == "R",
            f"+1{said['phone']}",
        ):
            wrong.append(said["ref"])
    assert not wrong


@needs_recordings
def test_the_recorded_pickup_answers_name_their_stores_as_the_pages_do() -> None:
    for one in document("verizon/checkout_pickup_stores_paramus_2018.json")["output"]:
        listed = city_store(storeUrl=one["seoUrlName"], lat=one["latitude"], lng=one["longitude"])
        (found,) = requests("verizon", "urls", page(city_page(listed)))
        assert found.url.rstrip("/").endswith(one["storeId"])
        assert found.meta["lat"] == one["latitude"]


def test_the_phases_are_the_missions() -> None:
    assert [phase.name for phase in RETAILERS["verizon"].locator.phases] == [
        "states",
        "cities",
        "urls",
        "extract",
    ]
