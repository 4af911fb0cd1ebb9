"""Who is signed in, read from a page that may not want to be read; without a browser."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from playwright.async_api import Error

from shopwatch.browser.account import greeting
from shopwatch.retailers.registry import SESSION_PROBES


class Hung:
    """A tab whose page never comes to rest."""

    def locator(self, selector: str) -> Hung:
        return self

    async def all_text_contents(self) -> list[str]:
        await asyncio.Event().wait()
        return []


async def test_an_account_page_whose_scripts_never_end_holds_up_no_purchase() -> None:
    async with asyncio.timeout(30):
        with pytest.raises(Error, match="never let anybody look"):
            await greeting(cast("Any", Hung()), SESSION_PROBES["target"], hung_s=0.01)
