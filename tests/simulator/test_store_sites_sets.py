"""Store sets are made from a seed or read from a folder; nothing is left out silently."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.store_site_harness import StoreSites

from shopwatch.simulator.stores import RETAILERS, StoreSet, brands, geojson
from shopwatch.simulator.stores.generate import SIZES, generate
from shopwatch.simulator.stores.places import MAINLAND, STATES, us_places


@pytest.mark.parametrize("retailer", RETAILERS)
def test_the_same_seed_makes_the_same_stores_and_another_seed_others(retailer: str) -> None:
    first, second = (generate(retailer, seed=5, count=90) for _ in range(2))
    assert first == second
    assert first.keys() != generate(retailer, seed=6, count=90).keys()


@pytest.mark.parametrize("retailer", RETAILERS)
def test_a_set_has_the_size_asked_for_one_page_a_store_and_every_state(retailer: str) -> None:
    stores = generate(retailer, seed=1, count=SIZES[retailer])
    assert len(stores) == SIZES[retailer]
    assert len({store.path for store in stores.values()}) == len(stores)
    assert {store.state for store in stores.values()} >= set(MAINLAND)


def test_cities_are_real_and_lie_in_their_states_postcodes_too() -> None:
    for store in generate("walmart", seed=1, count=300).values():
        assert store.postcode[:3] in STATES[store.state].prefixes
        assert store.phone[:3] in STATES[store.state].area_codes
        assert store.lat is not None
        assert 17 < store.lat < 72


def test_each_oddity_of_the_real_directories_is_in_the_made_ones() -> None:
    made = {
        retailer: list(generate(retailer, seed=1, count=SIZES[retailer]).values()) for retailer in RETAILERS
    }
    assert any(store.hours is None for store in made["verizon"])
    assert any(store.line2 and f"{store.line1}{store.line2}" == store.street for store in made["verizon"])
    assert {store.ref[0] for store in made["verizon"]} == {"R", "A", "N"}
    assert any(len(store.dealer) > 50 for store in made["verizon"])
    assert any(store.country == "PR" and not store.state for store in made["att"])
    assert any(store.country == store.state == "VI" for store in made["att"])
    assert all(len(store.postcode) == 10 for store in made["target"])
    points = Counter((store.lat, store.lon) for store in made["tmobile"])
    assert max(points.values()) == 2
    assert any(not store.phone for store in made["tmobile"])
    assert any(len(store.postcode) == 3 for store in made["tmobile"])
    assert any("-" in store.postcode for store in made["tmobile"])
    assert {"Supercenter", "Neighborhood Market", "Store"} <= {store.kind for store in made["walmart"]}
    assert any("GAS_STATION" in store.services for store in made["walmart"])
    assert any("pacific-sales" in store.path for store in made["bestbuy"])
    assert [store.status for store in made["bestbuy"]].count("closed") == 1


def feature(**properties: Any) -> dict[str, Any]:
    tags = {
        "ref": "7",
        "name": "Sherwood Supercenter",
        "addr:full": "9053 Highway 107",
        "addr:city": "Sherwood",
        "addr:state": "AR",
        "addr:postcode": "72120",
        "phone": "501-833-0972",
        "amenity:fuel": False,
        "opening_hours": "Mon-Sun 06:00-23:00",
    }
    known = {name: value for name, value in {**tags, **properties}.items() if value is not None}
    point = {"type": "Point", "coordinates": [-92.236838, 34.838767]}
    return {"type": "Feature", "properties": known, "geometry": point}


def written(folder: Path, *features: dict[str, Any], name: str = "walmart.geojson") -> Path:
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "walmart.geojson",
        "walmart.geojson.gz",
        "walmart/alltheplaces_2021-12.geojson",
        "walmart/alltheplaces_2021-12.geojson.gz",
    ],
)
def test_a_set_is_found_under_each_of_its_names(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, feature(), name=name)
    assert geojson.find(tmp_path, "walmart") == path
    assert geojson.read(path, "walmart").stores["7"].phone == "5018330972"


def test_a_ref_used_twice_and_a_feature_without_ref_are_told(tmp_path: Path) -> None:
    path = written(
        tmp_path, feature(), feature(name="Another"), feature(ref=None), feature(ref="8", name=None)
    )
    reading = geojson.read(path, "walmart")
    assert list(reading.stores) == ["7"]
    assert reading.problems == [
        "walmart feature 2 (ref 7) repeats the ref of an earlier feature: only the first is served",
        "walmart feature 3 (ref none) is unusable: KeyError: 'ref'",
        "walmart feature 4 (ref 8) is unusable: KeyError: 'name'",
    ]


def test_hours_nobody_can_read_are_told(tmp_path: Path) -> None:
    reading = geojson.read(written(tmp_path, feature(opening_hours="soon")), "walmart")
    assert "not an opening time: 'soon'" in reading.problems[0]


def test_a_missing_field_stays_missing(tmp_path: Path) -> None:
    bare = feature(phone=None, opening_hours=None)
    del bare["geometry"]
    store = geojson.read(written(tmp_path, bare), "walmart").stores["7"]
    assert (store.phone, store.hours, store.lat) == ("", None, None)


def test_a_file_that_is_no_feature_collection_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "walmart.geojson"
    path.write_text("[]")
    with pytest.raises(ValueError, match=r"walmart\.geojson is no GeoJSON feature collection"):
        geojson.read(path, "walmart")


def test_a_folder_without_any_set_is_refused_and_what_it_lacks_is_made_from_the_seed(
    tmp_path: Path,
) -> None:
    with pytest.raises(ValueError, match="no store set in"):
        StoreSites(folder=tmp_path)
    written(tmp_path, feature())
    sites = StoreSites(folder=tmp_path)
    assert len(sites.set_of("walmart")) == 1
    assert len(sites.set_of("verizon")) == 120


@pytest.fixture
def stores() -> StoreSet:
    return StoreSites().set_of("target")


def test_the_nearest_stores_come_first_and_none_from_beyond(stores: StoreSet) -> None:
    some = next(iter(stores.stores.values()))
    assert some.lat is not None
    assert some.lon is not None
    near = stores.near(some.lat, some.lon, limit=50, within_miles=400)
    assert near[0] == (0.0, some)
    distances = [distance for distance, _ in near]
    assert distances == sorted(distances)
    assert distances[-1] <= 400
    everyone = stores.near(some.lat, some.lon, limit=1000, within_miles=20_000)
    assert len(everyone) == len(stores)
    assert [store.ref for miles, store in everyone if miles <= 400][:50] == [store.ref for _, store in near]


def test_a_postcode_is_where_the_stores_are_whose_postcodes_begin_like_it(stores: StoreSet) -> None:
    some = next(iter(stores.stores.values()))
    assert some in [store for _, store in stores.near_zip(some.postcode5, within_miles=300)]
    assert stores.near_zip("00000") == []
    assert stores.near_zip("1") == []


def test_an_unknown_mode_is_refused_with_the_list_of_those_there_are() -> None:
    sites = StoreSites()
    with pytest.raises(ValueError, match="verizon has no mode 'Z'; there are: C, D, B"):
        sites.mode("verizon", "Z")
    with pytest.raises(ValueError, match="no site 'ebay'"):
        sites.mode("ebay", "C")
    sites.mode("bestbuy-api", "2018")
    assert sites.set_of("bestbuy").modes["page"] == "2018"


def test_a_targets_address_has_no_slash_of_its_own() -> None:
    """Makiki / Lower Punchbowl is one place."""
    place = next(place for place in us_places() if "/" in place.city)
    for number in range(10, 20):
        values = brands.target(random.Random(number), place, number)
        assert re.fullmatch(r"/sl/[^/]+/\d+", str(values["path"])), values["path"]
