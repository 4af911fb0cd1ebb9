"""Every feature of the real sets of December 2021 comes out of the simulated pages again, field by field."""

from __future__ import annotations

import gzip
import html
import json
import zlib
from typing import Any

import pytest
from tests import store_site_readers as readers
from tests.paths import RECORDINGS, needs_recordings
from tests.store_site_harness import StoreSites
from tests.store_site_readers import Keep, Seen

from shopwatch.simulator.stores import StoreSet, Stray, hours

pytestmark = [needs_recordings, pytest.mark.recordings]
STORES = RECORDINGS / "stores"


@pytest.fixture(scope="module")
def sites() -> StoreSites:
    return StoreSites(folder=STORES)


@pytest.fixture(params=[12, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(180)])])
def keep(request: pytest.FixtureRequest) -> Keep:
    """Visit every twelfth address; all of them only when slow tests are asked for."""
    share: int = request.param
    return lambda address: zlib.crc32(address.encode()) % share == 0


def refs(sites: StoreSites, retailer: str, keep: Keep) -> set[str]:
    """Whom a crawl of the kept addresses must find."""
    stores = sites.set_of(retailer).stores
    return {ref for ref, store in stores.items() if keep(store.path)}


def kept(expected: dict[str, dict[str, Any]], found: dict[str, Seen]) -> list[tuple[str, dict[str, Any]]]:
    return [(ref, tags) for ref, tags in expected.items() if ref in found]


def by_path(sites: StoreSites, retailer: str, kind: str) -> list[Stray]:
    strays = (stray for stray in sites.set_of(retailer).strays if stray.kind == kind)
    return sorted(strays, key=lambda stray: stray.path)


def features(retailer: str) -> dict[str, dict[str, Any]]:
    """The properties by ref, with the coordinates among them."""
    raw = json.loads(gzip.decompress((STORES / retailer / "alltheplaces_2021-12.geojson.gz").read_bytes()))
    return {
        feature["properties"]["ref"]: feature["properties"]
        | {"at": (feature.get("geometry") or {}).get("coordinates")}
        for feature in raw["features"]
    }


def assert_same(seen: Seen, tags: dict[str, Any], **own: str) -> None:
    """All that every set carries."""
    week = tags.get("opening_hours")
    assert (seen.lon, seen.lat) == tuple(tags["at"])
    assert seen.street == tags["addr:full"]
    assert seen.city == tags["addr:city"]
    assert seen.state == tags.get("addr:state", "")
    assert seen.postcode == tags["addr:postcode"]
    assert seen.phone == readers.digits(tags.get("phone"))
    assert seen.hours == (hours.parse(week) if week else None)
    assert seen.name == own.get("name", tags["name"])


def count_of(sites: StoreSites) -> dict[str, int]:
    stores: dict[str, StoreSet] = sites.world.stores
    return {name: len(found) for name, found in stores.items()}


def test_every_feature_is_a_store_or_is_reported(sites: StoreSites) -> None:
    assert count_of(sites) == {
        "verizon": 4524,
        "att": 5449,
        "target": 1926,
        "tmobile": 7366,
        "walmart": 4626,
        "bestbuy": 1036,
    }
    told = [problem.split(" is ")[0].split(" has ")[0] for problem in sites.problems]
    assert told == [
        "verizon feature 1419 (ref A00000254856)",
        "verizon feature 3861 (ref A00000327730)",
        "att feature 45 (ref cell-phones)",
    ]


async def test_verizon_tree_gives_every_store_once_and_the_stale_addresses_apart(
    sites: StoreSites, keep: Keep
) -> None:
    found, stale = await readers.crawl_verizon(sites, keep)
    expected, told = features("verizon"), " ".join(sites.problems)
    assert sites.set_of("verizon").stores.keys() == expected.keys()
    assert found.keys() >= refs(sites, "verizon", keep)
    for ref, tags in kept(expected, found):
        seen = found[ref]
        assert_same(seen, tags)
        assert seen.url == tags["website"] or f"(ref {ref}) has the address of another" in told
        assert (seen.dealer, seen.kind) == (tags["business_name"], tags["store_type"])
        assert seen.raw["retailId"] == tags["retail_id"]
        assert seen.raw["typeOfStore"] == tags["store_type_note"]
    strays = [stray.path for stray in by_path(sites, "verizon", "stale")]
    assert sorted(stale) == [path for path in strays if keep(path)]
    assert 100 < len(strays) < 140


async def test_att_pages_give_every_store(sites: StoreSites, keep: Keep) -> None:
    found, expected = await readers.crawl_att(sites, keep), features("att")
    del expected["cell-phones"]
    assert sites.set_of("att").stores.keys() == expected.keys()
    assert found.keys() == refs(sites, "att", keep)
    for ref, tags in kept(expected, found):
        assert_same(found[ref], tags)
        assert tags["website"].endswith(found[ref].url)
        assert found[ref].raw["address"]["addressCountry"]["name"] == tags["addr:country"]


async def test_target_pages_give_every_store(sites: StoreSites, keep: Keep) -> None:
    found, expected = await readers.crawl_target(sites, keep), features("target")
    assert sites.set_of("target").stores.keys() == expected.keys()
    assert found.keys() == refs(sites, "target", keep)
    for ref, tags in kept(expected, found):
        seen = found[ref]
        slug = seen.url.split("/")[2]
        assert_same(seen, tags, name=seen.name)
        assert html.unescape(tags["name"]) == f"Target Store - {slug}"
        assert seen.name.lower() == slug.replace("-", " ")
        assert tags["website"].endswith(seen.url)
        assert seen.raw["mailing_address"]["country"] == tags["addr:country"]


async def test_tmobile_pages_give_every_store(sites: StoreSites, keep: Keep) -> None:
    found, expected = await readers.crawl_tmobile(sites, keep), features("tmobile")
    assert sites.set_of("tmobile").stores.keys() == expected.keys()
    assert found.keys() == refs(sites, "tmobile", keep)
    for ref, tags in kept(expected, found):
        assert_same(found[ref], tags)


async def test_walmart_pages_give_every_store(sites: StoreSites, keep: Keep) -> None:
    found, empty = await readers.crawl_walmart(sites, keep)
    expected = features("walmart")
    assert sites.set_of("walmart").stores.keys() == expected.keys()
    assert found.keys() == refs(sites, "walmart", keep)
    assert sorted(empty) == [
        stray.path for stray in by_path(sites, "walmart", "soft-404") if keep(stray.path)
    ]
    for ref, tags in kept(expected, found):
        seen = found[ref]
        assert_same(seen, tags)
        fuel = any(service["name"] == "GAS_STATION" for service in seen.raw["services"])
        assert fuel is tags["amenity:fuel"]


async def test_bestbuy_pages_give_every_store(sites: StoreSites, keep: Keep) -> None:
    found, expected = await readers.crawl_bestbuy(sites, keep), features("bestbuy")
    assert found.keys() == refs(sites, "bestbuy", keep)
    by_url = {f"https://stores.bestbuy.com{seen.url}": seen for seen in found.values()}
    for url, tags in kept(expected, by_url):
        assert_same(by_url[url], tags)
        assert by_url[url].name.startswith(tags["brand"])
