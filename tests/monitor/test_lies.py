"""An API that lies: what leaves says how sure it is; who wants only what a browser has seen hears nothing.

The whole monitor with a background browser session, in test mode, with products that may be bought.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from tests.browser.chromium import needs_browser
from tests.simulator_fixture import Simulator, simulator_process
from tests.whole_monitor import Whole, lay_out, whole_monitor

from shopwatch.domain.stock import Availability
from shopwatch.storage.history import SqlHistory
from shopwatch.storage.ledger import SqlLedger

pytestmark = [*needs_browser, pytest.mark.slow, pytest.mark.timeout(240)]
LIAR, HONEST = "85000001", "85000002"


@asynccontextmanager
async def watched(folder: Path, restocks: str) -> AsyncIterator[Whole]:
    with simulator_process(products=5) as origins:
        async with aiohttp.ClientSession() as session:
            simulator = Simulator(origins, session)
            skus = (LIAR, HONEST)
            await lay_out(simulator, skus)
            monitor = {"background_sessions": 1, "audit_negatives": False}
            notify = {"restocks": restocks, "sold_out": True}
            async with whole_monitor(
                folder, simulator, skus, every_s=0.3, monitor=monitor, notify=notify, auto_purchase=True
            ) as whole:
                await whole.start()
                await whole.until_known(skus, Availability.OUT_OF_STOCK)
                yield whole


async def verdicts(whole: Whole) -> dict[str, str]:
    return {one.key[1]: one.confirmation for one in await SqlHistory(whole.database).restocks()}


async def come_back_and_go(whole: Whole) -> None:
    """The liar's API says in stock while its page does not sell it, until the browser has looked."""

    async def settled() -> bool:
        return "unconfirmed" not in (seen := await verdicts(whole)).values() and len(seen) == 2

    await whole.simulator.put(LIAR, ship="IN_STOCK", quantity=5, button="disabled")
    await whole.simulator.put(HONEST, ship="IN_STOCK", quantity=5)
    await whole.until(settled)
    assert await verdicts(whole) == {LIAR: "refuted", HONEST: "confirmed"}
    for sku in (LIAR, HONEST):
        await whole.simulator.put(sku, ship="OUT_OF_STOCK", quantity=0)
    await whole.until_known([LIAR, HONEST], Availability.OUT_OF_STOCK)
    await whole.until(lambda: "sold_out" in of(whole, HONEST))


def of(whole: Whole, sku: str) -> list[str]:
    return [letter.kind for letter in whole.receiver.letters if letter.sku == sku]


async def bought(whole: Whole) -> set[str]:
    return {purchase.key[1] for purchase in await SqlLedger(whole.database).recent()}


async def test_a_lie_leaves_unconfirmed_and_is_completed_by_not_confirmed(tmp_path: Path) -> None:
    async with watched(tmp_path, "at_once") as whole:
        await come_back_and_go(whole)
        await whole.until(lambda: "not_confirmed" in of(whole, LIAR))
        first = next(letter for letter in whole.receiver.letters if letter.sku == LIAR)
        assert of(whole, LIAR)[:2] == ["restock", "not_confirmed"]
        assert "Unconfirmed" in first.text
        assert LIAR not in await bought(whole)
        assert HONEST in await bought(whole), "somebody was at the till"


async def test_who_wants_only_what_is_confirmed_hears_nothing_of_a_lie(tmp_path: Path) -> None:
    async with watched(tmp_path, "confirmed") as whole:
        await come_back_and_go(whole)
        (restock,) = [letter for letter in whole.receiver.letters if letter.kind == "restock"]
        assert (restock.sku, "Confirmed by a browser." in restock.text) == (HONEST, True)
        assert "confirmed" not in of(whole, HONEST), "one message, not two"
        assert of(whole, LIAR) == []
        held = [row for row in await whole.alerts() if row.alert.sku == LIAR]
        assert [(row.state, row.last_error.partition(":")[0]) for row in held] == [
            ("withheld", "not confirmed")
        ]
