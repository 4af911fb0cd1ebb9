"""Confirming on the product page, in a real browser against the simulated shops."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import pytest_asyncio
from playwright.async_api import Error
from tests.browser.chromium import needs_browser
from tests.browsers_below import browsers_below
from tests.headless_shell import without_it
from tests.simulator_fixture import Simulator, simulator_process
from tests.transport.raw_server import answer, raw_server

from shopwatch.browser.launching import Start
from shopwatch.browser.looking import Look, look_at
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.browser.seats import save_state, state_file
from shopwatch.domain.errors import Blocked, ErrorClass, Unreachable
from shopwatch.domain.money import Money
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, Source
from shopwatch.domain.watch import Watch
from shopwatch.retailers.registry import PROBES, RETAILERS
from shopwatch.transport.clock import SystemClock

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]
SKU = "20000001"
IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=10) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def simulator(origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        await simulator.tell("POST", "/reset", {"stores": False})
        yield simulator


class Gate:
    """Notes whose turn was taken."""

    def __init__(self) -> None:
        self.visits: list[str] = []

    @asynccontextmanager
    async def visit(self, url: str) -> AsyncIterator[None]:
        self.visits.append(url)
        yield


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


def pages(origins: dict[str, str], **terms: Any) -> dict[str, ProductPages]:
    return {
        name: ProductPages(
            probe=PROBES[name],
            site=Site(base_url=origins[name], account_url=origins[name]),
            recognise_wall=RETAILERS[name].recognise_wall,
            **terms,
        )
        for name in ("target", "walmart", "bestbuy")
    }


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pool(
    origins: dict[str, str], gate: Gate, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pool]:
    sessions = tmp_path_factory.mktemp("sessions")
    async with Pool(Start(sessions=sessions, size=2), pages(origins, gate=gate), SystemClock()) as opened:
        yield opened


def watch(sku: str = SKU) -> Watch:
    return Watch(retailer="target", sku=sku, name="mine")


def url(simulator: Simulator, sku: str = SKU) -> str:
    return f"{simulator.origins['target']}/p/-/A-{sku}"


async def test_a_product_that_ships_is_confirmed(simulator: Simulator, pool: Pool) -> None:
    await simulator.put(SKU, ship="IN_STOCK", pickup="UNAVAILABLE", price="49.99")
    seen = await pool.confirm(watch(), url(simulator))
    assert (seen.availability, seen.pickup, seen.source) == (IN, OUT, Source.BROWSER)
    assert seen.offer is not None
    assert (seen.offer.price, seen.offer.sold_by) == (Money(4999), None)
    assert seen.product.name == "mine"
    assert seen.evidence is not None
    assert seen.evidence.status == 200
    assert seen.observed_at.tzinfo is not None


async def test_a_sold_out_page_with_decoys_is_out_of_stock(simulator: Simulator, pool: Pool) -> None:
    await simulator.put(SKU, ship="OUT_OF_STOCK", pickup="UNAVAILABLE", in_store="OUT_OF_STOCK", decoys=6)
    seen = await pool.confirm(watch(), url(simulator))
    assert (seen.availability, seen.pickup) == (OUT, OUT)


@pytest.mark.parametrize(
    ("changes", "availability"),
    [
        ({"page": "slow", "hydrate_ms": 400}, IN),
        ({"page": "cdui"}, IN),
        ({"page": "consent"}, IN),
        ({"page": "other-product"}, UNKNOWN),
        ({"page": "redirect-to-other"}, UNKNOWN),
        ({"page": "unavailable"}, UNKNOWN),
        ({"button": "disabled"}, OUT),  # the page says so; what its data says may be a lie
        ({"ship": "PRE_ORDER_SELLABLE"}, Availability.PREORDER),
    ],
    ids=str,
)
async def test_every_kind_of_page(
    simulator: Simulator, pool: Pool, changes: dict[str, Any], availability: Availability
) -> None:
    await simulator.put(SKU, **{"ship": "IN_STOCK", "pickup": "UNAVAILABLE", **changes})
    assert (await pool.confirm(watch(), url(simulator))).availability is availability


@pytest.mark.parametrize(
    ("changes", "availability"),
    [
        ({}, IN),
        ({"page": "slow", "hydrate_ms": 400}, IN),
        ({"ship": "OUT_OF_STOCK", "pickup": "UNAVAILABLE"}, OUT),
        ({"ship": "OUT_OF_STOCK", "pickup": "UNAVAILABLE", "blip": 1}, UNKNOWN),
        ({"button": "disabled"}, UNKNOWN),
        ({"page": "other-product"}, UNKNOWN),
        ({"page": "redirect-to-other"}, UNKNOWN),
    ],
    ids=str,
)
async def test_walmarts_page(
    simulator: Simulator, pool: Pool, changes: dict[str, Any], availability: Availability
) -> None:
    in_stock = {"ship": "IN_STOCK", "pickup": "IN_STOCK", "decoys": 3}
    await simulator.put("55885487", site="walmart", **{**in_stock, **changes})
    look_at = Watch(retailer="walmart", sku="55885487")
    seen = await pool.confirm(look_at, simulator.origins["walmart"] + "/ip/55885487")
    assert seen.availability is availability


@pytest.mark.parametrize("page", ["blocked", "queue"])
async def test_walmarts_wall_and_queue_are_for_a_person(simulator: Simulator, pool: Pool, page: str) -> None:
    await simulator.put("55885487", site="walmart", page=page)
    with pytest.raises(Blocked) as error:
        await pool.confirm(
            Watch(retailer="walmart", sku="55885487"), simulator.origins["walmart"] + "/ip/55885487"
        )
    assert error.value.challenge


@pytest.mark.parametrize(
    ("changes", "availability"),
    [
        ({}, IN),
        ({"page": "slow", "hydrate_ms": 400}, IN),
        ({"button": "disabled"}, OUT),
    ],
    ids=str,
)
async def test_best_buys_page(
    simulator: Simulator, pool: Pool, changes: dict[str, Any], availability: Availability
) -> None:
    await simulator.put("6411488", site="bestbuy", **{"ship": "Available", "decoys": 3, **changes})
    look_at = Watch(retailer="bestbuy", sku="6411488")
    seen = await pool.confirm(look_at, simulator.origins["bestbuy"] + "/site/6411488.p?skuId=6411488")
    assert seen.availability is availability


async def test_a_marketplace_seller_is_named(simulator: Simulator, pool: Pool) -> None:
    await simulator.put(SKU, ship="IN_STOCK", marketplace=True, seller="Scalper Inc")
    seen = await pool.confirm(watch(), url(simulator))
    assert seen.offer is not None
    assert seen.offer.sold_by == "Scalper Inc"


@pytest.mark.parametrize("kind", ["403-challenge", "435", "wall"])
async def test_a_challenge_is_blocked(simulator: Simulator, pool: Pool, kind: str) -> None:
    await simulator.put(SKU, ship="IN_STOCK")
    await simulator.fault(kind, site="target")
    with pytest.raises(Blocked) as error:
        await pool.confirm(watch(), url(simulator))
    assert error.value.challenge


async def test_a_challenge_to_the_pages_own_question_is_blocked(simulator: Simulator, pool: Pool) -> None:
    await simulator.put(SKU, ship="IN_STOCK", pickup="UNAVAILABLE")
    await simulator.fault("403-challenge", site="target-api")
    with pytest.raises(Blocked) as error:
        await pool.confirm(watch(), url(simulator))
    assert error.value.challenge


async def test_a_failing_shop_is_unreachable(simulator: Simulator, pool: Pool) -> None:
    await simulator.fault("503", site="target")
    with pytest.raises(Unreachable, match="HTTP 503"):
        await pool.confirm(watch(), url(simulator))


HUNG = """<html><body><p>Hello</p><script>
  addEventListener("WHEN", () => setTimeout(() => { for (;;); }, 0));
</script></body></html>"""


@pytest.mark.parametrize("when", ["DOMContentLoaded", "load"])
async def test_a_page_whose_scripts_never_end_holds_up_nobody(
    simulator: Simulator, pool: Pool, when: str
) -> None:
    """What such a page says is unknown for good; its tab is thrown away, the next look is a good one."""
    probe = replace(PROBES["target"], longest_s=0.2, settle_s=0.1)
    look = Look(url="", sku=SKU, probe=probe, recognise_wall=None, hung_s=0.5)
    async with raw_server() as server:
        server.replies["/"] = [answer(body=HUNG.replace("WHEN", when).encode(), Content_Type="text/html")]
        with pytest.raises(Error, match="never let anybody look"):
            async with pool.tab("walmart") as tab:
                await look_at(tab, replace(look, url=server.url()), SystemClock())

    await simulator.put(SKU, ship="IN_STOCK", pickup="UNAVAILABLE")
    assert (await pool.confirm(watch(), url(simulator))).availability is IN


async def test_nobody_there_is_refused(simulator: Simulator, pool: Pool) -> None:
    with pytest.raises(Unreachable) as error:
        await pool.confirm(watch(), "http://127.0.0.1:9/p/-/A-1")
    assert error.value.error_class in (ErrorClass.REFUSED, ErrorClass.CUT)


async def test_a_dead_browser_is_started_again(simulator: Simulator, pool: Pool) -> None:
    await simulator.put(SKU, ship="IN_STOCK", pickup="UNAVAILABLE")
    await pool.confirm(watch(), url(simulator))
    for browser in browsers_below():
        browser.kill()
    async with asyncio.timeout(30):
        while not pool.health()["why"]:  # noqa: ASYNC110 - nobody tells when it is noticed
            await asyncio.sleep(0.01)
    assert pool.ready, "or the monitor would not ask for a look any more"
    seen = await pool.confirm(watch(), url(simulator))
    assert seen.availability is IN


@pytest.mark.parametrize("hangs", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Playwright's own
async def test_a_browser_that_hangs_or_lost_its_driver_is_replaced_at_the_next_look(
    simulator: Simulator, tmp_path: Path, hangs: bool
) -> None:
    await simulator.put(SKU, ship="IN_STOCK", pickup="UNAVAILABLE")
    others = {*browsers_below(), *psutil.Process().children()}
    start = Start(sessions=tmp_path, size=1, hung_s=1.0)
    async with Pool(start, pages(simulator.origins), SystemClock()) as pool:
        ends = pool._end

        async def end() -> None:
            await ends()
            pool._seats._hung_s = 60.0  # the next one may be slow: that is the machine

        pool._end = end  # type: ignore[method-assign]
        if hangs:
            [browser] = set(browsers_below()) - others
            browser.suspend()
        else:
            [driver] = set(psutil.Process().children()) - others
            driver.kill()
        assert (await pool.confirm(watch(), url(simulator))).availability is IN
        assert pool.health()["deaths"] == 1


async def test_many_looks_share_few_sessions(simulator: Simulator, pool: Pool) -> None:
    await simulator.put(SKU, ship="IN_STOCK", pickup="UNAVAILABLE")
    before = pool.health()["looks"]
    seen = await asyncio.gather(*(pool.confirm(watch(), url(simulator)) for _ in range(5)))
    assert [one.availability for one in seen] == [IN] * 5
    health = pool.health()
    assert (health["busy"], health["looks"], health["sessions"]) == (0, int(str(before)) + 5, 2)
    assert health["idle"] in (1, 2)


def stored(value: str) -> str:
    cookie = {"name": "visitorId", "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1}
    cookie |= {"httpOnly": False, "secure": False, "sameSite": "Lax"}
    return json.dumps({"cookies": [cookie], "origins": []})


async def test_a_sign_in_meanwhile_is_used_at_the_next_look_and_kept_private_and_not_written_over(
    simulator: Simulator, tmp_path: Path
) -> None:
    """The monitor's guests have looked already; then a person signs in beside them, and later another."""
    await simulator.put(SKU, ship="IN_STOCK", pickup="UNAVAILABLE")
    path = state_file(tmp_path, "target")
    async with Pool(Start(sessions=tmp_path, size=2), pages(simulator.origins), SystemClock()) as pool:
        await asyncio.gather(*(pool.confirm(watch(), url(simulator)) for _ in range(2)))
        for person in ("JANE", "PERSON"):
            save_state(path, stored(person))
            await pool.confirm(watch(), url(simulator))
            assert person in await pool.state("target")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == stored("PERSON")


async def test_a_visit_takes_the_hosts_turn(simulator: Simulator, pool: Pool, gate: Gate) -> None:
    await simulator.put(SKU, ship="IN_STOCK")
    gate.visits.clear()
    await pool.confirm(watch(), url(simulator))
    assert gate.visits == [url(simulator)]


async def test_an_unknown_retailer_is_unknown(simulator: Simulator, pool: Pool) -> None:
    seen = await pool.confirm(Watch(retailer="att", sku="1"), "http://127.0.0.1:9/")
    assert seen.availability is UNKNOWN


async def test_nothing_is_left_running(simulator: Simulator, tmp_path: Path) -> None:
    for environment in (dict(os.environ), without_it()):  # the tests' browser, and a person's
        others = psutil.Process().children()
        start = Start(sessions=tmp_path, size=1, environment=environment)
        async with Pool(start, pages(simulator.origins), SystemClock()) as pool:
            await pool.confirm(watch(), url(simulator))
            started = [one for one in psutil.Process().children() if one not in others]
            started += [below for one in started for below in one.children(recursive=True)]
        assert len(started) > 2, "what drives it, the browser and its helpers"
        async with asyncio.timeout(60):
            while any(map(lives, started)):  # noqa: ASYNC110 - they end by themselves
                await asyncio.sleep(0.05)


def lives(process: psutil.Process) -> bool:
    """An orphan that ended is remembered until whoever has it now asks for it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
