"""Best Buy's directory with its shortcuts and traps, and the developer API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests import store_site_readers as readers
from tests.paths import RECORDINGS, needs_recordings
from tests.store_site_harness import StoreSites, script_value

REAL = RECORDINGS / "stores" / "bestbuy"


@pytest.fixture
def sites() -> StoreSites:
    return StoreSites(sizes={"bestbuy": 200})


async def test_the_sitemap_finds_exactly_the_seeded_stores(sites: StoreSites) -> None:
    found = await readers.crawl_bestbuy(sites)
    stores = sites.set_of("bestbuy").stores
    assert found.keys() == stores.keys()
    for ref, store in stores.items():
        seen = found[ref]
        assert (seen.name, seen.street, seen.state) == (store.name, store.street, store.state)
        assert (seen.lat, seen.lon, seen.hours, seen.phone) == (
            store.lat,
            store.lon,
            store.hours,
            store.phone,
        )
        assert seen.raw.get("c_storeServices", []) == list(store.services)
        assert seen.raw["slug"] == store.path.lstrip("/")


async def test_the_sitemap_lists_states_cities_sub_pages_and_a_page_that_says_404(sites: StoreSites) -> None:
    paths = (await sites.get("bestbuy", "/sitemap1.xml")).locations
    shapes = {
        "/404.html": r"/404\.html",
        "state": r"/[a-z]{2}\.html",
        "city": r"/[a-z]{2}/[^/]+\.html",
        "store": r"/[a-z]{2}/[^/]+/[^/]+-\d+\.html",
        "pacific": r"/[a-z]{2}/[^/]+/[^/]+-\d+-pacific-sales\.html",
        "below": r"/[a-z]{2}/[^/]+/[^/]+/(geeksquad|services|magnolia)\.html",
        "beside": r"/[a-z]{2}/[^/]+/geeksquad\.html",
    }
    for name, pattern in shapes.items():
        found = [path for path in paths if re.fullmatch(pattern, path)]
        assert found, name
        assert (await sites.get("bestbuy", found[0])).status == (404 if name == "/404.html" else 200)


async def test_sub_pages_are_no_electronics_store(sites: StoreSites) -> None:
    paths = (await sites.get("bestbuy", "/sitemap1.xml")).locations
    page = (await sites.get("bestbuy", next(path for path in paths if path.endswith("/geeksquad.html")))).text
    assert "ElectronicsStore" not in page
    assert "LocalBusiness" in page


async def test_house_numbers_stand_before_store_numbers(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("bestbuy").stores.values()))
    first = script_value(store.path, r"/(\d+)")
    assert first != store.ref
    assert store.street.startswith(first)


async def test_a_state_with_one_store_leads_straight_to_it(sites: StoreSites) -> None:
    states: dict[str, list[str]] = {}
    for store in sites.set_of("bestbuy").stores.values():
        states.setdefault(store.path.split("/")[1], []).append(store.path)
    single = next(state for state, paths in states.items() if len(paths) == 1)
    several = next(state for state, paths in states.items() if len(paths) > 1)
    root = (await sites.get("bestbuy", "/")).text
    links = re.findall(r'c-directory-list-content-item-link" href="(.*?)"', root)
    assert states[single][0] in links
    assert f"/{several}.html" in links
    assert (await sites.get("bestbuy", f"/{single}.html")).headers["location"] == states[single][0]
    assert f"/{single}.html" not in (await sites.get("bestbuy", "/sitemap1.xml")).locations


async def test_the_document_of_the_root_nests_states_cities_and_stores(sites: StoreSites) -> None:
    root = readers.bestbuy_document((await sites.get("bestbuy", "/index.html")).text)
    leaves = set()
    for state in root["dm_directoryChildren"]:
        for city in state["dm_directoryChildren"]:
            for store in city["dm_directoryChildren"]:
                assert "dm_directoryChildren" not in store
                leaves.add(f"/{store['slug']}")
    assert leaves == {store.path for store in sites.set_of("bestbuy").stores.values()}


async def test_a_citys_page_repeats_links_in_its_panel_of_nearby_stores(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("bestbuy").stores.values()))
    city = store.path.rsplit("/", 1)[0] + ".html"
    links = re.findall(r'Teaser-titleLink" href="(.*?)"', (await sites.get("bestbuy", city)).text)
    assert links.count(store.path) == 2


async def test_a_closed_store_keeps_its_page_under_a_banner(sites: StoreSites) -> None:
    stores = sites.set_of("bestbuy").stores.values()
    closed = next(store for store in stores if store.status == "closed")
    open_one = next(store for store in stores if store.status == "open")
    assert "closed-banner-header-shop-online" in (await sites.get("bestbuy", closed.path)).text
    assert "closed-banner" not in (await sites.get("bestbuy", open_one.path)).text


async def test_a_closed_day_says_so_in_the_document(sites: StoreSites) -> None:
    pacific = next(s for s in sites.set_of("bestbuy").stores.values() if "pacific-sales" in s.path)
    document = readers.bestbuy_document((await sites.get("bestbuy", pacific.path)).text)
    assert document["hours"]["monday"] == {"isClosed": True}
    assert document["hours"]["tuesday"] == {"openIntervals": [{"start": "10:00", "end": "18:00"}]}


async def test_the_page_of_2018_is_microdata(sites: StoreSites) -> None:
    store = next(s for s in sites.set_of("bestbuy").stores.values() if s.hours and s.phone)
    sites.mode("bestbuy", "2018")
    page = (await sites.get("bestbuy", store.path)).text
    assert "decodeURIComponent" not in page
    assert f'itemprop="latitude" content="{store.lat!r}"' in page
    assert f'<span class="c-address-city">{store.city}</span>' in page
    days = json.loads(script_value(page, r"js-location-hours\" data-days='(.*?)'"))
    assert readers.yext_week(days) == store.hours
    assert days[0]["holidayHoursIsRegular"] is False


# -- the developer API


async def api(sites: StoreSites, path: str) -> Any:
    return json.loads((await sites.get("bestbuy-api", f"{path}{'&' if '?' in path else '?'}apiKey=k")).body)


async def test_one_store_of_the_api_has_the_fields_of_its_page(sites: StoreSites) -> None:
    store = next(s for s in sites.set_of("bestbuy").stores.values() if s.phone and s.hours and s.state)
    shown = await api(sites, f"/v1/stores/{store.ref}.json")
    assert (shown["storeId"], shown["name"]) == (int(store.ref), store.name)
    assert (shown["lat"], shown["lng"], shown["region"]) == (store.lat, store.lon, store.state)
    assert readers.digits(shown["phone"]) == store.phone
    assert shown["hours"].startswith("Mon: 10-9; Tue: 10-9; Wed: 10-9; Thurs: 10-9")
    assert shown["hoursAmPm"].startswith("Mon: 10am-9pm; ")
    assert "detailedHours" not in shown


@needs_recordings
@pytest.mark.recordings
async def test_a_record_has_the_keys_and_kinds_of_the_documented_one(sites: StoreSites) -> None:
    real = json.loads((REAL / "api_v1_stores_2387_doc_sample_2014.json").read_bytes())
    store = next(s for s in sites.set_of("bestbuy").stores.values() if s.phone and s.hours and s.state)
    shown = await api(sites, f"/v1/stores/{store.ref}.json")
    assert real.keys() <= shown.keys()
    assert {key: type(value) for key, value in real.items()} == {key: type(shown[key]) for key in real}
    assert real["services"][0].keys() == shown["services"][0].keys()


async def test_dated_hours_come_when_everything_is_asked_for(sites: StoreSites) -> None:
    store = next(s for s in sites.set_of("bestbuy").stores.values() if s.hours)
    shown = await api(sites, f"/v1/stores/{store.ref}.json?show=all")
    assert len(shown["detailedHours"]) == 14
    assert shown["detailedHours"][0].keys() == {"day", "date", "open", "close"}
    some = await api(sites, f"/v1/stores/{store.ref}.json?show=storeId,name")
    assert some.keys() == {"storeId", "name"}


async def test_pages_of_a_search_give_every_open_store_once(sites: StoreSites) -> None:
    seen: list[int] = []
    page, pages = 1, 1
    while page <= pages:
        answer = await api(sites, f"/v1/stores?format=json&pageSize=500&page={page}")
        assert len(answer["stores"]) <= 100
        assert answer["from"] == len(seen) + 1
        seen += [store["storeId"] for store in answer["stores"]]
        pages, page = answer["totalPages"], page + 1
    open_ones = {int(s.ref) for s in sites.set_of("bestbuy").stores.values() if s.status == "open"}
    assert len(seen) == answer["total"]
    assert set(seen) == open_ones
    assert len((await api(sites, "/v1/stores"))["stores"]) == 10


async def test_a_search_takes_an_area_and_other_terms(sites: StoreSites) -> None:
    store = next(s for s in sites.set_of("bestbuy").stores.values() if s.status == "open" and s.state)
    near = await api(sites, f"/v1/stores(area({store.postcode5},50))?format=json&pageSize=100")
    assert str(store.ref) in {str(row["storeId"]) for row in near["stores"]}
    assert [row["distance"] for row in near["stores"]] == sorted(row["distance"] for row in near["stores"])
    both = await api(sites, f"/v1/stores(area({store.lat},{store.lon},5)&storeId={store.ref})")
    assert [row["storeId"] for row in both["stores"]] == [int(store.ref)]
    two = [s.ref for s in sites.set_of("bestbuy").stores.values() if s.status == "open"][:2]
    several = await api(sites, f"/v1/stores(storeId%20in({','.join(two)}))")
    assert {str(row["storeId"]) for row in several["stores"]} == set(two)


async def test_the_api_refuses_without_key_nonsense_and_the_unknown(sites: StoreSites) -> None:
    assert (await sites.get("bestbuy-api", "/v1/stores/281.json")).status == 403
    assert (await sites.get("bestbuy-api", "/v1/stores?format=json")).status == 403
    reply = await sites.get("bestbuy-api", "/v1/stores(gurgleflats)?apiKey=k")
    assert reply.status == 400
    assert json.loads(reply.body)["error"]["message"].startswith(
        "Couldn't understand '/v1/stores(gurgleflats)"
    )
    assert (await sites.get("bestbuy-api", "/v1/stores/99999.json?apiKey=k")).status == 404
