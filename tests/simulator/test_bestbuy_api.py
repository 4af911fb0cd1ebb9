"""Best Buy's developer API behaves as the facts say: batches by SKU, its words, its limits, its refusals."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from tests.json_shape import common, shape, strangers, union
from tests.paths import RECORDINGS, needs_recordings
from tests.simulator_fixture import Answer, Simulator

SKU, OTHER = "6411488", "6439402"
SHOW = "sku,name,salePrice,onlineAvailability,orderable"


async def ask(simulator: Simulator, path: str, *, key: str = "unlimited", **query: str) -> Answer:
    address = f"{simulator.origins['bestbuy-api']}/v1/{quote(path, safe='/()=,&+<>|')}"
    return await simulator.get(address, params={"apiKey": key, "format": "json", **query})


async def put(simulator: Simulator, sku: str = SKU, **changes: Any) -> None:
    await simulator.put(sku, site="bestbuy", **changes)


async def record_of(simulator: Simulator, sku: str = SKU) -> Any:
    return (await ask(simulator, f"products/{sku}.json")).json


async def test_a_batch_shows_the_fields_asked_for_and_leaves_out_whom_it_does_not_know(
    simulator: Simulator,
) -> None:
    await put(simulator, ship="Available", price=359.99, title="Core i7", brand="Intel")
    await put(simulator, OTHER, ship="SoldOut")
    answer = await ask(simulator, f"products(sku in({OTHER},1,{SKU}))", show=SHOW, pageSize="100")
    assert (answer.status, answer.json["total"], answer.json["totalPages"]) == (200, 2, 1)
    mine, other = answer.json["products"]
    assert mine == {
        "sku": int(SKU),
        "name": "Intel - Core i7",
        "salePrice": 359.99,
        "onlineAvailability": True,
        "orderable": "Available",
    }
    assert (other["sku"], other["onlineAvailability"], other["orderable"]) == (int(OTHER), False, "SoldOut")


async def test_a_page_has_ten_products_unless_told_and_never_more_than_a_hundred(
    simulator: Simulator,
) -> None:
    assert len((await ask(simulator, "products", show="sku")).json["products"]) == 10
    whole = (await ask(simulator, "products", show="sku", pageSize="999")).json
    assert (whole["from"], whole["to"], whole["total"]) == (1, 60, 60)
    last = (await ask(simulator, "products", show="sku", pageSize="50", page="2")).json
    assert (last["from"], last["to"], last["currentPage"], last["totalPages"]) == (51, 60, 2, 2)


@pytest.mark.parametrize(
    ("ship", "orderable", "online", "active"),
    [
        ("Available", "Available", True, True),
        ("PreOrder", "PreOrder", True, True),
        ("BackOrder", "BackOrder", True, True),
        ("ComingSoon", "ComingSoon", False, True),
        ("SoldOut", "SoldOut", False, True),
        ("Inactive", "SoldOut", False, False),
        ("NeverSeenBefore", "NeverSeenBefore", False, True),
    ],
)
async def test_every_word_of_the_shelf_has_its_fields(
    simulator: Simulator, ship: str, orderable: str, online: bool, active: bool
) -> None:
    await put(simulator, ship=ship)
    record = await record_of(simulator)
    assert (record["orderable"], record["onlineAvailability"], record["active"]) == (
        orderable,
        online,
        active,
    )


async def test_what_only_stores_have_is_available_but_not_online(simulator: Simulator) -> None:
    await put(simulator, ship="SoldOut", pickup="Available")
    record = await record_of(simulator)
    assert (record["orderable"], record["onlineAvailability"]) == ("Available", False)
    assert record["inStoreAvailability"] is True


async def test_a_change_shows_at_once_and_dates_the_record(simulator: Simulator) -> None:
    first = (await simulator.tell("GET", "/products/bestbuy?limit=1"))["products"][0]["sku"]
    before = await record_of(simulator, first)
    await put(simulator, first, ship="PreOrder")
    after = await record_of(simulator, first)
    assert after["orderable"] == "PreOrder"
    assert after["onlineAvailabilityUpdateDate"] > before["onlineAvailabilityUpdateDate"]


async def test_a_blip_is_told_once(simulator: Simulator) -> None:
    await put(simulator, ship="SoldOut", blip=1)
    assert (await record_of(simulator))["orderable"] == "Available"
    assert (await record_of(simulator))["orderable"] == "SoldOut"


async def test_other_questions_are_understood(simulator: Simulator) -> None:
    await put(simulator, ship="Available", price=10, brand="Canon", title="Ink Cartridge")
    await put(simulator, OTHER, ship="SoldOut", price=900, brand="Canon", title="Camera")
    for terms, wanted in {
        "manufacturer=canon": [SKU, OTHER],
        "manufacturer=canon&salePrice<299.99": [SKU],
        "name=*camera*": [OTHER],
        f"sku in({SKU},{OTHER})&(onlineAvailability=true)": None,
        f"sku in({SKU},{OTHER})&onlineAvailability=true": [SKU],
        "manufacturer=canon&salePrice>=900|manufacturer=nobody": [OTHER],
    }.items():
        answer = await ask(simulator, f"products({terms})", show="sku")
        if wanted is None:
            assert answer.status == 400, terms
        else:
            assert [str(p["sku"]) for p in answer.json["products"]] == wanted, terms


async def test_an_unknown_product_is_404(simulator: Simulator) -> None:
    answer = await ask(simulator, "products/1.json")
    assert (answer.status, answer.json["error"]["code"]) == (404, 404)
    assert (await ask(simulator, "products/1/stores.json", storeId="1")).status == 404


@pytest.mark.parametrize("key", ["", "bad-key"])
async def test_without_a_key_that_counts_it_is_403(simulator: Simulator, key: str) -> None:
    answer = await ask(simulator, "products", key=key)
    assert (answer.status, answer.json["errorCode"]) == (403, "403")
    assert "unable to validate the API key" in answer.json["errorMessage"]


async def test_the_sixth_request_of_a_second_is_403_too_and_says_nothing_of_waiting(
    simulator: Simulator,
) -> None:
    answers = [await ask(simulator, "products", key="quick", show="sku") for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [403]
    assert "per second limit" in answers[-1].json["errorMessage"]
    assert "retry-after" not in answers[-1].headers
    assert (await ask(simulator, "products", key="another", show="sku")).status == 200


async def test_stores_that_have_it_are_found_by_number_and_by_postcode(simulator: Simulator) -> None:
    stores = (await simulator.tell("GET", "/stores/bestbuy"))["stores"]
    store = next(one for one in stores if one["status"] == "open")
    await put(simulator, stores={store["ref"]: {"pickup": "Available", "quantity": 1}})
    path = f"products/{SKU}/stores.json"
    by_number = (await ask(simulator, path, storeId=store["ref"])).json
    assert by_number["ispuEligible"] is True
    assert (by_number["stores"][0]["storeID"], by_number["stores"][0]["lowStock"]) == (store["ref"], True)
    by_code = (await ask(simulator, path, postalCode=store["postcode"][:5])).json
    assert [one["storeID"] for one in by_code["stores"]] == [store["ref"]]
    assert (await ask(simulator, path)).status == 400


async def test_products_and_stores_can_be_asked_for_together(simulator: Simulator) -> None:
    stores = (await simulator.tell("GET", "/stores/bestbuy"))["stores"]
    with_it, without = [one["ref"] for one in stores if one["status"] == "open"][:2]
    await put(simulator, stores={with_it: {"pickup": "Available"}})
    await put(simulator, OTHER)
    terms = f"products(sku in({SKU},{OTHER}))+stores(storeId in({with_it},{without}))"
    answer = (await ask(simulator, terms)).json
    assert [(p["sku"], [s["storeId"] for s in p["stores"]]) for p in answer["products"]] == [
        (int(SKU), [int(with_it)])
    ]
    assert "stores" not in await record_of(simulator)


async def test_the_addresses_in_a_record_lead_to_the_page(simulator: Simulator) -> None:
    await put(simulator, title="Core i7")
    answer = await simulator.get((await record_of(simulator))["url"])
    assert answer.status == 302
    page = f"{simulator.origins['bestbuy']}/site/core-i7/{SKU}.p?skuId={SKU}"
    assert answer.headers["location"] == page


@pytest.mark.parametrize(
    ("fault", "seen"),
    [("wrong-state", False), ("missing-field", True)],
)
async def test_faults_of_the_handler_show(simulator: Simulator, fault: str, seen: bool) -> None:
    await put(simulator)
    await simulator.fault(fault, site="bestbuy-api")
    products = (await ask(simulator, f"products(sku={SKU})")).json["products"]
    assert [p["sku"] == int(SKU) for p in products] == [seen]
    assert ("onlineAvailability" in products[0]) is not seen


def recorded(name: str) -> list[Any]:
    return list(json.loads((RECORDINGS / "bestbuy-stock" / name).read_text("utf-8")))


@needs_recordings
async def test_a_record_has_the_fields_of_the_recorded_ones(simulator: Simulator) -> None:
    await put(simulator, ship="Available", price=359.99, brand="Intel")
    one = recorded("product_single_sku.json")[0]["response"]
    several = recorded("availability_stores.json")[1]["response"]["products"][0]
    several.pop("stores")
    shapes = [shape(one), shape(several)]
    ours = shape(await record_of(simulator))
    assert strangers(ours, union(shapes)) == {}
    assert {path for path in common(shapes) if "[]" not in path} <= set(ours)


@needs_recordings
async def test_a_list_is_framed_as_recorded(simulator: Simulator) -> None:
    await put(simulator)
    real = recorded("availability_stores.json")[1]["response"]
    ours = (await ask(simulator, f"products(sku={SKU})")).json
    assert list(ours) == list(real)
    del real["products"], ours["products"]
    assert shape(ours) == shape(real)


@needs_recordings
async def test_a_store_with_it_looks_as_recorded_and_so_does_none(simulator: Simulator) -> None:
    ref = (await simulator.tell("GET", "/stores/bestbuy"))["stores"][0]["ref"]
    await put(simulator, stores={ref: {"pickup": "Available"}})
    ours = (await ask(simulator, f"products/{SKU}/stores.json", storeId=ref)).json
    assert shape(ours) == shape(recorded("realtime_store_id.json")[0]["response"])
    await put(simulator, stores={})
    none = (await ask(simulator, f"products/{SKU}/stores.json", storeId=ref)).json
    assert none == recorded("realtime_unavailable.json")[0]["response"]


@needs_recordings
async def test_garbage_is_refused_in_the_recorded_words(simulator: Simulator) -> None:
    real = recorded("error_garbage_400.json")[0]
    ours = await ask(simulator, "products(gurgleflats)", key="XXX")
    assert ours.status == real["status"]
    error = real["response"]["error"]
    assert shape(ours.json) == shape(real["response"])
    assert (ours.json["error"]["code"], ours.json["error"]["status"]) == (error["code"], error["status"])
    assert ours.json["error"]["message"].startswith("Couldn't understand '/v1/products(gurgleflats)&")
