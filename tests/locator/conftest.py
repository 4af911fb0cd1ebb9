"""A migrated SQLite file, and a keeper who crawls with it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fake_crawl import EAGER, SITE, Answer, FakeSite, LogBook, RealClock, a_retailer

from shopwatch.domain.run import Run, RunOptions, RunState
from shopwatch.locator.crawl import Crawl
from shopwatch.locator.files import RunFiles
from shopwatch.locator.finish import Finish
from shopwatch.locator.service import RunService, open_run
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.runs import SqlRuns
from shopwatch.storage.stores import SqlStores


class Keeper:
    """Crawls a fake site with the real storage, as often as the test likes."""

    def __init__(self, database: Database, data_dir: Path) -> None:
        self.site = FakeSite({})
        self.database = database
        self.frontier = SqlFrontier(database)
        self.runs = SqlRuns(database)
        self.stores = SqlStores(database)
        self.events = SqlEvents(database)
        self.files = RunFiles(data_dir, "target")
        self.log = LogBook()
        self.clock = RealClock()
        self.stop = asyncio.Event()
        self.retailer = a_retailer()

    def service(self, **more: Any) -> RunService:
        crawl = Crawl(
            self.retailer,
            SITE,
            fetcher=self.site,
            frontier=self.frontier,
            runs=self.runs,
            events=self.events,
            clock=self.clock,
            policy=more.pop("policy", EAGER),
            files=self.files,
            log=self.log,
        )
        return RunService(crawl=crawl, finish=self.finish(), runs=self.runs, clock=self.clock, log=self.log)

    def finish(self) -> Finish:
        return Finish(
            runs=self.runs,
            stores=self.stores,
            events=self.events,
            clock=self.clock,
            files=self.files,
            phase_names=["urls", "extract"],
            log=self.log,
        )

    async def crawl(self, pages: Mapping[str, Answer | list[Answer]], **options: Any) -> Run:
        """A whole run on these pages."""
        self.site.pages = dict(pages)
        wanted = RunOptions(**options)
        run = await open_run(self.runs, "target", wanted, clock=self.clock)
        await self.service().run(run.run_id, self.stop, retry_failed=run.options.retry_failed)
        return await self.runs.get(run.run_id)

    async def refs(self) -> set[str]:
        return {store.ref for store in await self.stores.all("target")}

    async def changes(self) -> list[tuple[str, str]]:
        return [(change.ref, change.kind) for change in await self.stores.changes("target")]

    async def lose(self, run: Run) -> None:
        await self.runs.move(run.run_id, [RunState.RUNNING], RunState.LOST, now=datetime.now(UTC))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shopwatch.db"
    Database.open(path).close()
    return path


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "shopwatch.db"
    shutil.copyfile(migrated_file, path)
    database = Database.open(path)
    yield database
    database.close()


@pytest.fixture
def keeper(database: Database, tmp_path: Path) -> Keeper:
    return Keeper(database, tmp_path / "data")
