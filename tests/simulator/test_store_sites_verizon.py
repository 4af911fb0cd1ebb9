"""Verizon's tree, its stale addresses, its mixed-up states, its search, and the eras."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests import store_site_readers as readers
from tests.store_site_harness import Reply, StoreSites, script_value

from shopwatch.simulator.sites.verizon import PARALLEL_STATES
from shopwatch.simulator.stores import Stray
from shopwatch.simulator.stores.places import slug

SEARCH = "/digital/nsa/nos/gw/retail/searchresultsdata"
EVERYWHERE = {"latitude": 39.8, "longitude": -98.6, "range": 10000, "noOfStores": 2500, "retrieveBy": "GEO"}


@pytest.fixture
def sites() -> StoreSites:
    return StoreSites()


def state_json(reply: Reply) -> Any:
    return json.loads(script_value(reply.text, r"var stateJSON = (.*?);</script>"))


async def search(sites: StoreSites, **changes: Any) -> list[dict[str, Any]]:
    reply = await sites.post("verizon", SEARCH, json.dumps({**EVERYWHERE, **changes}).encode())
    stores: list[dict[str, Any]] = json.loads(reply.body)["body"]["data"]["stores"]
    return stores


async def test_the_four_phases_find_exactly_the_seeded_stores(sites: StoreSites) -> None:
    found, stale = await readers.crawl_verizon(sites)
    assert found.keys() == sites.set_of("verizon").stores.keys()
    assert len(stale) >= 2


async def test_some_company_stores_have_no_record_of_the_shop_behind_them(sites: StoreSites) -> None:
    found, _ = await readers.crawl_verizon(sites)
    without = [seen for seen in found.values() if seen.raw["posStoreDetail"] is None]
    assert without
    assert {tuple(seen.raw["typeOfStore"]) for seen in without} == {("Verizon company stores",)}
    others = [seen for seen in found.values() if seen.raw["posStoreDetail"]]
    assert all(seen.dealer == sites.set_of("verizon").stores[seen.ref].dealer for seen in others)


async def test_a_small_set_lists_only_the_states_that_have_stores() -> None:
    sites = StoreSites(sizes={"verizon": 20})
    found, _ = await readers.crawl_verizon(sites)
    assert found.keys() == sites.set_of("verizon").stores.keys()
    root = await sites.get("verizon", "/stores/")
    states = json.loads(script_value(root.text, r"var statesJSON = (.*?);</script>"))["states"]
    assert 0 < len(states) <= 20
    for state in states:
        assert state_json(await sites.get("verizon", state["url"]))["cities"], state["name"]


async def test_north_carolina_and_dc_are_not_like_the_other_states(sites: StoreSites) -> None:
    root = await sites.get("verizon", "/stores/")
    states = json.loads(script_value(root.text, r"var statesJSON = (.*?);</script>"))["states"]
    addresses = {state["name"]: state["url"] for state in states}
    assert len(states) == 51
    assert addresses["North Carolina"] == "/stores/north-carolina/"
    assert addresses["District Of Columbia"] == "/stores/state/washington-dc/"
    assert addresses["Alabama"] == "/stores/state/alabama/"
    assert all(f'<a href="{address}">' in root.text for address in addresses.values())
    reply = await sites.get("verizon", "/stores/state/washington-dc/")
    assert state_json(reply)["state"]["name"] == "District Of Columbia"
    assert (await sites.get("verizon", "/stores/state/north-carolina/")).status == 404


async def test_few_state_pages_at_a_time_are_answered_truly(sites: StoreSites) -> None:
    path = "/stores/state/texas/"
    replies = await sites.many("verizon", [path] * PARALLEL_STATES)
    assert {state_json(reply)["state"]["name"] for reply in replies} == {"Texas"}


async def test_many_state_pages_at_a_time_get_another_states_data(sites: StoreSites) -> None:
    replies = await sites.many("verizon", ["/stores/state/texas/"] * 20)
    names = [state_json(reply)["state"]["name"] for reply in replies]
    assert 1 <= 20 - names.count("Texas") <= 10


async def test_another_states_data_can_be_had_by_a_fault(sites: StoreSites) -> None:
    sites.fault("wrong-state", "verizon", "/stores/state/*")
    assert state_json(await sites.get("verizon", "/stores/state/texas/"))["state"]["name"] != "Texas"


async def test_zip_is_a_number_coordinates_are_text_and_closed_is_said_twice(sites: StoreSites) -> None:
    new_jersey = state_json(await sites.get("verizon", "/stores/state/new-jersey/"))
    city = readers.city_json((await sites.get("verizon", new_jersey["cities"][0]["url"])).text)
    row = city["stores"][0]
    assert isinstance(row["zip"], int)
    assert row["zip"] < 10_000
    assert isinstance(row["lat"], str)
    assert row["phone"].isdigit()
    assert row["openingDate"][2] == row["openingDate"][6] == "-"
    everything = []
    for state in ("texas", "california", "florida"):
        for entry in state_json(await sites.get("verizon", f"/stores/state/{state}/"))["cities"]:
            everything += readers.city_json((await sites.get("verizon", entry["url"])).text)["stores"]
    assert "Closed Closed" in {text for row in everything for text in row["openingHours"].values()}


async def test_some_coordinates_are_the_word_null() -> None:
    sites = StoreSites(sizes={"verizon": 400})
    words = set()
    for state in (
        "texas",
        "california",
        "florida",
        "new-york",
        "illinois",
        "ohio",
        "massachusetts",
        "georgia",
    ):
        for entry in state_json(await sites.get("verizon", f"/stores/state/{state}/"))["cities"]:
            rows = readers.city_json((await sites.get("verizon", entry["url"])).text)["stores"]
            words |= {row["lat"] for row in rows}
    assert "null" in words


async def test_a_stale_address_serves_another_store_whose_city_is_not_in_it(sites: StoreSites) -> None:
    strays = [stray for stray in sites.set_of("verizon").strays if stray.kind == "stale"]
    elsewhere = next(
        s for s in strays if s.store and sites.set_of("verizon").stores[s.shows].city != s.store.city
    )
    reply = await sites.get("verizon", elsewhere.path.replace("/stores/", "/stores/details/", 1))
    seen = readers.read_verizon(reply)
    assert seen.ref == elsewhere.shows
    assert slug(seen.city) != elsewhere.path.split("/")[3]
    assert elsewhere.path in await listed_addresses(sites, elsewhere)


async def listed_addresses(sites: StoreSites, stray: Stray) -> list[str]:
    _, _, state, city, *_ = stray.path.split("/")
    page = (await sites.get("verizon", f"/stores/city/{state}/{city}/")).text
    return [row["storeUrl"] for row in readers.city_json(page)["stores"]]


async def test_the_address_of_before_2024_leads_to_that_of_today(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("verizon").stores.values()))
    reply = await sites.get("verizon", store.path)
    assert (reply.status, reply.headers["location"]) == (
        301,
        store.path.replace("/stores/", "/stores/details/", 1),
    )
    assert (await sites.get("verizon", "/stores/texas/houston/nobody-1/")).status == 404


async def test_the_sitemap_of_robots_txt_mixes_states_cities_and_stores(sites: StoreSites) -> None:
    robots = (await sites.get("verizon", "/robots.txt")).text
    assert "Sitemap: http://verizon.test/sitemap_stores.xml" in robots
    paths = (await sites.get("verizon", "/sitemap_stores.xml")).locations
    assert "/stores/north-carolina/" in paths
    details = [path for path in paths if path.startswith("/stores/details/")]
    listed = sites.set_of("verizon").listed()
    assert len(details) == len(listed)
    assert any(path.startswith("/stores/city/") for path in paths)


async def test_era_d_has_no_state_nor_city_json_but_addresses_in_flight_data(sites: StoreSites) -> None:
    sites.mode("verizon", "D")
    reply = await sites.get("verizon", "/stores/state/texas/")
    assert reply.headers["location"] == "/nextgendigital/nos/storelocator/texas"
    state = (await sites.get("verizon", reply.headers["location"])).text
    assert "stateJSON" not in state
    city = script_value(state, r'<main><a href="(.*?)">')
    page = (await sites.get("verizon", city)).text
    address = script_value(page, r'\\"storeUrl\\":\\"(.*?)\\"')
    details = await sites.get("verizon", address.replace("/stores/", "/stores/details/", 1))
    assert readers.ld_json(details.text)[0]["openingHours"][0] == "Mo 00:00-00:00"
    assert readers.read_verizon(details).hours != (((0, 0),),) * 7


async def test_era_b_has_store_pages_at_the_addresses_of_its_flat_sitemap(sites: StoreSites) -> None:
    sites.mode("verizon", "B")
    paths = (await sites.get("verizon", "/sitemap_storelocator.xml")).locations
    reply = await sites.get("verizon", paths[0])
    raw = json.loads(script_value(reply.text, r"var storeJSON = (.*?);</script>"))
    assert reply.status == 200
    assert raw["openingHoursSpecification"]["dayOfWeek"][0].startswith("Mon - ")
    assert "StoreHours" not in raw


async def test_the_search_has_every_store_nearest_first_and_cuts_names_at_fifty(sites: StoreSites) -> None:
    rows = await search(sites)
    stores = sites.set_of("verizon").stores
    assert {row["storeNumber"] for row in rows} == stores.keys()
    distances = [float(row["distance"]) for row in rows]
    assert distances == sorted(distances)
    by_ref = {row["storeNumber"]: row for row in rows}
    for ref, store in stores.items():
        row = by_ref[ref]
        assert row["businessName"] == store.dealer[:50]
        assert row["channel"] == ("DIR" if store.corporate else "IND")
        assert (row["zipCode"], row["phoneNumber"], row["storeUrl"]) == (
            store.postcode,
            store.phone,
            store.path,
        )
        assert row["location"] == {"latitude": str(store.lat), "longitude": str(store.lon)}
    assert {len(row["businessName"]) for row in rows} >= {50}


async def test_hours_of_the_search_come_with_and_without_a_dash(sites: StoreSites) -> None:
    texts = {text for row in await search(sites) for name, text in row.items() if name.startswith("hours")}
    assert any(" - " in text for text in texts)
    assert any(" - " not in text and text != "Closed Closed" for text in texts)


async def test_the_search_stops_at_the_number_asked_for_and_at_its_ceiling() -> None:
    sites = StoreSites(sizes={"verizon": 2600})
    assert len(await search(sites, noOfStores=25)) == 25
    assert len(await search(sites, noOfStores=100_000)) == 2500


async def test_two_searches_overlap_and_indirect_dealers_can_be_left_out(sites: StoreSites) -> None:
    east = await search(sites, latitude=40.7, longitude=-74.0, range=600)
    west = await search(sites, latitude=41.8, longitude=-87.6, range=600)
    refs = [{row["storeNumber"] for row in rows} for rows in (east, west)]
    assert refs[0] & refs[1]
    assert {row["channel"] for row in await search(sites, excludeIndirect=True)} == {"DIR"}


async def test_a_search_that_makes_no_sense_is_refused(sites: StoreSites) -> None:
    reply = await sites.post("verizon", SEARCH, b'{"latitude": "here"}')
    assert reply.status == 400
