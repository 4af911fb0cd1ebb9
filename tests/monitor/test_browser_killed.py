"""The browser dies in the middle of a confirmation: the look is repeated, and nothing is invented."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.browser.chromium import needs_browser
from tests.browsers_below import browsers_below
from tests.simulator_fixture import Simulator, simulator_process
from tests.whole_monitor import Whole, lay_out, whole_monitor

from shopwatch.domain.stock import Availability
from shopwatch.storage.history import SqlHistory

pytestmark = [*needs_browser, pytest.mark.timeout(240)]
SKU = "86999999"
NEVER_MS = 600_000  #: the page shows its button so late: the look lasts until the browser is killed


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    with simulator_process(products=5) as origins:
        async with aiohttp.ClientSession() as session:
            simulator = Simulator(origins, session)
            await lay_out(simulator, [SKU])
            await simulator.put(SKU, page="slow", hydrate_ms=NEVER_MS)
            settings = {"background_sessions": 1, "audit_negatives": False}
            async with whole_monitor(tmp_path, simulator, [SKU], every_s=0.3, monitor=settings) as one:
                await one.start()
                await one.until_known([SKU], Availability.OUT_OF_STOCK)
                yield one


async def pages_asked(whole: Whole) -> int:
    return int((await whole.simulator.tell("GET", "/requests?site=target"))["total"])


async def verdict(whole: Whole) -> str:
    restocks = await SqlHistory(whole.database).restocks()
    return restocks[0].confirmation if restocks else ""


@pytest.mark.parametrize(
    ("meanwhile", "ends", "told"),
    [
        pytest.param("IN_STOCK", "confirmed", "confirmed", id="still there"),
        pytest.param("OUT_OF_STOCK", "refuted", "not_confirmed", id="sold out", marks=pytest.mark.slow),
    ],
)
async def test_a_confirmation_is_repeated_by_the_next_browser(
    whole: Whole, meanwhile: str, ends: str, told: str
) -> None:
    before = await pages_asked(whole)

    async def looking() -> bool:
        return await pages_asked(whole) > before

    async def settled() -> bool:
        return await verdict(whole) not in ("", "unconfirmed")

    await whole.simulator.put(SKU, ship="IN_STOCK", quantity=5)
    await whole.until(looking)
    assert whole.process is not None
    [browser] = browsers_below(whole.process.pid)
    browser.kill()
    assert await verdict(whole) == "unconfirmed", "killed in the middle of the look"
    await whole.simulator.put(SKU, ship=meanwhile, hydrate_ms=100)
    await whole.until(settled)
    assert await verdict(whole) == ends
    await whole.until(lambda: whole.receiver.of(told))
    kinds = [letter.kind for letter in whole.receiver.letters if letter.sku == SKU]
    assert kinds == ["restock", told]
    log = (whole.folder / "logs" / "monitor.log").read_text("utf-8")
    assert "browser_failed" in log
