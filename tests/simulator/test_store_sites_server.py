"""The store directories on real sockets, with the control API beside them."""

from __future__ import annotations

import json
import re

import pytest
from tests.simulator_fixture import Simulator


@pytest.fixture(autouse=True)
async def _first_day(simulator: Simulator) -> None:
    """Other tests let weeks pass and choose modes in the same process; the cheap reset keeps both."""
    await simulator.tell("POST", "/reset", {})


async def test_the_control_api_counts_the_stores_the_pages_show(simulator: Simulator) -> None:
    counts = (await simulator.tell("GET", "/state"))["stores"]
    assert counts.keys() == {"verizon", "att", "target", "tmobile", "walmart", "bestbuy"}
    sitemap = await simulator.get("att:/stores/sitemap_0.xml")
    assert len(re.findall(r"/\d+</loc>", sitemap.text)) == counts["att"]


async def test_robots_and_sitemaps_name_this_origin(simulator: Simulator) -> None:
    for site in ("verizon", "att", "target", "tmobile", "walmart", "bestbuy"):
        robots = (await simulator.get(f"{site}:/robots.txt")).text
        addresses = re.findall(r"Sitemap: (\S+)", robots)
        assert addresses, site
        assert all(address.startswith(simulator.origins[site]) for address in addresses)


async def test_a_week_passes_at_all_six_and_a_reset_takes_it_back(simulator: Simulator) -> None:
    before = await simulator.tell("GET", "/stores/walmart")
    changed = (await simulator.tell("POST", "/week"))["changed"]
    assert set(changed) == {"verizon", "att", "target", "tmobile", "walmart", "bestbuy"}
    assert all(told["opened"] and told["closed"] and told["hours_changed"] for told in changed.values())
    assert await simulator.tell("GET", "/stores/walmart") != before
    await simulator.tell("POST", "/reset", {})
    assert await simulator.tell("GET", "/stores/walmart") == before


async def test_a_mode_is_chosen_by_the_control_api_and_a_wrong_one_refused(simulator: Simulator) -> None:
    (store, *_) = (await simulator.tell("GET", "/stores/walmart"))["stores"]
    assert "__NEXT_DATA__" in (await simulator.get(f"walmart:{store['path']}")).text
    await simulator.tell("PUT", "/modes/walmart", {"mode": "redux"})
    assert "__WML_REDUX_INITIAL_STATE__" in (await simulator.get(f"walmart:{store['path']}")).text
    refused = await simulator.ask("PUT", "control:/modes/walmart", json={"mode": "vue"})
    assert refused.status == 422
    assert "there are: next, redux" in refused.text


async def test_a_fault_names_the_field_that_goes_missing(simulator: Simulator) -> None:
    stores = (await simulator.tell("GET", "/stores/walmart"))["stores"]
    path = next(store["path"] for store in stores if store["lat"])
    await simulator.fault("missing-field", site="walmart", detail="geo")
    page = (await simulator.get(f"walmart:{path}")).text
    node = json.loads(re.findall(r'type="application/json">(.*?)</script>', page)[0])
    assert '"geoPoint":null' in page
    assert node["props"]["pageProps"]["initialData"]["initialDataNodeDetail"]["data"]["nodeDetail"][
        "displayName"
    ]
    refused = await simulator.ask(
        "POST", "control:/faults", json={"kind": "missing-field", "site": "walmart", "detail": "smell"}
    )
    assert refused.status == 422
    assert "no store page has a field 'smell'" in refused.text


async def test_both_sides_of_target_show_one_record(simulator: Simulator) -> None:
    (store, *_) = (await simulator.tell("GET", "/stores/target"))["stores"]
    answer = await simulator.of_target("store_location_v1", store_id=store["ref"])
    page = (await simulator.get(f"target:{store['path']}")).text
    record = answer.json["data"]["store"]
    assert record["store_id"] == store["ref"]
    assert json.dumps(record["miscellaneous"]["google_cid"])[1:-1] in page


async def test_the_developer_api_has_the_stores_too(simulator: Simulator) -> None:
    answer = await simulator.get("bestbuy-api:/v1/stores", params={"apiKey": "k", "pageSize": "1"})
    (store,) = answer.json["stores"]
    known = (await simulator.tell("GET", "/stores/bestbuy"))["stores"]
    assert str(store["storeId"]) in {found["ref"] for found in known}
