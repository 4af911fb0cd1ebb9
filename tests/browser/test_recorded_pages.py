"""Product pages that real shops once served, looked at by a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from tests.browser.chromium import needs_browser
from tests.paths import RECORDINGS, needs_recordings
from tests.transport.raw_server import RawServer, answer, raw_server

from shopwatch.browser.launching import Start
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.domain.errors import Blocked
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability
from shopwatch.domain.watch import Watch
from shopwatch.retailers.registry import PROBES, RETAILERS
from shopwatch.transport.clock import SystemClock

pytestmark = [
    *needs_browser,
    needs_recordings,
    pytest.mark.recordings,
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[RawServer]:
    async with raw_server() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(shop: RawServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pool]:
    pages = {
        retailer: ProductPages(
            probe=replace(PROBES[retailer], longest_s=40.0),  # a usable button ends the look
            site=Site(base_url=shop.url("")),
            recognise_wall=RETAILERS[retailer].recognise_wall,
        )
        for retailer in ("bestbuy", "walmart")
    }
    async with Pool(
        Start(sessions=tmp_path_factory.mktemp("sessions"), size=1), pages, SystemClock()
    ) as opened:
        yield opened


def serve(shop: RawServer, name: str) -> str:
    shop.on("/page", answer(200, (RECORDINGS / name).read_bytes(), Content_Type="text/html; charset=utf-8"))
    return shop.url("/page")


async def test_best_buys_page_of_2021_is_in_stock(shop: RawServer, pool: Pool) -> None:
    url = serve(shop, "bestbuy-stock/in_stock.html")
    seen = await pool.confirm(Watch(retailer="bestbuy", sku="6411488"), url)
    assert seen.availability is Availability.IN_STOCK


async def test_its_button_is_no_other_products(
    shop: RawServer, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = pool._pages["bestbuy"]
    brief = replace(pages, probe=replace(pages.probe, longest_s=3.0))
    monkeypatch.setattr(pool, "_pages", {**pool._pages, "bestbuy": brief})
    url = serve(shop, "bestbuy-stock/in_stock.html")
    seen = await pool.confirm(Watch(retailer="bestbuy", sku="1"), url)
    assert seen.availability is Availability.UNKNOWN


async def test_walmarts_wall_is_a_challenge(shop: RawServer, pool: Pool) -> None:
    url = serve(shop, "walmart-stock/captcha.html")
    with pytest.raises(Blocked) as error:
        await pool.confirm(Watch(retailer="walmart", sku="1"), url)
    assert error.value.challenge
