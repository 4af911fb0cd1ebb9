"""The simulated answers are made of the same keys and types as the recorded ones, path by path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.json_shape import Shape, common, shape, strangers, union
from tests.paths import RECORDINGS, needs_recordings
from tests.simulator_fixture import Simulator

pytestmark = needs_recordings

TARGET = RECORDINGS / "target-stock"
PRICE_FILES = (
    "preorder_response_94723520_In_Stock_Pre-order.json",
    "pdp_response.json",
    "tcin_1001304528_response_1.json",
    "full_analysis_94681770_out_of_stock.json",
    "full_analysis_89542109_in_stock.json",
)
SUMMARY_FILES = (
    "batch_preorder_response.json",
    "api_response_debug.json",
    "success_fulfillment_94681776_var1.json",
)
#: Told by the facts, seen in no recording we hold.
SALE = {
    f"$.data.product.price.{name}"
    for name in (
        "save_dollar",
        "save_percent",
        "formatted_comparison_price",
        "formatted_comparison_price_type",
    )
}
OUT: dict[str, Any] = {
    "ship": "OUT_OF_STOCK",
    "pickup": "UNAVAILABLE",
    "in_store": "OUT_OF_STOCK",
    "quantity": 0,
}
IN: dict[str, Any] = {"ship": "IN_STOCK", "pickup": "IN_STOCK", "in_store": "IN_STOCK", "quantity": 21}
PREORDER: dict[str, Any] = {
    "ship": "PRE_ORDER_SELLABLE",
    "pickup": "UNAVAILABLE",
    "in_store": "NOT_SOLD_IN_STORE",
}


def load(name: str) -> Any:
    return json.loads((TARGET / name).read_text("utf-8"))


def recorded_bodies(aggregation: str) -> dict[str, Any]:
    """The bodies of one aggregation that the browser kept, by TCIN; long ones were cut off by it."""
    found: dict[str, Any] = {}
    drop = load("drop-1011209279.json")
    for side in ("drop", "instock"):
        for seen in drop[side]["redskyBodies"]:
            if aggregation in seen["url"] and seen["status"] == 200 and seen["body"].endswith("}"):
                body = json.loads(seen["body"])
                found[body["data"]["product"]["tcin"]] = body
    return found


@pytest.mark.parametrize("state", [OUT, IN, PREORDER, {**OUT, "ship": "DISCONTINUED"}])
async def test_a_batch_has_the_keys_of_the_recorded_batches(
    simulator: Simulator, state: dict[str, Any]
) -> None:
    await simulator.put("20000001", **state)
    entries = [entry for name in SUMMARY_FILES for entry in load(name)["data"]["product_summaries"]]
    recorded = [shape(entry) for entry in entries]
    ours = shape((await simulator.summary("20000001")).json["data"]["product_summaries"][0])
    assert strangers(ours, union(recorded)) == {}
    assert common(recorded) <= set(ours)


@pytest.mark.parametrize(("tcin", "state"), [("1011209279", OUT), ("13356914", IN)])
async def test_one_product_has_exactly_the_keys_of_the_recorded_one(
    simulator: Simulator, tcin: str, state: dict[str, Any]
) -> None:
    await simulator.put(tcin, kind="SA", **state)
    name = "product_fulfillment_and_variation_hierarchy_v1"
    answer = await simulator.of_target(name, tcin=tcin, store_id="2272")
    assert shape(answer.json) == shape(recorded_bodies(name)[tcin])


def recorded_prices() -> list[Shape]:
    bodies = [load(name) for name in PRICE_FILES] + list(recorded_bodies("pdp_client_v1").values())
    return [shape(body) for body in bodies]


async def test_a_price_has_the_keys_of_the_recorded_prices(simulator: Simulator) -> None:
    await simulator.put("20000001", price="17.99", limit=2, brand="Pokémon", street_date="2026-06-19")
    ours = shape((await simulator.of_target("pdp_client_v1", tcin="20000001")).json)
    assert strangers(ours, union(recorded_prices())) == {}
    assert common(recorded_prices()) <= set(ours)


async def test_a_marketplace_price_names_its_vendor_as_recorded(simulator: Simulator) -> None:
    await simulator.put("20000001", limit=10, marketplace=True, seller="BlueProton")
    body = (await simulator.of_target("pdp_client_v1", tcin="20000001")).json
    assert strangers(shape(body), union(recorded_prices())) == {}
    vendor = load("tcin_1001304528_response_1.json")["data"]["product"]["item"]["product_vendors"][0]
    assert body["data"]["product"]["item"]["product_vendors"][0].keys() == vendor.keys()


async def test_a_sale_adds_only_what_the_facts_tell(simulator: Simulator) -> None:
    await simulator.put("20000001", price_cents=400, regular_cents=500, limit=2)
    ours = shape((await simulator.of_target("pdp_client_v1", tcin="20000001")).json)
    assert set(strangers(ours, union(recorded_prices()))) == SALE


async def test_what_goes_into_the_cart_looks_as_recorded(simulator: Simulator) -> None:
    await simulator.put("13356914", kind="SA", price="4.29", regular_cents=459, **IN)
    body = {"cart_item": {"item_channel_id": "10", "tcin": "13356914", "quantity": 1}, "cart_type": "REGULAR"}
    answer = await simulator.ask("POST", "target-carts:/web_checkouts/v1/cart_items", json=body)
    recorded = json.loads(load("atc-network.json")["apiProbe"]["body"])
    assert answer.status == 201
    assert strangers(shape(answer.json), shape(recorded)) == {}


async def test_a_cart_refuses_what_is_sold_out_in_the_recorded_words(simulator: Simulator) -> None:
    await simulator.put("1011209279", **OUT)
    body = {"cart_item": {"tcin": "1011209279", "quantity": 1}, "cart_type": "REGULAR"}
    answer = await simulator.ask("POST", "target-carts:/web_checkouts/v1/cart_items", json=body)
    assert answer.status == 424
    assert answer.json == json.loads(load("drop-1011209279.json")["cartProbe"]["drop"]["body"])


async def test_a_challenge_is_the_recorded_one_but_for_its_ids(simulator: Simulator) -> None:
    await simulator.fault("403-challenge", site="target-api")
    answer = await simulator.summary("13356914")
    probe = load("drop-1011209279.json")["drop"]["redskyProbe"][0]
    assert answer.status == probe["status"]
    assert shape(answer.json) == shape(json.loads(probe["text"]))
    assert len(answer.text.splitlines()) == len(probe["text"].splitlines())


async def test_the_robots_of_the_api_are_the_recorded_ones(simulator: Simulator) -> None:
    recorded = (RECORDINGS / "stores" / "target" / "redsky_robots.txt").read_text("utf-8")
    assert (await simulator.get("target-api:/robots.txt")).text.split() == recorded.split()
