"""A buyer killed at every step: at most one order, and a ledger that agrees or says it does not know.

Prints the matrix (``pytest -s``). A few points run always, all with ``-m slow``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from tests.browser.chromium import needs_browser
from tests.buying_shop import WATCH, confirmed, counter, furnish
from tests.simulator_fixture import Simulator, simulator_process

pytestmark = [*needs_browser, pytest.mark.timeout(120), pytest.mark.xdist_group("shop")]
PROGRAM = Path(__file__).parent.parent / "buying_shop.py"
STEPS = ("look", "cart", "add", "check_out", "place")
ALL = [
    "reserved",
    "carted",
    "placing",
    "placed",
    *(f"{when}:{step}" for step in STEPS for when in ("before", "after")),
]
ALWAYS = ["after:add", "carted", "placing", "after:place"]
POINTS = [pytest.param(one, marks=() if one in ALWAYS else pytest.mark.slow) for one in ALL]


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process() as found:
        yield found


@pytest.fixture
async def simulator(origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        await simulator.tell("POST", "/reset")
        yield simulator


async def run_child(folder: Path, restock_id: int, point: str = "") -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        str(folder),
        str(restock_id),
        point,
        cwd=PROGRAM.parent.parent,
        env=os.environ | {"PYTHONPATH": str(PROGRAM.parent.parent)},
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return await asyncio.wait_for(process.wait(), 60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("point", POINTS)
async def test_killed_anywhere_it_buys_at_most_once(
    simulator: Simulator, tmp_path: Path, point: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await furnish(simulator.origins, tmp_path)
    assert await run_child(tmp_path, 1, point) == -signal.SIGKILL, "it did not die where it should"
    left = (await simulator.tell("GET", "/orders"))["orders"]
    async with counter(tmp_path) as shop:
        (before,) = await shop.core.ledger.recent()
        await shop.tidy()
        (after,) = await shop.core.ledger.recent()
        again = await shop.buyer().buy(1, WATCH, confirmed())
    orders = (await simulator.tell("GET", "/orders"))["orders"]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{point:<18} {len(orders)} orders  {before.state.value:>9} -> {after.state.value}"
        )
    assert again is None, "a restock is bought once"
    assert len(left) == len(orders) <= 1
    if orders:
        assert (after.state.value, after.order_number) == ("placed", orders[0]["order_number"])
    else:
        assert after.state.value in ("failed", "ambiguous")
        assert (after.state.value == "ambiguous") == (before.state.value == "placing")
