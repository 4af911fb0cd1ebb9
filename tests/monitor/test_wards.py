"""The states of all retailers: what a restart or a changed watch list must not make better than it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.fakes import MemoryHealthBook, MemoryPauses
from tests.monitor.looks import NOON, at, watch
from tests.monitor.shelf import Scene

from shopwatch.domain.health import Health, HealthState, Pause
from shopwatch.monitor.performance import Performance
from shopwatch.monitor.scheduler import FixedScheduler
from shopwatch.monitor.wards import Wards
from shopwatch.monitor.watchlist import WatchList


async def watched_later(book: MemoryHealthBook, pauses: MemoryPauses) -> HealthState:
    """The state of a retailer whose first product is added to a monitor that runs."""
    wards = Wards(book, pauses, FixedScheduler())
    await wards.load(NOON)
    sources = {"target": Scene().source()}
    wards.watch(sources, NOON, 3.0)
    await wards.tick(at(1), WatchList([watch()], sources), Performance())
    return book.states["target"].state


@pytest.mark.parametrize("state", [HealthState.NOT_UNDERSTOOD, HealthState.LATE, HealthState.SLOWED])
async def test_trouble_of_before_is_not_over_because_a_product_is_added(state: HealthState) -> None:
    book = MemoryHealthBook()
    book.states["target"] = Health(retailer="target", state=state, since=NOON, reason="new words")
    assert await watched_later(book, MemoryPauses()) is state
    assert book.alerts == []


async def test_a_product_added_while_its_retailer_is_paused_is_no_working_retailer() -> None:
    book = MemoryHealthBook()
    pause = Pause(name="target", until=NOON + timedelta(minutes=15), reason="a CAPTCHA")
    assert await watched_later(book, MemoryPauses({"target": pause})) is HealthState.BLOCKED
    assert "a CAPTCHA (until 2026-09-01 12:15 UTC)" in book.states["target"].reason
