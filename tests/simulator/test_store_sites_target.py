"""Target's sitemap and pages, and its record against three real ones."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests import store_site_readers as readers
from tests.paths import RECORDINGS, needs_recordings
from tests.store_site_harness import StoreSites, script_value

from shopwatch.simulator.stores import StoreSet

REAL = RECORDINGS / "stores" / "target" / "scrapfly_store_location_v1_stores.json"


@pytest.fixture
def sites() -> StoreSites:
    return StoreSites()


def records(sites: StoreSites) -> list[dict[str, Any]]:
    stores = sites.set_of("target")
    return [stores.target_record(store, sites.world.now()) for store in stores.stores.values()]


async def test_the_sitemap_finds_exactly_the_seeded_stores(sites: StoreSites) -> None:
    found = await readers.crawl_target(sites)
    stores = sites.set_of("target").stores
    assert found.keys() == stores.keys()
    for ref, store in stores.items():
        seen = found[ref]
        assert (seen.name, seen.street, seen.postcode) == (store.name, store.street, store.postcode)
        assert (seen.lat, seen.lon, seen.hours, seen.phone) == (
            store.lat,
            store.lon,
            store.hours,
            store.phone,
        )


async def test_sitemaps_are_packed_and_can_arrive_unpacked(sites: StoreSites) -> None:
    packed = await sites.get("target", "/sl/sitemap_0001.xml.gz")
    assert packed.headers["content-type"] == "application/x-gzip"
    assert "content-encoding" not in packed.headers
    sites.mode("target", "gz-unpacked")
    plain = await sites.get("target", "/sl/sitemap_0001.xml.gz")
    assert plain.body == gzip.decompress(packed.body)
    assert plain.body.startswith(b"<?xml")


async def test_slugs_have_ampersands_apostrophes_and_dots_in_them(sites: StoreSites) -> None:
    reply = await sites.get("target", "/sl/sitemap_0001.xml.gz")
    assert b"/sl/town-&amp;-country/" in gzip.decompress(reply.body)
    slugs = {path.split("/")[2]: path for path in reply.locations}
    for slug in (
        "coeur-d'alene",
        "town-&-country",
        "o'fallon",
        "d'iberville",
        "upper-st.-clair",
        "chicago-state-st.",
    ):
        assert (await sites.get("target", slugs[slug])).status == 200


async def test_a_wrong_slug_leads_to_the_right_one(sites: StoreSites) -> None:
    store = next(store for store in sites.set_of("target").stores.values() if "&" in store.path)
    for slug in ("store", "somewhere-else"):
        reply = await sites.get("target", f"/sl/{slug}/{store.ref}")
        assert (reply.status, reply.headers["location"]) == (301, store.path)
    assert (await sites.get("target", "/sl/store/999999")).status == 404


async def test_the_sitemap_has_a_test_store_and_an_address_with_nothing_there(sites: StoreSites) -> None:
    paths = (await sites.get("target", "/sl/sitemap_0001.xml.gz")).locations
    assert "/sl/store-labs-saturn/7819" in paths
    record = readers.flight_record((await sites.get("target", "/sl/store-labs-saturn/7819")).text)
    assert record["is_test_location"] is True
    assert [(await sites.get("target", path)).status for path in paths].count(404) == 1


async def test_the_page_holds_small_records_of_neighbours_before_the_whole_one() -> None:
    sites = StoreSites(sizes={"target": 1500})
    stores = sites.set_of("target").stores.values()
    pages = [(await sites.get("target", store.path)).text for store in list(stores)[:40]]
    near = [script_value(page, r'\\"nearby\\":(\[.*?\])') for page in pages]
    assert any('\\"location_name\\"' in text for text in near)


async def test_the_page_of_the_years_before_has_a_week_in_json_ld(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("target").stores.values()))
    sites.mode("target", "json-ld")
    page = (await sites.get("target", store.path)).text
    (raw,) = readers.ld_json(page)
    assert raw["@type"] == "DepartmentStore"
    assert raw["name"] == f"Target Store - {store.path.split('/')[2]}"
    assert raw["openingHoursSpecification"][0]["dayOfWeek"] == "http://schema.org/Monday"
    assert len(raw["openingHoursSpecification"][0]["opens"]) == 8
    state = json.loads(json.loads(script_value(page, r"__TGT_DATA__ = JSON\.parse\((\".*?\")\)</script>")))
    query = state["__PRELOADED_QUERIES__"]["queries"][0]
    assert query[1]["data"]["store"]["physical_specifications"]["format"] == store.kind


def test_hours_are_the_fourteen_days_from_today(sites: StoreSites) -> None:
    days = records(sites)[0]["rolling_operating_hours"]["main_hours"]["days"]
    today = sites.world.now().date()
    assert abs((today - type(today).fromisoformat(days[0]["date"])).days) <= 1
    assert [day["sequence_number"] for day in days] == [str(number) for number in range(1, 15)]


async def test_the_days_move_on_with_the_clock_and_the_etag_does_not(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("target").stores.values()))
    before = await sites.get("target", store.path)
    sites.world.clock.move(offset=timedelta(days=3).total_seconds())
    after = await sites.get("target", store.path)
    assert before.headers["etag"] == after.headers["etag"]
    dates = [
        readers.flight_record(reply.text)["rolling_operating_hours"]["main_hours"]["days"][0]["date"]
        for reply in (before, after)
    ]
    assert dates[0] < dates[1]


def test_a_closed_day_has_no_hours_at_all(sites: StoreSites) -> None:
    sites.mode("target", "season-holiday")
    sites.world.week()
    for record in records(sites):
        days = record["rolling_operating_hours"]["main_hours"]["days"]
        closed = [day for day in days if not day["is_open"]]
        assert closed
        assert all("hours" not in day for day in closed)


def test_the_first_telephone_is_not_the_stores_and_faxes_are_among_them(sites: StoreSites) -> None:
    firsts, kinds = set(), set()
    for record in records(sites):
        contacts = record["contact_information"]
        main = [c for c in contacts if (c["building_area"], c["telephone_type"]) == ("MAIN", "VOICE")]
        assert [c["telephone_number"] for c in main] == [record["main_voice_phone_number"]]
        firsts.add(contacts[0]["telephone_number"] == record["main_voice_phone_number"])
        kinds |= {contact["telephone_type"] for contact in contacts}
    assert firsts == {True, False}
    assert kinds == {"VOICE", "FAX"}


async def test_the_api_side_gives_the_same_record(sites: StoreSites) -> None:
    stores: StoreSet = sites.set_of("target")
    store = next(iter(stores.stores.values()))
    page = readers.flight_record((await sites.get("target", store.path)).text)
    assert stores.location(store.ref) == page
    assert stores.location("7819") is not None
    assert stores.location("1") is None
    distance, nearest = stores.nearby(store.postcode5, 100)[0]
    assert distance <= 100
    assert nearest["mailing_address"]["region"]


async def test_directory_and_finder_show_cards(sites: StoreSites) -> None:
    directory = (await sites.get("target", "/store-locator/store-directory")).text
    state = script_value(directory, r'<main><a href="(.*?)">')
    assert "view_storeCardWrapper__" in (await sites.get("target", state)).text
    nowhere = (await sites.get("target", "/store-locator/find-stores/00001")).text
    assert "Sorry, no stores matched your search." in nowhere


def shapes(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every path in a document with the kind of value there, whatever the number in a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from shapes(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from shapes(inner, f"{path}[]")
    else:
        yield path, type(value).__name__


@needs_recordings
@pytest.mark.recordings
def test_the_record_has_the_paths_and_kinds_of_the_real_ones(sites: StoreSites) -> None:
    real = {shape for record in json.loads(REAL.read_bytes()) for shape in shapes(record)}
    made = {shape for record in records(sites) for shape in shapes(record)}
    rare = {(".capabilities[].expiration_date", "str")}
    assert made - real == set()
    assert real - made <= rare


@needs_recordings
@pytest.mark.recordings
def test_the_keys_of_a_record_stand_in_the_real_order(sites: StoreSites) -> None:
    real = [list(record) for record in json.loads(REAL.read_bytes())]
    assert list(records(sites)[0]) in real
