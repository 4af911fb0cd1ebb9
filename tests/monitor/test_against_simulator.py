"""The monitor on real sockets and a real database: from the flip on the shelf to the alert in the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.simulator_fixture import TARGET_KEY, Simulator, simulator_process

from shopwatch.config.settings import MonitorSettings
from shopwatch.domain.health import HealthState
from shopwatch.domain.site import Location, Site
from shopwatch.domain.stock import Availability
from shopwatch.domain.watch import Watch
from shopwatch.monitor.scheduler import AdaptiveScheduler, FixedScheduler, HostLimits, Scheduler
from shopwatch.monitor.service import Monitor
from shopwatch.monitor.sources import StockSource
from shopwatch.monitor.upkeep import Rhythm
from shopwatch.retailers.registry import RETAILERS
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.health import SqlHealthBook, SqlPauses
from shopwatch.storage.notebook import SqlNotebook
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox
from shopwatch.transport.client import Client
from shopwatch.transport.clock import SystemClock
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

INTERVAL_S = 0.1
IN, OUT = Availability.IN_STOCK, Availability.OUT_OF_STOCK


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=40) as started:
        yield started


@pytest.fixture
async def simulator(origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        await simulator.tell("POST", "/reset", {"stores": False})
        yield simulator


@dataclass
class Product:
    """A monitor of the simulated sites, and everything it writes to."""

    simulator: Simulator
    database: Database
    monitor: Monitor
    client: Client

    def __post_init__(self) -> None:
        self.observations = SqlObservations(self.database)
        self.outbox = SqlOutbox(self.database)
        self.health = SqlHealthBook(self.database)

    def sources(self) -> dict[str, StockSource]:
        origins = self.simulator.origins
        sites = {
            "target": Site(
                base_url=origins["target"],
                api_url=origins["target-api"],
                location=Location(store_id="2272", zip="20147", state="VA"),
                keys={"web": TARGET_KEY},
            ),
            "walmart": Site(base_url=origins["walmart"]),
            "bestbuy": Site(
                base_url=origins["bestbuy"], api_url=origins["bestbuy-api"], keys={"api": "any-developer-key"}
            ),
        }
        return {name: self._source(name, site) for name, site in sites.items()}

    def _source(self, name: str, site: Site) -> StockSource:
        retailer = RETAILERS[name]
        assert retailer.stock is not None
        policy = Policy(
            retailer=name,
            pace=Pace(concurrency=8),
            obey_robots=False,
            recognise_wall=retailer.recognise_wall,
            timeout_s=2.0,
        )
        limits = HostLimits(
            batch_size=retailer.stock.batch_size, min_gap_s=0.02, requests_per_s=500, max_in_flight=8
        )
        return StockSource(
            retailer=name, api=retailer.stock, site=site, fetcher=self.client.fetcher(policy), limits=limits
        )

    def watch(self, *skus: str, retailer: str = "target", **changes: Any) -> None:
        watches = [Watch(retailer=retailer, sku=sku, check_frequency_s=INTERVAL_S) for sku in skus]
        self.monitor.apply([replace(watch, **changes) for watch in watches], self.sources())

    async def alerts(self) -> list[tuple[str, str]]:
        rows = await self.outbox.rows()
        return [(row.alert.kind.value, row.alert.sku or "") for row in rows if row.alert.sku]

    async def until_state(self, sku: str, availability: Availability, retailer: str = "target") -> None:
        async with asyncio.timeout(60):
            while True:
                state = (await self.observations.load()).get((retailer, sku))
                if state is not None and state.availability is availability:
                    return
                await asyncio.sleep(0.01)

    async def until_alerts(self, count: int) -> list[tuple[str, str]]:
        async with asyncio.timeout(60):
            while len(told := await self.alerts()) < count:  # noqa: ASYNC110 - the database is asked
                await asyncio.sleep(0.005)
        return told

    async def until_blocked(self) -> None:
        async with asyncio.timeout(60):
            while True:
                health = (await self.health.current()).get("target")
                if health is not None and health.state is HealthState.BLOCKED:
                    return
                await asyncio.sleep(0.02)


@asynccontextmanager
async def product(
    simulator: Simulator, folder: Path, scheduler: Scheduler | None = None
) -> AsyncIterator[Product]:
    database = Database.open(folder / "shopwatch.db")
    try:
        async with Client(pauses=SqlPauses(database)) as client:
            monitor = Monitor(
                clock=SystemClock(),
                scheduler=scheduler or FixedScheduler(),
                observations=SqlObservations(database),
                health_book=SqlHealthBook(database),
                notebook=SqlNotebook(database),
                events=SqlEvents(database),
                pauses=SqlPauses(database),
                settings=MonitorSettings(details_interval=2),
                rhythm=Rhythm(flush_s=0.1, health_s=0.05, pauses_s=0.1),
            )
            yield Product(simulator, database, monitor, client)
    finally:
        database.close()


@asynccontextmanager
async def running(*products: Product) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(one.monitor.run(stop)) for one in products]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


@pytest.mark.parametrize("scheduler", [FixedScheduler, AdaptiveScheduler])
async def test_each_window_on_the_shelf_is_one_alert(
    simulator: Simulator, tmp_path: Path, scheduler: type[Scheduler]
) -> None:
    await simulator.put("77000001", ship="OUT_OF_STOCK", pickup="UNAVAILABLE", price="19.99", title="Box")
    async with product(simulator, tmp_path, scheduler()) as shop:
        shop.watch("77000001")
        async with running(shop):
            await shop.until_state("77000001", OUT)
            await simulator.put("77000001", ship="IN_STOCK", quantity=5)
            assert await shop.until_alerts(1) == [("restock", "77000001")]
            await simulator.put("77000001", ship="OUT_OF_STOCK", quantity=0)
            await shop.until_state("77000001", OUT)
            await simulator.put("77000001", ship="IN_STOCK", quantity=5)
            assert await shop.until_alerts(2) == [("restock", "77000001")] * 2


@pytest.mark.parametrize("retailer", ["walmart", "bestbuy"])
async def test_the_other_retailers_are_watched_alike(
    simulator: Simulator, tmp_path: Path, retailer: str
) -> None:
    words = {"walmart": ("OUT_OF_STOCK", "IN_STOCK"), "bestbuy": ("SoldOut", "Available")}[retailer]
    await simulator.put("77000002", site=retailer, ship=words[0], price="24.99")
    async with product(simulator, tmp_path) as shop:
        shop.watch("77000002", retailer=retailer)
        async with running(shop):
            await shop.until_state("77000002", OUT, retailer)
            await simulator.put("77000002", site=retailer, ship=words[1], quantity=5)
            assert await shop.until_alerts(1) == [("restock", "77000002")]
        state = (await shop.observations.load())[retailer, "77000002"]
        assert state.price is not None
        assert str(state.price) == "$24.99"


async def test_two_monitors_that_see_one_restock_tell_it_once(simulator: Simulator, tmp_path: Path) -> None:
    skus = [f"7700010{number}" for number in range(8)]
    for sku in skus:
        await simulator.put(sku, ship="OUT_OF_STOCK")
    async with product(simulator, tmp_path) as one, product(simulator, tmp_path) as two:
        one.watch(*skus)
        two.watch(*skus)
        async with running(one, two):
            for sku in skus:
                await one.until_state(sku, OUT)
            for sku in skus:
                await simulator.put(sku, ship="IN_STOCK", quantity=5)
            await one.until_alerts(len(skus))
            await asyncio.sleep(INTERVAL_S * 5)  # time to tell one twice
        assert sorted(await one.alerts()) == [("restock", sku) for sku in skus]


@pytest.mark.parametrize(
    "kind", ["408", "429", "500", "503", "cut", "garbage", "empty", "410", "redirect", "missing-field"]
)
async def test_no_fault_of_the_site_is_taken_for_sold_out_or_in_stock(
    simulator: Simulator, tmp_path: Path, kind: str
) -> None:
    await simulator.put("77000003", ship="IN_STOCK", quantity=5)
    await simulator.put("77000004", ship="OUT_OF_STOCK", pickup="UNAVAILABLE")
    async with product(simulator, tmp_path) as shop:
        shop.watch("77000003", "77000004")
        async with running(shop):
            await shop.until_state("77000003", IN)
            await shop.until_state("77000004", OUT)
            await simulator.fault(kind, site="target-api", rate=1.0, seconds=0.6)
            await asyncio.sleep(0.7)
            states = await shop.observations.load()
        assert states["target", "77000003"].availability is IN
        assert states["target", "77000004"].availability is OUT
        assert await shop.alerts() == [("restock", "77000003")]


@pytest.mark.parametrize("kind", ["403-challenge", "435", "wall"])
async def test_a_challenge_pauses_the_retailer_in_the_database(
    simulator: Simulator, tmp_path: Path, kind: str
) -> None:
    await simulator.put("77000005", ship="OUT_OF_STOCK")
    async with product(simulator, tmp_path) as shop:
        shop.watch("77000005")
        async with running(shop):
            await shop.until_state("77000005", OUT)
            await simulator.fault(kind, site="target-api", rate=1.0, seconds=60)
            await shop.until_blocked()
            (pause,) = await SqlPauses(shop.database).load(datetime.now(UTC))
            assert pause.name == "target"
            asked = (await simulator.tell("GET", "/requests?site=target-api"))["total"]
            await asyncio.sleep(INTERVAL_S * 5)
            later = (await simulator.tell("GET", "/requests?site=target-api"))["total"]
            assert later - asked <= 2  # what was under way


@pytest.mark.parametrize(("retailer", "zip_code"), [("target", "55423"), ("bestbuy", "55423")])
async def test_the_stores_near_a_zip_are_read_from_the_sites_own_answer(
    simulator: Simulator, tmp_path: Path, retailer: str, zip_code: str
) -> None:
    await simulator.put("77000006", site=retailer, pickup="IN_STOCK", quantity=5)
    async with product(simulator, tmp_path) as shop:
        source = shop.sources()[retailer]
        ask, read = source.api.pickup_request, source.api.read_pickup
        assert ask is not None
        assert read is not None
        page = await source.fetcher.fetch(ask("77000006", zip_code, source.site))
        stores = read(page, "77000006", source.site)
    assert all(store.miles is not None and store.miles <= 60 for store in stores)
    assert [store.miles for store in stores] == sorted(store.miles or 0.0 for store in stores)
