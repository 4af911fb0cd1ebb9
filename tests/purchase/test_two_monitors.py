"""Two live monitors on one database hear of the same restock at the same moment: one order, every time.

The overlap is forced: both stand at the book before either may write. The carts and the order book are the
simulated shop's own.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.browser.chromium import needs_browser
from tests.buying_shop import LIMITS, LIVE, SKU, WATCH, confirmed, furnish
from tests.http_checkout import HttpCheckout
from tests.postgres import PostgresServer
from tests.scripted_checkout import OneSession
from tests.simulator_fixture import Simulator
from tests.storage.conftest import Open

from shopwatch.domain.purchase import PurchaseState
from shopwatch.purchase.buyer import Buyer
from shopwatch.purchase.emergency import EmergencyStop
from shopwatch.purchase.means import Means, Terms
from shopwatch.storage.ledger import SqlLedger
from shopwatch.transport.clock import SystemClock

S = PurchaseState
PROGRAM = Path(__file__).parent.parent / "buying_shop.py"
pytestmark = [pytest.mark.asyncio(loop_scope="session")]


class Overlapping(SqlLedger):
    """Nobody reserves before all stand at the book."""

    barrier: asyncio.Barrier

    async def reserve(self, *given: Any, **facts: Any) -> Any:
        await self.barrier.wait()
        return await super().reserve(*given, **facts)


@pytest_asyncio.fixture(loop_scope="session")
async def checkouts(simulator: Simulator) -> AsyncIterator[list[HttpCheckout]]:
    await simulator.put(SKU, price=49.99, ship="IN_STOCK", quantity=90, limit=5)
    both = [HttpCheckout(simulator, f"019F100E23A4020094B19874BE5166E{number}") for number in (1, 2)]
    for one in both:
        await one.sign_in()
    yield both


def monitors(open_database: Open, checkouts: list[HttpCheckout], folder: Path, terms: Terms) -> list[Buyer]:
    """Two buyers as two processes have them: each with its own connection, both at the same moment."""
    barrier = asyncio.Barrier(2)
    both = []
    for number, checkout in enumerate(checkouts):
        ledger = Overlapping(open_database())
        ledger.barrier = barrier
        means = Means(
            ledger=ledger,
            checkouts=checkout,
            clock=SystemClock(),
            stop=EmergencyStop(folder / "EMERGENCY_STOP"),
            terms=lambda: terms,
            sessions=OneSession(),
            owner=f"here:{number}:1.0",
        )
        both.append(Buyer(means))
    return both


async def test_twenty_restocks_heard_by_both_at_once_are_twenty_orders(
    open_database: Open, checkouts: list[HttpCheckout], simulator: Simulator, tmp_path: Path
) -> None:
    terms = replace(LIVE, limits=replace(LIMITS, max_daily_purchases=50, max_daily_spend=None))
    both = monitors(open_database, checkouts, tmp_path, terms)
    for restock in range(1, 21):
        ended = await asyncio.gather(*(buyer.buy(restock, WATCH, confirmed()) for buyer in both))
        assert [one.state for one in ended if one] == [S.PLACED], [one.reasons for one in ended if one]
    orders = (await simulator.tell("GET", "/orders"))["orders"]
    assert [(order["sku"], order["quantity"]) for order in orders] == [(SKU, 1)] * 20
    book = await SqlLedger(open_database()).recent()
    assert {one.order_number for one in book} == {order["order_number"] for order in orders}


async def test_with_room_for_one_two_restocks_at_once_are_one_order(
    open_database: Open, checkouts: list[HttpCheckout], simulator: Simulator, tmp_path: Path
) -> None:
    terms = replace(LIVE, limits=replace(LIMITS, max_daily_purchases=1))
    both = monitors(open_database, checkouts, tmp_path, terms)
    walks = [buyer.buy(restock, WATCH, confirmed()) for restock, buyer in enumerate(both, 1)]
    ended = await asyncio.gather(*walks)
    assert sorted(one.state for one in ended if one) == [S.PLACED, S.REFUSED]
    assert len((await simulator.tell("GET", "/orders"))["orders"]) == 1


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.browser
@needs_browser[1]
@pytest.mark.timeout(400)
async def test_two_processes_with_a_browser_each_place_one_order_for_each_of_twenty_restocks(
    simulator: Simulator, server: PostgresServer, postgres_template: str, tmp_path: Path
) -> None:
    """The whole of it: two processes, two browsers, one database, both told at the same moment."""
    url = server.create(postgres_template)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        await furnish(simulator.origins, folder)
    processes = [await _clerk(folder, url) for folder in folders]
    try:
        told: list[list[str]] = []
        for restock in range(1, 21):
            for process in processes:
                process.stdin.write(f"{restock}\n".encode())
            told.append([(await process.stdout.readline()).decode().strip() for process in processes])
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    placed = [[word.partition(":")[0] for word in sorted(one)] for one in told]
    assert placed == [["placed", "taken"]] * 20, told
    assert len((await simulator.tell("GET", "/orders"))["orders"]) == 20


async def _clerk(folder: Path, database: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        str(folder),
        "listen",
        database,
        cwd=PROGRAM.parent.parent,
        env=os.environ | {"PYTHONPATH": str(PROGRAM.parent.parent)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process
