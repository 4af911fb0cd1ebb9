"""Receiver down, monitor killed with SIGKILL and started again: each alert arrives, none is lost.

By design an alert arrives at least once. What is proven here: exactly once, when the kill comes while the
receiver is down; and if it comes in the middle of sending, again none is missing, and at most the message
that was on its way at that very moment comes twice, with the same ``{key}``.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from tests.simulator_fixture import Simulator, simulator_process
from tests.whole_monitor import Whole, lay_out, whole_monitor

from shopwatch.domain.stock import Availability

SKUS = [str(87_000_000 + number) for number in range(24)]
FIRST, SECOND = SKUS[:12], SKUS[12:]
OUT = Availability.OUT_OF_STOCK


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=5) as started:
        yield started


@pytest.fixture
async def whole(origins: dict[str, str], tmp_path: Path) -> AsyncIterator[Whole]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        await simulator.tell("POST", "/reset", {"stores": False})
        await lay_out(simulator, SKUS)
        async with whole_monitor(tmp_path, simulator, SKUS, every_s=0.3) as one:
            await one.start()
            await one.until_known(SKUS, OUT)
            yield one


async def restock(whole: Whole, skus: list[str]) -> None:
    for sku in skus:
        await whole.simulator.put(sku, ship="IN_STOCK", quantity=5)


async def tried_in_vain(whole: Whole, count: int) -> bool:
    rows = [row for row in await whole.alerts() if row.alert.kind.value == "restock"]
    return len(rows) == count and all(row.attempts for row in rows)


async def all_sent(whole: Whole, count: int) -> bool:
    rows = [row for row in await whole.alerts() if row.alert.kind.value == "restock"]
    return len(rows) == count and all(row.state == "sent" for row in rows)


@pytest.mark.parametrize(
    "down_s",
    [
        pytest.param(0.0, id="until tried", marks=pytest.mark.timeout(240)),
        pytest.param(60.0, id="a minute", marks=[pytest.mark.slow, pytest.mark.timeout(400)]),
    ],
)
async def test_each_alert_arrives_once_although_receiver_and_monitor_were_down(
    whole: Whole, down_s: float
) -> None:
    await whole.receiver.down()
    await restock(whole, FIRST)
    await whole.until(lambda: tried_in_vain(whole, len(FIRST)))
    await asyncio.sleep(down_s / 2)
    await whole.kill()
    await restock(whole, SECOND)  # comes back while nobody looks
    await asyncio.sleep(down_s / 2)
    await whole.receiver.up()
    await whole.start()
    await whole.until(lambda: all_sent(whole, len(SKUS)), seconds=180)
    assert Counter(whole.receiver.of()) == Counter(SKUS)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_killed_in_the_middle_of_sending_nothing_is_missing(whole: Whole) -> None:
    await restock(whole, SKUS)
    await whole.until(lambda: len(whole.receiver.of()) >= len(SKUS) // 4)
    await whole.kill()
    await whole.start()
    await whole.until(lambda: all_sent(whole, len(SKUS)), seconds=180)
    arrived = Counter(whole.receiver.of())
    assert set(arrived) == set(SKUS)
    assert arrived.total() <= len(SKUS) + 1, "one is sent at a time"
    keys = {letter.key for letter in whole.receiver.letters if letter.kind == "restock"}
    assert len(keys) == len(SKUS), "what came twice has the same key"
