"""What holds for all six directories: conditional requests, dates in sitemaps, faults, weight and speed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from tests import store_site_readers as readers
from tests.store_site_harness import Reply, StoreSites

from shopwatch.simulator.stores import RETAILERS, Store

SITEMAPS = {
    "verizon": "/sitemap_stores.xml",
    "att": "/stores/sitemap_0.xml",
    "target": "/sl/sitemap_0001.xml.gz",
    "tmobile": "/stores/sitemap-business-main-1.xml",
    "walmart": "/sitemap_store_main_supercenter.xml.gz",
    "bestbuy": "/sitemap1.xml",
}


@pytest.fixture
def sites() -> StoreSites:
    return StoreSites()


def page_of(store: Store) -> str:
    return (
        store.path.replace("/stores/", "/stores/details/", 1) if store.retailer == "verizon" else store.path
    )


def stores_of(sites: StoreSites, retailer: str) -> list[Store]:
    return list(sites.set_of(retailer).stores.values())


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_who_has_the_page_gets_304_by_tag_and_by_date(sites: StoreSites, retailer: str) -> None:
    path = page_of(stores_of(sites, retailer)[0])
    first = await sites.get(retailer, path)
    by_tag = await sites.get(retailer, path, if_none_match=first.headers["etag"])
    by_date = await sites.get(retailer, path, if_modified_since=first.headers["last-modified"])
    assert (first.status, by_tag.status, by_date.status) == (200, 304, 304)
    assert by_tag.body == b""
    assert (await sites.get(retailer, path, if_none_match='"other"')).status == 200
    assert (await sites.get(retailer, path, if_modified_since="Mon, 01 Jan 2001 00:00:00 GMT")).status == 200
    assert (await sites.get(retailer, path, if_modified_since="yesterday")).status == 200


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_after_a_week_only_what_changed_has_a_new_tag_and_date(
    sites: StoreSites, retailer: str
) -> None:
    sites.mode(retailer, "season-ordinary")
    before = {store.ref: await sites.get(retailer, page_of(store)) for store in stores_of(sites, retailer)}
    dates = (await sites.get(retailer, SITEMAPS[retailer])).dates
    told = sites.world.week()[retailer]
    touched = {ref for name in ("moved", "hours_changed", "closed") for ref in told[name]}
    for store in stores_of(sites, retailer):
        if store.ref not in before:
            continue
        again = await sites.get(retailer, page_of(store), if_none_match=before[store.ref].headers["etag"])
        assert again.status == (200 if store.ref in touched else 304), store.ref
    after = (await sites.get(retailer, SITEMAPS[retailer])).dates
    changed = {path for path in after if path in dates and after[path] != dates[path]}
    pages = {page_of(store) for store in stores_of(sites, retailer) if store.ref in touched}
    gone = {
        stray.path for stray in sites.set_of(retailer).strays if stray.store and stray.store.ref in touched
    }
    stale = {path.replace("/stores/", "/stores/details/", 1) for path in gone}
    known = pages | gone | stale
    assert {
        path for path in changed if not path.endswith(("geeksquad.html", "services.html", "magnolia.html"))
    } - {path for path in changed if path.count("/") > 3 and retailer == "tmobile"} <= known


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_sitemaps_answer_304_until_something_changes(sites: StoreSites, retailer: str) -> None:
    first = await sites.get(retailer, SITEMAPS[retailer])
    tag = first.headers["etag"]
    assert (await sites.get(retailer, SITEMAPS[retailer], if_none_match=tag)).status == 304
    for _ in range(3):
        sites.world.week()
    assert (await sites.get(retailer, SITEMAPS[retailer], if_none_match=tag)).status == 200


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_another_shape_has_another_tag(sites: StoreSites, retailer: str) -> None:
    dimensions = sites.set_of(retailer).dimensions()
    words = next(words for name, words in dimensions.items() if name in ("page", "era", "hours"))
    path = page_of(stores_of(sites, retailer)[0])
    first = await sites.get(retailer, path)
    sites.mode(retailer, words[1])
    assert (await sites.get(retailer, path)).headers["etag"] != first.headers["etag"]


def whole(retailer: str, reply: Reply, path: str) -> Any:
    read = {
        "verizon": lambda: readers.read_verizon(reply),
        "att": lambda: readers.read_att(reply, path),
        "target": lambda: readers.read_target(readers.flight_record(reply.text), path),
        "tmobile": lambda: readers.read_tmobile(reply, path),
        "walmart": lambda: readers.read_walmart(readers.walmart_node(reply), path),
        "bestbuy": lambda: readers.read_bestbuy(reply, path),
    }
    return read[retailer]()


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_a_field_can_go_missing_everywhere_and_nothing_else_does(
    sites: StoreSites, retailer: str
) -> None:
    store = next(s for s in stores_of(sites, retailer) if s.hours and s.phone)
    path = page_of(store)
    before = whole(retailer, await sites.get(retailer, path), path)
    sites.fault("missing-field", retailer)
    reply = await sites.get(retailer, path)
    after = whole(retailer, reply, path)
    lost = "phone" if retailer == "att" else "hours"
    assert getattr(before, lost)
    assert not getattr(after, lost)
    for name in ("ref", "name", "street", "city", "postcode", "lat", "lon"):
        assert getattr(after, name) == getattr(before, name)
    assert "etag" not in reply.headers


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_answers_can_be_mixed_up_between_stores(sites: StoreSites, retailer: str) -> None:
    store = next(s for s in stores_of(sites, retailer) if s.phone and s.state)
    path = page_of(store)
    sites.fault("wrong-state", retailer)
    seen = whole(retailer, await sites.get(retailer, path), path)
    assert seen.state != store.state


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_pages_weigh_what_real_ones_do(sites: StoreSites, retailer: str) -> None:
    for store in stores_of(sites, retailer)[:20]:
        reply = await sites.get(retailer, page_of(store))
        assert 5_000 < len(reply.body) < 60_000


async def cpu_of(sites: StoreSites, retailer: str, paths: list[str]) -> float:
    started = time.process_time()
    for path in paths:
        await sites.get(retailer, path)
    return time.process_time() - started


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_a_kept_page_costs_little_more_than_no_page(sites: StoreSites, retailer: str) -> None:
    paths = [page_of(store) for store in stores_of(sites, retailer)]
    for path in paths:
        await sites.get(retailer, path)
    kept = min([await cpu_of(sites, retailer, paths) for _ in range(5)])
    floor = min([await cpu_of(sites, retailer, ["/nothing-here"] * len(paths)) for _ in range(5)])
    assert kept < 4 * floor  # a page that is rendered anew costs twenty times as much


@pytest.mark.parametrize("retailer", RETAILERS)
async def test_an_unknown_address_is_404(sites: StoreSites, retailer: str) -> None:
    nowhere = {
        "verizon": "/stores/details/texas/nowhere/nothing-1/",
        "att": "/stores/texas/nowhere/1",
        "target": "/sl/nowhere/999999",
        "tmobile": "/stores/bd/t-mobile-nowhere-tx-75001-0x",
        "walmart": "/store/nowhere",
        "bestbuy": "/tx/nowhere/1-main-st-1.html",
    }
    assert (await sites.get(retailer, nowhere[retailer])).status == 404
