"""Walmart's four sitemaps, pages without a store, two names for the telephone, and JSON in a JSON string."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests import store_site_readers as readers
from tests.paths import RECORDINGS, needs_recordings
from tests.store_site_harness import StoreSites, script_value

REAL = RECORDINGS / "stores" / "walmart"


@pytest.fixture
def sites() -> StoreSites:
    return StoreSites()


async def test_the_sitemaps_find_exactly_the_seeded_stores_and_some_pages_without_one(
    sites: StoreSites,
) -> None:
    found, empty = await readers.crawl_walmart(sites)
    stores = sites.set_of("walmart").stores
    assert found.keys() == stores.keys()
    assert len(empty) == 3
    for ref, store in stores.items():
        seen = found[ref]
        assert (seen.name, seen.street, seen.hours) == (store.name, store.street, store.hours)
        assert (seen.lat, seen.lon, seen.phone) == (store.lat, store.lon, store.phone)


async def test_each_kind_of_store_has_its_sitemap(sites: StoreSites) -> None:
    index = (await sites.get("walmart", "/sitemap_store_main.xml")).locations
    assert index == [
        f"/sitemap_store_main_{group}.xml.gz"
        for group in ("supercenter", "neighborhood", "discount", "other")
    ]
    neighborhood = await sites.get("walmart", index[1])
    assert neighborhood.body[:2] == b"\x1f\x8b"
    refs = [path.removeprefix("/store/").split("-")[0] for path in neighborhood.locations]
    kinds = {store.kind for ref in refs if (store := sites.set_of("walmart").by_ref(ref))}
    assert kinds == {"Neighborhood Market"}
    assert (await sites.get("walmart", "/sitemap_store_main_hyper.xml.gz")).status == 404


async def test_the_sitemap_of_before_was_one_list_whose_addresses_answer_too(sites: StoreSites) -> None:
    sites.mode("walmart", "sitemap-urlset")
    paths = (await sites.get("walmart", "/sitemap_store_main.xml")).locations
    stores = sites.set_of("walmart")
    assert len(paths) == len(stores.listed())
    path = next(path for path in paths if path.split("/")[2] in stores.stores)
    assert path.endswith("/details")
    assert readers.walmart_node(await sites.get("walmart", path))["id"] == path.split("/")[2]


async def test_sitemaps_can_arrive_unpacked(sites: StoreSites) -> None:
    path = "/sitemap_store_main_supercenter.xml.gz"
    packed = await sites.get("walmart", path)
    sites.mode("walmart", "gz-unpacked")
    assert (await sites.get("walmart", path)).body == gzip.decompress(packed.body)


async def test_a_closed_store_is_a_page_with_status_200_and_nothing_in_it(sites: StoreSites) -> None:
    closed = next(stray.path for stray in sites.set_of("walmart").strays if stray.kind == "soft-404")
    assert readers.walmart_node(await sites.get("walmart", closed)) is None
    sites.mode("walmart", "redux")
    assert (
        '__WML_REDUX_INITIAL_STATE__ = {"store":null};</script>' in (await sites.get("walmart", closed)).text
    )
    assert (await sites.get("walmart", "/store/of-the-future")).status == 404


async def test_the_telephone_has_two_names(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("walmart").stores.values()))
    assert "phone" not in readers.walmart_node(await sites.get("walmart", store.path))
    sites.mode("walmart", "phone")
    node = readers.walmart_node(await sites.get("walmart", store.path))
    assert "phoneNumber" not in node
    assert node["phone"].count("-") == 2


async def test_departments_have_telephones_and_hours_of_their_own(sites: StoreSites) -> None:
    store = next(s for s in sites.set_of("walmart").stores.values() if "GAS_STATION" in s.services)
    node = readers.walmart_node(await sites.get("walmart", store.path))
    services = {service["name"]: service for service in node["services"]}
    assert services.keys() == set(store.services)
    assert all(service["phone"] != node["phoneNumber"] for service in services.values())
    assert len(services["GAS_STATION"]["operationalHours"]) == 7
    assert {"accessPointType": "FUEL_STATIONS"} in node["capabilities"]


async def test_a_number_alone_leads_on_and_undefined_is_as_good_as_any_name(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("walmart").stores.values()))
    reply = await sites.get("walmart", f"/store/{store.ref}")
    assert (reply.status, reply.headers["location"]) == (301, store.path)
    undefined = await sites.get("walmart", f"/store/{store.ref}-undefined-undefined")
    assert readers.walmart_node(undefined)["id"] == store.ref


async def test_the_directory_is_json_in_a_string_of_json_and_has_lost_a_city(sites: StoreSites) -> None:
    page = (await sites.get("walmart", "/store-directory")).text
    data = json.loads(script_value(page, r'type="application/json">(.*?)</script>'))
    text = data["props"]["pageProps"]["bootstrapData"]["cv"]["storepages"]["_all_"]["sdStoresPerCityPerState"]
    states = json.loads(text)
    found, forms = set(), set()
    for entry in (entry for entries in states.values() for entry in entries):
        rows = entry.get("stores", [entry])
        forms |= {next(name for name in row if name.lower() == "storeid") for row in rows}
        forms.add("list" if "stores" in entry else "single")
        found |= {str(row.get("storeId", row.get("storeid"))) for row in rows}
    assert found == sites.set_of("walmart").stores.keys()
    assert forms == {"storeId", "storeid", "list", "single"}
    lost = script_value(page, r'href="(/store/\d+-undefined-undefined)"')
    assert (await sites.get("walmart", lost)).status == 200


async def test_the_tree_of_2022_leads_from_states_to_stores(sites: StoreSites) -> None:
    address = "/store/directory"
    for _ in range(3):
        page = (await sites.get("walmart", address)).text
        address = script_value(page, r'<main><a href="(.*?)">')
    assert (await sites.get("walmart", address)).status == 301
    assert (await sites.get("walmart", "/store/directory/zz")).status == 404


async def test_robots_leaves_store_pages_and_the_finder_open(sites: StoreSites) -> None:
    robots = (await sites.get("walmart", "/robots.txt")).text
    assert "Sitemap: http://walmart.test/sitemap_store_main.xml" in robots
    assert "Allow: /store/finder" in robots
    assert "Disallow: /store/electrode/api/stores" in robots
    assert "User-agent: Slurp\nCrawl-delay: 5" in robots
    assert "Disallow: /store/\n" not in robots


@needs_recordings
@pytest.mark.recordings
async def test_robots_has_no_rule_for_stores_that_the_real_one_has_not(sites: StoreSites) -> None:
    real = {line.strip() for line in (REAL / "robots.txt").read_text().splitlines()}
    made = {line.strip() for line in (await sites.get("walmart", "/robots.txt")).text.splitlines()}
    rules = {line for line in made if line.startswith(("Disallow", "Allow"))}
    assert rules <= real
    assert {line for line in real if line.startswith("Disallow: /store")} <= rules | {
        "Disallow: /store/ajax/visited-store",
        "Disallow: /store/electrode/api/logger",
        "Disallow: /storeLocator/ca_storefinder_results.do",
    }


async def test_blocked_is_a_wall_with_the_marks_of_the_guard(sites: StoreSites) -> None:
    page = (await sites.get("walmart", "/blocked")).text
    assert "Robot or human?" in page
    assert 'id="px-captcha"' in page
    assert '"redirectUrl":"/blocked' in page
    assert '"appId":"PX' in page


async def redux(sites: StoreSites) -> list[dict[str, Any]]:
    sites.mode("walmart", "redux")
    pages = [(await sites.get("walmart", s.path)).text for s in sites.set_of("walmart").stores.values()]
    pattern = r"__WML_REDUX_INITIAL_STATE__ = (.*?);</script>"
    return [json.loads(script_value(page, pattern))["store"] for page in pages]


async def test_the_page_of_before_2022_has_the_redux_state(sites: StoreSites) -> None:
    made = await redux(sites)
    stores = sites.set_of("walmart").stores
    assert {str(store["id"]) for store in made} == stores.keys()
    store = made[0]
    assert "__NEXT_DATA__" not in store
    week = stores[str(store["id"])].hours
    assert store["operationalHoursCombined"][0]["dailyHours"]["startHr"] == (
        f"{week[0][0][0] // 60:02}:00" if week else None
    )


def kinds(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from kinds(inner, f"{path}.{name}")
    elif not isinstance(value, list):
        yield path, type(value).__name__


@needs_recordings
@pytest.mark.recordings
async def test_what_the_redux_state_shares_with_real_stores_has_their_kinds(sites: StoreSites) -> None:
    text = (REAL / "GETstoreslistpreferredtest_mock_payload_2021.json").read_text()
    real = {shape for store in json.loads(text)["stores"] for shape in kinds(store)}
    made = {shape for store in await redux(sites) for shape in kinds(store)}
    real_paths = {path for path, _ in real}
    shared = {(path, kind) for path, kind in made if path in real_paths}
    assert shared <= real
    assert {
        ".id",
        ".displayName",
        ".phone",
        ".geoPoint.latitude",
        ".operationalHours.monToFriHrs.startHr",
    } <= {path for path, _ in shared}
