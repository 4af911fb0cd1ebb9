"""T-Mobile's nested sitemaps, entities in names, kinds in titles, two names for the hours, 408 under load."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from tests import store_site_readers as readers
from tests.store_site_harness import StoreSites


@pytest.fixture
def sites() -> StoreSites:
    return StoreSites(sizes={"tmobile": 260})


async def test_the_sitemaps_find_exactly_the_seeded_stores(sites: StoreSites) -> None:
    found = await readers.crawl_tmobile(sites)
    stores = sites.set_of("tmobile").stores
    assert found.keys() == stores.keys()
    for ref, store in stores.items():
        seen = found[ref]
        assert (seen.name, seen.kind, seen.postcode) == (store.name, store.kind, store.postcode)
        assert (seen.lat, seen.lon, seen.hours, seen.phone) == (
            store.lat,
            store.lon,
            store.hours,
            store.phone,
        )


async def test_the_sitemap_is_an_index_of_indexes(sites: StoreSites) -> None:
    outer = await sites.get("tmobile", "/stores/sitemap.xml")
    assert b"<sitemapindex" in outer.body
    inner = await sites.get("tmobile", outer.locations[0])
    assert b"<sitemapindex" in inner.body
    assert len(inner.locations) == 2
    assert b"<urlset" in (await sites.get("tmobile", inner.locations[0])).body
    assert (await sites.get("tmobile", "/stores/sitemap-business-main-9.xml")).status == 404
    assert (await sites.get("tmobile", "/stores/sitemap-other-pages.xml")).status == 404


async def test_services_and_sub_pages_are_in_the_sitemap_and_are_no_stores(sites: StoreSites) -> None:
    paths = (await sites.get("tmobile", "/stores/local-sitemap-page.xml")).locations
    assert paths == sorted(paths)
    services = [path for path in paths if "-internet-" in path.split("/")[3]]
    below = [path for path in paths if path.count("/") == 4]
    assert services
    assert below
    for path in (services[0], below[0]):
        reply = await sites.get("tmobile", path)
        assert reply.status == 200
        assert [item["@type"] for item in readers.ld_json(reply.text)] == ["Service"]


async def test_names_are_escaped_inside_json_and_the_kind_is_in_the_title(sites: StoreSites) -> None:
    store = next(s for s in sites.set_of("tmobile").stores.values() if s.kind == "Experience Store")
    page = (await sites.get("tmobile", store.path)).text
    raw = readers.tmobile_json(page)
    assert raw["name"] == f"T-Mobile {html.escape(store.name)}"
    assert f": Experience Store in {store.city}, {store.state}</title>" in page
    assert "Experience" not in json.dumps(raw)
    assert isinstance(raw["geo"]["latitude"], str)
    assert "(webp)" in raw["image"]


async def test_json_ld_is_a_list_on_some_pages_and_the_country_an_object_on_some(sites: StoreSites) -> None:
    kinds, countries = set(), set()
    for store in list(sites.set_of("tmobile").stores.values())[:30]:
        page = (await sites.get("tmobile", store.path)).text
        kinds |= {type(item).__name__ for item in readers.ld_json(page)}
        countries.add(type(readers.tmobile_json(page)["address"]["addressCountry"]).__name__)
    assert kinds == {"dict", "list"}
    assert countries == {"dict", "str"}


async def test_the_hours_stood_under_another_name_before(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("tmobile").stores.values()))
    now = readers.tmobile_json((await sites.get("tmobile", store.path)).text)
    sites.mode("tmobile", "hours-old")
    before = readers.tmobile_json((await sites.get("tmobile", store.path)).text)
    assert now["openingHours"] == before["openingHoursSpecification"]
    assert "openingHoursSpecification" not in now
    assert "openingHours" not in before


async def test_a_slash_at_the_end_changes_nothing(sites: StoreSites) -> None:
    store = next(iter(sites.set_of("tmobile").stores.values()))
    with_slash, without = await sites.many("tmobile", [f"{store.path}/", store.path])
    assert with_slash.body == without.body


async def test_408_is_the_answer_to_a_crowd_where_that_is_switched_on(sites: StoreSites) -> None:
    paths = [store.path for store in list(sites.set_of("tmobile").stores.values())[:30]]
    assert {reply.status for reply in await sites.many("tmobile", paths)} == {200}
    sites.mode("tmobile", "load-408")
    statuses = [reply.status for reply in await sites.many("tmobile", paths)]
    assert statuses.count(200) == 10
    assert statuses.count(408) == 20


async def api(sites: StoreSites, page: int, **place: float | None) -> dict[str, Any]:
    path = f"/stores/api/get-nearby-business/?q=&loc=&lat={place['lat']}&lon={place['lon']}&page={page}"
    answer: dict[str, Any] = json.loads((await sites.get("tmobile", path)).body)
    return answer


async def test_the_api_gives_what_is_near_page_by_page() -> None:
    sites = StoreSites(sizes={"tmobile": 2500})
    store = max(
        sites.set_of("tmobile").stores.values(),
        key=lambda s: len(sites.set_of("tmobile").near(s.lat or 0, s.lon or 0, within_miles=100)),
    )
    seen: list[str] = []
    page: int | None = 1
    while page:
        answer = await api(sites, page, lat=store.lat, lon=store.lon)
        listed = answer["business_list"]
        seen += [row["external_store_code"] for row in listed["object_list"]]
        assert answer["next_page_number"] == listed["next_page_number"]
        page = listed["next_page_number"]
    assert len(seen) == len(set(seen)) == listed["paginator"]["count"] > 20
    assert seen[0] == store.ref
    row = (await api(sites, 1, lat=store.lat, lon=store.lon))["business_list"]["object_list"][0]
    assert row["business_link"] == store.path
    assert row["contact_context"]["business_phone_raw"] == store.phone
    assert row["all_opening_hours"]["schemaHrs"][0].startswith("Mo ")
    assert (await sites.get("tmobile", "/stores/api/get-nearby-business/?lat=x")).status == 400
