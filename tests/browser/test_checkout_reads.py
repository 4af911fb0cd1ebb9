"""A read inside a page that never answers ends: else one order history would stop the till for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.scripted_checkout import SetClock

from shopwatch.browser import target_checkout
from shopwatch.browser.pool import ProductPages
from shopwatch.browser.target_checkout import TabCheckouts, Way
from shopwatch.domain.errors import Unreachable
from shopwatch.retailers.registry import CHECKOUTS, PROBES, RETAILERS


class SilentTab:
    """A page that loads, and whose reads are never answered."""

    url = ""

    async def goto(self, url: str, **_: object) -> None:
        self.url = url

    async def evaluate(self, *_: object) -> Any:
        await asyncio.Event().wait()


async def test_an_order_history_that_never_answers_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_checkout, "_READ_S", 0.01)

    @asynccontextmanager
    async def tab(retailer: str) -> AsyncIterator[Any]:
        yield SilentTab()

    pages = ProductPages(probe=PROBES["target"], site=RETAILERS["target"].site)
    ways = {"target": Way(pages=pages, probe=CHECKOUTS["target"])}
    history = TabCheckouts(tab, ways, SetClock(), before_click=lambda: None)
    async with asyncio.timeout(20):
        with pytest.raises(Unreachable, match="no answer in time"):
            await history.orders("target")
