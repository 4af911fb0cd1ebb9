"""The whole way, on the simulator: client, robots.txt, six locators, frontier, gate, publication."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.fake_crawl import LogBook, RealClock
from tests.simulator_fixture import Simulator, simulator_process

from shopwatch.domain.run import Run, RunOptions, RunState
from shopwatch.locator.crawl import Crawl
from shopwatch.locator.files import RunFiles
from shopwatch.locator.finish import Finish
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.service import RunService, open_run
from shopwatch.retailers.registry import RETAILERS
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.runs import SqlRuns
from shopwatch.storage.stores import SqlStores
from shopwatch.transport.client import Client
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

HURRY = CrawlPolicy(workers=6, retry_s=0.01, pause_s=0.05, max_pauses=6, judged_after_pages=30)
pytestmark = pytest.mark.timeout(120)


class Keeper:
    """Crawls the simulated sites with everything that is real."""

    def __init__(self, simulator: Simulator, database: Database, data_dir: Path) -> None:
        self.simulator = simulator
        self.runs = SqlRuns(database)
        self.stores = SqlStores(database)
        self._frontier = SqlFrontier(database)
        self._events = SqlEvents(database)
        self._data_dir = data_dir
        self.log = LogBook()
        self.stop = asyncio.Event()

    async def crawl(
        self, name: str, *, policy: CrawlPolicy = HURRY, timeout_s: float = 5.0, **options: Any
    ) -> Run:
        retailer, clock = RETAILERS[name], RealClock()
        files = RunFiles(self._data_dir, name)
        terms = Policy(
            retailer=name,
            pace=Pace(concurrency=policy.workers),
            recognise_wall=retailer.recognise_wall,
            timeout_s=timeout_s,
        )
        async with Client() as client:
            crawl = Crawl(
                retailer,
                replace(retailer.site, base_url=self.simulator.origins[name]),
                fetcher=client.fetcher(terms),
                frontier=self._frontier,
                runs=self.runs,
                events=self._events,
                clock=clock,
                policy=policy,
                files=files,
                log=self.log,
            )
            finish = Finish(
                runs=self.runs,
                stores=self.stores,
                events=self._events,
                clock=clock,
                files=files,
                log=self.log,
            )
            run = await open_run(self.runs, name, RunOptions(**options), clock=clock)
            service = RunService(crawl=crawl, finish=finish, runs=self.runs, clock=clock, log=self.log)
            await service.run(run.run_id, self.stop)
        return await self.runs.get(run.run_id)

    async def truth(self, name: str) -> set[str]:
        """The stores there really are."""
        answer = await self.simulator.tell("GET", f"/stores/{name}")
        return {store["ref"] for store in answer["stores"]}

    async def found(self, name: str) -> set[str]:
        return {store.ref for store in await self.stores.all(name)}


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=1, arguments=("--store-count", "120")) as origins:
        yield origins


@pytest.fixture
async def keeper(origins: dict[str, str], database: Database, tmp_path: Path) -> AsyncIterator[Keeper]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        yield Keeper(simulator, database, tmp_path / "data")
        await simulator.tell("DELETE", "/faults")
        await simulator.tell("DELETE", "/requests")


@pytest.mark.parametrize("name", sorted(RETAILERS))
async def test_each_retailer_is_crawled_whole_and_politely(keeper: Keeper, name: str) -> None:
    run = await keeper.crawl(name)

    assert (run.state, run.gate_reasons) == (RunState.COMPLETE, ())
    found, truth = await keeper.found(name), await keeper.truth(name)
    assert found <= truth
    assert len(truth - found) <= run.errors_by_class.get("gone", 0), "only pages that are not served"
    report = await keeper.simulator.tell("GET", f"/requests?site={name}")
    assert sum(client["robots_breaches"] for client in report["clients"]) == 0


async def test_a_week_later_the_feed_tells_the_openings(keeper: Keeper) -> None:
    await keeper.crawl("target")
    before = await keeper.truth("target")
    await keeper.simulator.tell("POST", "/week")
    opened = await keeper.truth("target") - before

    assert (await keeper.crawl("target")).state is RunState.COMPLETE
    told = {change.ref for change in await keeper.stores.changes("target") if change.kind == "opened"}
    assert told == opened


async def test_a_site_that_is_slowed_down_now_and_then_is_crawled_whole(keeper: Keeper) -> None:
    await keeper.simulator.fault("429-retry-after", site="att", rate=0.1, times=3, retry_after=0)
    await keeper.simulator.fault("500", site="att", rate=0.1, times=5)

    run = await keeper.crawl("att")

    assert run.state is RunState.COMPLETE
    assert await keeper.found("att") == await keeper.truth("att")
    assert run.errors_by_class["server"] > 0


async def test_a_wall_fails_the_run_by_name_and_leaves_the_good_set(keeper: Keeper) -> None:
    await keeper.crawl("walmart")
    good = await keeper.found("walmart")
    await keeper.simulator.fault("wall", site="walmart", route="/store/")

    run = await keeper.crawl("walmart", policy=replace(HURRY, max_pause_s=1.0))

    assert run.state is RunState.FAILED
    assert run.message.startswith("blocked: ")
    assert await keeper.found("walmart") == good


async def test_a_field_gone_from_every_page_holds_the_run(keeper: Keeper) -> None:
    await keeper.crawl("att")
    await keeper.simulator.fault("missing-field", site="att")

    run = await keeper.crawl("att")

    assert run.state is RunState.HELD
    assert any("is missing for every store" in reason for reason in run.gate_reasons)


async def test_pages_with_nothing_in_them_never_become_the_good_set(keeper: Keeper) -> None:
    await keeper.crawl("tmobile")
    good = await keeper.found("tmobile")
    await keeper.simulator.fault("empty", site="tmobile", route="/stores/*-*", rate=0.5)

    run = await keeper.crawl("tmobile")

    assert run.state in (RunState.HELD, RunState.FAILED)
    assert await keeper.found("tmobile") == good


async def test_another_state_s_data_under_load_is_asked_for_again(keeper: Keeper) -> None:
    await keeper.simulator.fault("wrong-state", site="verizon", rate=0.3, times=40)

    run = await keeper.crawl("verizon", policy=replace(HURRY, max_retries=8, max_failures_in_row=50))

    assert run.state is RunState.COMPLETE
    assert await keeper.found("verizon") == await keeper.truth("verizon")


IMPATIENT = replace(
    HURRY, max_retries=0, max_unread_retries=0, max_pauses=1, max_pause_s=1.0, judged_after_pages=10_000
)


@pytest.mark.parametrize(
    ("fault", "error_class"),
    [
        ("dns", "dns"),
        ("refused", "refused"),
        ("hang", "time_out"),
        ("408", "time_out"),
        ("cut", "cut"),
        ("503", "server"),
        ("403", "blocked"),
        ("403-challenge", "blocked"),
        ("429", "blocked"),
        ("wall", "blocked"),
        ("garbage", "layout_changed"),
        ("empty", "layout_changed"),
        ("gzip-bomb", "too_large"),
        ("410", "gone"),
    ],
)
async def test_each_way_a_site_fails_is_told_as_itself_and_never_as_success(
    keeper: Keeper, fault: str, error_class: str
) -> None:
    """Every page of a store fails in one way; of the two that no server can answer, the whole site."""
    nowhere = {"dns": "http://no-such-shop.invalid", "refused": "http://127.0.0.1:9"}
    if fault in nowhere:
        keeper.simulator.origins = {**keeper.simulator.origins, "att": nowhere[fault]}
    else:
        await keeper.simulator.fault(fault, site="att", route="/stores/*/*/*")

    run = await keeper.crawl("att", policy=IMPATIENT, timeout_s=0.5 if fault == "hang" else 20.0, limit=3)

    worst = max(run.errors_by_class, key=lambda name: run.errors_by_class[name])
    assert worst == error_class, (run.errors_by_class, run.message)
    assert run.state is RunState.FAILED
    assert run.message
    assert run.stores == 0
    assert await keeper.found("att") == set(), "nothing is published"
