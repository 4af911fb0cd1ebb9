"""The control API changes the world as it is told, and refuses in one sentence what it cannot do."""

from __future__ import annotations

from typing import Any

import pytest
from tests.simulator_fixture import Simulator


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("PUT", "/products/target/1", {"pirce": 1}, 422, "unknown field `pirce`"),
        ("PUT", "/products/target/1", {"quantity": "many"}, 422, "$.quantity"),
        ("PUT", "/products/target/1", {"page": "upside-down"}, 422, "$.page"),
        ("PUT", "/products/target/1", {"price": "cheap"}, 422, "price must be dollars"),
        ("PUT", "/products/target/1", {"price": 1.001}, 422, "whole cents"),
        ("PUT", "/products/amazon/1", {}, 404, "target, walmart, bestbuy"),
        ("GET", "/products/target/1", None, 404, "target does not sell 1"),
        ("DELETE", "/products/target/1", None, 404, "target does not sell 1"),
        ("POST", "/faults", {"kind": "418"}, 422, "kind must be one of 206, 403"),
        ("POST", "/faults", {"kind": "500", "site": "amazon"}, 422, "site must be one of verizon"),
        ("POST", "/faults", {"kind": "500", "rate": 2}, 422, "rate must be from 0 to 1"),
        ("POST", "/faults", {}, 422, "missing required field `kind`"),
        ("POST", "/scenario", {"speed": 0}, 422, "speed must be above 0"),
        ("POST", "/scenario", {"plan": {"seed": 1, "site": "att"}}, 422, "plan.site must be one of"),
        ("POST", "/scenario", {"events": [{"at": 1, "sku": "1"}]}, 422, "put it on the shelf first"),
        ("POST", "/scenario", {"events": [{"at": 1, "action": "drop", "brand": "X"}]}, 422, "brand 'X'"),
        ("POST", "/scenario", {"events": [{"at": 1, "site": "att", "sku": "1"}]}, 422, "event's site"),
        ("GET", "/requests?recent=all", None, 400, "recent must be a number, got 'all'"),
        ("GET", "/requests?recent=nan", None, 400, "recent must be a number, got 'nan'"),
        ("GET", "/products/target?offset=inf", None, 400, "offset must be a number, got 'inf'"),
        ("PUT", "/products/target/1", {"price": "Infinity"}, 422, "whole cents"),
        ("PUT", "/modes/amazon", {"mode": "x"}, 404, "no stores of 'amazon'"),
        ("PUT", "/modes/verizon", {"mode": "x"}, 422, "has no mode 'x'"),
        ("POST", "/reset", {"seed": "x"}, 422, "$.seed"),
    ],
)
async def test_bad_input_is_refused_in_one_sentence(  # noqa: PLR0917 - a table
    simulator: Simulator, method: str, path: str, body: Any, status: int, words: str
) -> None:
    answer = await simulator.ask(method, f"control:{path}", json=body)
    assert answer.status == status
    assert answer.json["status"] == "error"
    assert words in answer.json["message"]
    assert answer.json["errors"] == [answer.json["message"]]


async def test_what_is_no_json_is_a_bad_request(simulator: Simulator) -> None:
    answer = await simulator.ask("POST", "control:/faults", data=b"{kind")
    assert answer.status == 400
    assert "is not JSON" in answer.json["message"]


async def test_unknown_paths_and_methods_are_told_apart(simulator: Simulator) -> None:
    assert (await simulator.get("control:/nothing")).status == 404
    answer = await simulator.ask("DELETE", "control:/state")
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("price", [17.99, "17.99", "17.990"])
async def test_a_price_is_told_in_dollars_and_kept_in_cents(simulator: Simulator, price: object) -> None:
    assert (await simulator.put("20000001", price=price))["price_cents"] == 1799


async def test_a_change_leaves_the_rest_as_it_was(simulator: Simulator) -> None:
    await simulator.put("20000001", title="Tape", price=4.29, limit=2)
    shown = await simulator.put("20000001", ship="IN_STOCK", limit=None)
    assert (shown["title"], shown["price_cents"], shown["limit"]) == ("Tape", 429, None)
    assert shown["buyable"]
    assert shown["quantity"] == 25


async def test_its_bare_address_names_what_may_be_asked(simulator: Simulator) -> None:
    told = await simulator.tell("GET", "/")
    assert {"GET /state", "POST /faults", "PUT /checkout"} <= set(told["routes"])
    assert "target" in told["origins"]


async def test_state_shows_the_world(simulator: Simulator) -> None:
    await simulator.fault("500", site="att")
    state = await simulator.tell("GET", "/state")
    assert state["origins"] == simulator.origins
    assert state["products"] == {"target": 60, "walmart": 60, "bestbuy": 60}
    assert [fault["kind"] for fault in state["faults"]] == ["500"]
    assert state["orders"] == 0


async def test_a_removed_product_is_unknown_to_its_site(simulator: Simulator) -> None:
    await simulator.put("20000001")
    await simulator.tell("DELETE", "/products/target/20000001")
    assert (await simulator.of_target("pdp_client_v1", tcin="20000001")).status == 404


async def test_reset_puts_everything_back(simulator: Simulator) -> None:
    first = await simulator.tell("GET", "/products/target")
    await simulator.put("20000001", ship="IN_STOCK")
    await simulator.fault("500")
    await simulator.tell("POST", "/scenario", {"events": [{"at": 60, "sku": "20000001"}], "speed": 9})
    await simulator.tell("POST", "/reset", {"stores": False})
    state = await simulator.tell("GET", "/state")
    assert (state["faults"], state["scenario"]["pending"], state["speed"]) == ([], 0, 1.0)
    assert await simulator.tell("GET", "/products/target") == first
    assert await simulator.tell("GET", "/shelf/history") == {"flips": []}


async def test_another_seed_is_another_world_and_the_same_one_the_same(simulator: Simulator) -> None:
    one = await simulator.tell("GET", "/products/target")
    await simulator.tell("POST", "/reset", {"seed": 2, "stores": False})
    two = await simulator.tell("GET", "/products/target")
    await simulator.tell("POST", "/reset", {"seed": 1, "stores": False})
    assert await simulator.tell("GET", "/products/target") == one != two


async def test_a_week_moves_the_clock_and_changes_the_stores(simulator: Simulator) -> None:
    before = await simulator.tell("GET", "/state")
    changed = (await simulator.tell("POST", "/week"))["changed"]
    after = await simulator.tell("GET", "/state")
    assert before["now"] < after["now"]
    assert set(changed) == set(after["stores"])


async def test_expired_sessions_are_counted(simulator: Simulator) -> None:
    assert await simulator.tell("POST", "/session/expire") == {"expired": 0}


async def test_a_stores_page_mode_can_be_read_and_set(simulator: Simulator) -> None:
    modes = await simulator.tell("GET", "/modes")
    assert modes["bestbuy"]["page"] == "yext"
    assert (await simulator.tell("PUT", "/modes/bestbuy", {"mode": "2018"}))["page"] == "2018"
    await simulator.tell("PUT", "/modes/bestbuy", {"mode": "yext"})


async def test_faults_are_taken_away_by_id(simulator: Simulator) -> None:
    one, two = [await simulator.fault("500") for _ in range(2)]
    assert await simulator.tell("DELETE", f"/faults?id={one['id']}") == {"removed": 1}
    assert [fault["id"] for fault in (await simulator.tell("GET", "/faults"))["faults"]] == [two["id"]]
