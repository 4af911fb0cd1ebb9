"""A buyer, or its browser, killed at every step: one order at most, and a ledger that agrees or says so.

The process and the browser are killed with SIGKILL. Prints the matrix; a few points run always, all with
``-m slow``.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from tests.browser.chromium import needs_browser
from tests.buying_shop import WATCH, Counter, Unplugged, confirmed
from tests.purchase.conftest import Row
from tests.simulator_fixture import Simulator
from tests.warm_children import WarmChild

from shopwatch.domain.purchase import PurchaseState

pytestmark = [
    *needs_browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
]
S = PurchaseState
STEPS = [
    f"{when}:{step}" for step in ("look", "cart", "add", "check_out", "place") for when in ("before", "after")
]
PROCESS = ["reserved", "carted", "placing", "placed", *STEPS]
BROWSER = [*STEPS, "during:place"]
ALWAYS = {"process": ("placing", "after:place"), "browser": ("during:place",)}


def points(kind: str, names: list[str]) -> list[object]:
    return [pytest.param(one, marks=() if one in ALWAYS[kind] else pytest.mark.slow) for one in names]


async def run_child(folder: Path, restock_id: int, point: str = "") -> int:
    words = (str(folder), str(restock_id), point)
    process = WarmChild("tests.buying_shop", *words, own_session=True, heard=False)
    try:
        return await asyncio.to_thread(process.wait, 60)  # what it started may live on, and hold its output
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.close()


@pytest.mark.parametrize("point", points("process", PROCESS))
async def test_killed_anywhere_it_buys_at_most_once(
    shop: Counter, simulator: Simulator, tmp_path: Path, point: str, matrix: list[Row]
) -> None:
    assert await run_child(tmp_path, 1, point) == -signal.SIGKILL, "it did not die where it should"
    left = (await simulator.tell("GET", "/orders"))["orders"]
    (before,) = await shop.core.ledger.recent()
    await shop.tidy()
    (after,) = await shop.core.ledger.recent()
    again = await shop.buyer().buy(1, WATCH, confirmed())
    orders = (await simulator.tell("GET", "/orders"))["orders"]
    matrix.append(("process", point, before.state.value, after.state.value, len(orders)))
    assert again is None, "a restock is bought once"
    assert len(left) == len(orders) <= 1
    if orders:
        assert (after.state.value, after.order_number) == ("placed", orders[0]["order_number"])
    else:
        assert after.state.value in ("failed", "ambiguous")
        assert (after.state.value == "ambiguous") == (before.state.value == "placing")


@pytest.mark.parametrize("point", points("browser", BROWSER))
async def test_a_browser_killed_anywhere_costs_no_second_order_and_no_doubt_but_at_the_click(
    shop: Counter, simulator: Simulator, point: str, matrix: list[Row]
) -> None:
    if point == "during:place":  # an answer would race the kill
        await simulator.tell("PUT", "/checkout", {"confirmation": "hang"})
    unplugged = Unplugged(shop.checkouts, point)
    purchase = await shop.buyer(checkouts=unplugged).buy(1, WATCH, confirmed())
    assert purchase is not None
    assert unplugged.killed
    await shop.tidy()
    after = await shop.core.ledger.get(purchase.id)
    again = await shop.buyer().buy(1, WATCH, confirmed())
    orders = (await simulator.tell("GET", "/orders"))["orders"]
    matrix.append(("browser", point, purchase.state.value, after.state.value, len(orders)))
    assert again is None
    assert len(orders) <= 1
    if point in {"after:check_out", "before:place", "during:place"}:  # the click is in the book
        assert purchase.state is S.AMBIGUOUS
        assert after.state is (S.PLACED if orders else S.AMBIGUOUS)
    else:  # before the click another browser walks again; after it the order is known
        assert (purchase.state, after.state, len(orders)) == (S.PLACED, S.PLACED, 1)
        assert [order["quantity"] for order in orders] == [1]
