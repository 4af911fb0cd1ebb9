"""Target's cart host: adding adds, nothing is reserved, and each refusal has its own words."""

from __future__ import annotations

from typing import Any

import pytest
from tests.simulator_fixture import Answer, Simulator

SKU = "20000001"
BASE = "target-carts:/web_checkouts/v1"
FIELDS = {"cart_type": "REGULAR", "field_groups": "ADDRESSES,CART_ITEMS,SUMMARY"}
ME = {"cookie": "visitorId=019F100E23A4020094B19874BE5166E1"}


class Visitor:
    def __init__(self, simulator: Simulator, cookie: str = ME["cookie"]) -> None:
        self.simulator = simulator
        self.headers = {"cookie": cookie}

    async def add(self, tcin: str = SKU, quantity: int = 1, **more: Any) -> Answer:
        body = {"cart_item": {"item_channel_id": "10", "tcin": tcin, "quantity": quantity}, **more}
        return await self.simulator.ask("POST", f"{BASE}/cart_items", json=body, headers=self.headers)

    async def cart(self, **query: str) -> Answer:
        return await self.simulator.get(f"{BASE}/cart", params={**FIELDS, **query}, headers=self.headers)


@pytest.fixture
async def visitor(simulator: Simulator) -> Visitor:
    await simulator.put(SKU, ship="IN_STOCK", price=17.99, limit=3)
    return Visitor(simulator)


async def test_an_empty_cart_is_204(visitor: Visitor) -> None:
    assert (await visitor.cart()).status == 204


async def test_the_same_product_again_is_a_doubled_quantity(visitor: Visitor) -> None:
    assert (await visitor.add()).json["total_cart_item_quantity"] == 1
    assert (await visitor.add()).json["total_cart_item_quantity"] == 2
    cart = (await visitor.cart()).json
    assert [(line["tcin"], line["quantity"]) for line in cart["cart_items"]] == [(SKU, 2)]
    assert cart["summary"]["grand_total"] == 35.98


async def test_without_wish_it_is_shipped_and_with_one_picked_up(visitor: Visitor) -> None:
    assert (await visitor.add()).json["fulfillment"]["ship_method"] == "STANDARD"
    how = {"type": "PICKUP", "ship_method": "STORE_PICKUP", "location_id": "2272"}
    assert (await visitor.add(fulfillment=how)).json["fulfillment"]["location_id"] == "2272"


async def test_over_the_limit_is_refused(visitor: Visitor) -> None:
    await visitor.add(quantity=3)
    answer = await visitor.add()
    assert (answer.status, answer.json["code"]) == (400, "MAX_PURCHASE_LIMIT_EXCEEDED")
    assert (await visitor.cart()).json["summary"]["items_quantity"] == 3


@pytest.mark.parametrize("state", [{"ship": "OUT_OF_STOCK"}, {"button": "disabled"}, {"kind": "VAP"}])
async def test_what_cannot_be_bought_does_not_go_in(visitor: Visitor, state: dict[str, str]) -> None:
    await visitor.simulator.put(SKU, **state)
    answer = await visitor.add()
    assert (answer.status, answer.json["alerts"][0]["code"]) == (424, "INVENTORY_UNAVAILABLE")


async def test_an_unknown_product_is_a_failed_dependency_too(visitor: Visitor) -> None:
    answer = await visitor.add("1")
    assert (answer.status, answer.json["alerts"][0]["code"]) == (424, "NOT_FOUND")


async def test_nonsense_is_a_bad_request(visitor: Visitor) -> None:
    answer = await visitor.simulator.ask("POST", f"{BASE}/cart_items", data=b"[]")
    assert answer.status == 400


async def test_a_cart_belongs_to_its_visitor(visitor: Visitor) -> None:
    await visitor.add()
    assert (await Visitor(visitor.simulator, "visitorId=OTHER").cart()).status == 204


async def test_a_line_can_be_taken_out(visitor: Visitor) -> None:
    line = (await visitor.add()).json["cart_item_id"]
    url = f"{BASE}/cart_items/{line}"
    assert (await visitor.simulator.ask("DELETE", url, headers=ME)).status == 200
    assert (await visitor.simulator.ask("DELETE", url, headers=ME)).status == 404
    assert (await visitor.cart()).status == 204


async def test_a_cheap_product_cannot_be_shipped_alone(visitor: Visitor) -> None:
    await visitor.simulator.put("20000002", ship="IN_STOCK", price=4.29)
    await visitor.add("20000002", 2)
    (alert,) = (await visitor.cart()).json["alerts"]
    assert alert["code"] == "CART_NOT_MET_ADD_ON_THRESHOLD"
    assert alert["metadata"] == {"shortfall": "26.42", "threshold": "35.00"}
    await visitor.add(quantity=2)
    assert (await visitor.cart()).json["alerts"] == []


async def test_a_cart_reserves_nothing_and_follows_the_price(visitor: Visitor) -> None:
    await visitor.add()
    await visitor.simulator.put(SKU, price=99.99)
    assert (await visitor.cart()).json["cart_items"][0]["unit_price"] == 99.99


async def test_lines_are_left_out_unless_asked_for(visitor: Visitor) -> None:
    await visitor.add()
    assert "cart_items" not in (await visitor.cart(field_groups="SUMMARY")).json
