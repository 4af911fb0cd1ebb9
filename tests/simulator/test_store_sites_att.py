"""AT&T's sitemap with junk in it, its page in three shapes, and its list API."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from tests import store_site_readers as readers
from tests.store_site_harness import StoreSites, script_value

from shopwatch.simulator.sites.att_lists import APP_KEY


@pytest.fixture
def sites() -> StoreSites:
    return StoreSites()


async def getlist(
    sites: StoreSites, path: str = "/attstore/rest/getlist", *, key: str = APP_KEY, **form: Any
) -> dict[str, Any]:
    asked = {"objectname": "Locator::Store", "limit": 10000, **form}
    body = json.dumps({"request": {"appkey": key, "formdata": asked}}).encode()
    answer: dict[str, Any] = json.loads((await sites.post("att", path, body)).body)
    return answer


async def records(sites: StoreSites, **form: Any) -> list[dict[str, Any]]:
    collection: list[dict[str, Any]] = (await getlist(sites, **form))["response"]["collection"]
    return collection


async def test_the_sitemap_finds_exactly_the_seeded_stores(sites: StoreSites) -> None:
    found = await readers.crawl_att(sites)
    stores = sites.set_of("att").stores
    assert found.keys() == stores.keys()
    for ref, store in stores.items():
        seen = found[ref]
        assert (seen.name, seen.kind, seen.dealer) == (store.name, store.kind, store.dealer)
        assert (seen.lat, seen.lon, seen.hours) == (store.lat, store.lon, store.hours)


async def test_states_cities_and_a_page_about_cell_phones_are_among_the_stores(sites: StoreSites) -> None:
    paths = (await sites.get("att", "/stores/sitemap_0.xml")).locations
    assert "/stores/texas" in paths
    assert any(path.count("/") == 3 and not path[-1].isdigit() for path in paths)
    junk = next(path for path in paths if path.endswith("/cell-phones"))
    page = (await sites.get("att", junk)).text
    assert "MobilePhoneStore" not in page
    assert "streetAddress" not in page
    assert '"intervals":[{"start":0,"end":0}]' in page


async def test_the_name_has_line_breaks_in_it_and_the_dealer_his_number(sites: StoreSites) -> None:
    path = next(store.path for store in sites.set_of("att").stores.values() if store.dealer)
    page = (await sites.get("att", path)).text
    raw = next(item for item in readers.ld_json(page) if item["@type"] == "MobilePhoneStore")
    assert raw["name"].startswith("\n    ")
    assert "  " in raw["name"].strip()
    assert " - " in script_value(page, r"storeMasterDealer: ['\"](.*?)['\"] ")
    assert "geo" not in raw
    assert "openingHours" not in raw


async def test_the_page_can_be_had_without_place_and_hours_and_in_microdata_alone(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("att").stores.values()))
    sites.mode("att", "json-ld")
    page = (await sites.get("att", store.path)).text
    assert "data-days" not in page
    assert "latitude" not in page
    sites.mode("att", "microdata")
    page = (await sites.get("att", store.path)).text
    assert "application/ld+json" not in page
    assert html.unescape(script_value(page, r'<span class="LocationName-brand">(.*?)</span>')) == store.name
    assert f'<span itemprop="postalCode">{store.postcode}</span>' in page
    assert f'<meta itemprop="latitude" content="{store.lat!r}">' in page


async def test_puerto_rico_is_a_country_without_state_and_the_islands_are_both(sites: StoreSites) -> None:
    rows = await records(sites)
    islands = {(row["country"], row["state"]) for row in rows if row["country"] != "US"}
    assert islands == {("PR", None), ("VI", "VI")}


async def test_the_list_has_every_store_and_some_that_are_none(sites: StoreSites) -> None:
    rows = {row["clientkey"]: row for row in await records(sites)}
    stores = sites.set_of("att").stores
    assert rows.keys() >= stores.keys()
    hidden = [row for key, row in rows.items() if key not in stores]
    assert [row["virtualstore"] for row in hidden].count("1") == 1
    assert [row["opening_status"] for row in hidden].count("permanently_closed") == 1
    assert [row["address1"] for row in hidden].count("123 Main Street") == 1
    for ref, store in stores.items():
        row = rows[ref]
        assert (float(row["latitude"]), float(row["longitude"])) == (store.lat, store.lon)
        assert row["company_owned_stores"] == ("1" if store.corporate else "")
        assert row["name"].split(" - ")[0] in {"AT&T Store", store.name}


async def test_both_hosts_paths_answer_and_an_old_key_does_not(sites: StoreSites) -> None:
    assert "collection" in (await getlist(sites, "/stores/rest/getlist"))["response"]
    assert (await getlist(sites, key="2F8B3130-66C5-11ED-9608-26F2C42605F6"))["code"] != 1


async def test_an_empty_state_is_code_5007(sites: StoreSites) -> None:
    answer = await getlist(sites, where={"and": {"country": {"eq": "US"}, "state": {"eq": "ZZ"}}})
    assert answer["code"] == 5007


async def test_countries_come_first_then_state_by_state_all_stores(sites: StoreSites) -> None:
    answer = await getlist(sites, objectname="Account::Country")
    assert [row["name"] for row in answer["response"]["collection"]] == ["PR", "US", "VI"]
    texas = await records(sites, where={"and": {"country": {"eq": "US"}, "state": {"eq": "TX"}}})
    assert {row["state"] for row in texas} == {"TX"}


@pytest.mark.parametrize(
    ("where", "test"),
    [
        ({"company_owned_stores": {"eq": "1"}}, lambda row: row["company_owned_stores"] == "1"),
        ({"state": {"in": "TX,CA"}}, lambda row: row["state"] in ("TX", "CA")),
        ({"state": {"notin": ["TX", "CA"]}}, lambda row: row["state"] not in ("TX", "CA")),
        (
            {"or": {"state": {"eq": "TX"}, "country": {"eq": "PR"}}},
            lambda row: row["state"] == "TX" or row["country"] == "PR",
        ),
        ({"name": {"like": "Liberty%"}}, lambda row: row["name"].startswith("Liberty")),
        ({"name": {"ilike": "liberty%"}}, lambda row: row["name"].startswith("Liberty")),
        ({"name": {"notlike": "AT&T%"}}, lambda row: not row["name"].startswith("AT&T")),
        ({"latitude": {"between": "30,40"}}, lambda row: 30 <= float(row["latitude"]) <= 40),
        ({"latitude": {"gt": 45}}, lambda row: float(row["latitude"]) > 45),
        ({"latitude": {"ge": 45}}, lambda row: float(row["latitude"]) >= 45),
        ({"latitude": {"lt": 25}}, lambda row: float(row["latitude"]) < 25),
        ({"latitude": {"le": 25}}, lambda row: float(row["latitude"]) <= 25),
        ({"virtualstore": {"distinctfrom": "1"}}, lambda row: row["virtualstore"] != "1"),
        ({"state": {"ne": "TX"}}, lambda row: row["state"] != "TX"),
    ],
)
async def test_a_condition_lets_through_what_it_says(sites: StoreSites, where: Any, test: Any) -> None:
    everybody = await records(sites)
    assert await records(sites, where=where) == [row for row in everybody if test(row)]


async def test_a_condition_nobody_understands_is_an_error_code(sites: StoreSites) -> None:
    assert (await getlist(sites, where={"state": {"about": "TX"}}))["code"] == 1002


async def test_hours_are_pairs_now_and_were_a_string_of_pairs(sites: StoreSites) -> None:
    store = next(s for s in sites.set_of("att").stores.values() if s.hours and s.hours[6] == ())
    (row,) = await records(sites, where={"clientkey": {"eq": store.ref}})
    assert row["monday_open"] == f"{store.hours[0][0][0] // 60:02}:00"  # type: ignore[index]
    assert row["sunday_open"] == row["sunday_close"] == ""
    sites.mode("att", "bho")
    (row,) = await records(sites, where={"clientkey": {"eq": store.ref}})
    pairs = json.loads(row["bho"])
    assert pairs[0] == ["9999", "9999"]
    assert len(pairs) == 7
    assert "monday_open" not in row


async def test_the_pages_own_search_gives_what_is_near(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("att").stores.values()))
    place = {"latitude": str(store.lat), "longitude": str(store.lon)}
    answer = await getlist(
        sites, "/stores/rest/locatorsearch", geolocs={"geoloc": [place]}, searchradius="40|50"
    )
    assert answer["response"]["collection"][0]["clientkey"] == store.ref
    assert (await getlist(sites, "/stores/rest/locatorsearch"))["code"] == 1001


async def test_the_directory_leads_from_states_to_stores(sites: StoreSites) -> None:
    states = (await sites.get("att", "/stores/us")).text
    state = script_value(states, r'<a class="Directory-listLink" href="(.*?)"')
    city = script_value((await sites.get("att", state)).text, r'<a class="Directory-listLink" href="(.*?)"')
    store = script_value((await sites.get("att", city)).text, r'<a class="Teaser-titleLink" href="(.*?)"')
    assert (await sites.get("att", store)).status == 200
    assert (await sites.get("att", "/stores/atlantis")).status == 404
