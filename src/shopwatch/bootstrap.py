"""The only file that knows which class stands behind which port."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from shopwatch.config.files import ConfigFolder, Loaded
from shopwatch.config.settings import Settings
from shopwatch.config.sites import site_of
from shopwatch.domain.errors import NotFound
from shopwatch.domain.retailer import Retailer
from shopwatch.domain.run import Run, RunState
from shopwatch.domain.site import Site
from shopwatch.locator.crawl import Crawl
from shopwatch.locator.files import RunFiles
from shopwatch.locator.finish import Finish
from shopwatch.locator.gate import GateLimits
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.runlog import RunLog
from shopwatch.locator.service import RunService
from shopwatch.ports import Events
from shopwatch.retailers.registry import RETAILERS
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.health import SqlHealthBook, SqlPauses
from shopwatch.storage.history import SqlHistory
from shopwatch.storage.ledger import SqlLedger
from shopwatch.storage.notebook import SqlNotebook
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox
from shopwatch.storage.processes import SqlProcesses
from shopwatch.storage.retention import Retention, prune
from shopwatch.storage.runs import SqlRuns
from shopwatch.storage.stores import SqlStores
from shopwatch.storage.turns import SqlHostTurns
from shopwatch.supervisor.environment import child_environment
from shopwatch.supervisor.living import enroll
from shopwatch.supervisor.supervisor import Supervisor
from shopwatch.transport.client import Client
from shopwatch.transport.clock import SystemClock
from shopwatch.transport.policy import crawl_policy
from shopwatch.transport.proxies import Proxy


@dataclass(frozen=True, kw_only=True, slots=True)
class Paths:
    """Where this installation keeps things."""

    config_dir: Path = Path("config")
    data_dir: Path = Path("data")
    database: str = ""  #: URL; "": SQLite in the data folder

    @property
    def root(self) -> Path:
        return self.data_dir.parent

    @property
    def database_file(self) -> str | Path:
        return self.database or self.data_dir / "shopwatch.db"

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def emergency_stop(self) -> Path:
        return self.root / "EMERGENCY_STOP"

    def arguments(self) -> list[str]:
        """The global options that make a child use the same places."""
        words = ["--config-dir", str(self.config_dir.absolute()), "--data-dir", str(self.data_dir.absolute())]
        return words + (["--database", self.database] if self.database else [])


class Core:
    """The open database, the settings and every repository: what each process of ours begins with."""

    def __init__(self, paths: Paths, folder: ConfigFolder, loaded: Loaded, database: Database) -> None:
        self.paths = paths
        self.folder = folder
        self.loaded = loaded
        self.database = database
        self.clock = SystemClock()
        self.events = SqlEvents(database)
        self.frontier = SqlFrontier(database)
        self.observations = SqlObservations(database)
        self.outbox = SqlOutbox(database)
        self.runs = SqlRuns(database)
        self.stores = SqlStores(database)
        self.turns = SqlHostTurns(database)
        self.health = SqlHealthBook(database)
        self.history = SqlHistory(database)
        self.ledger = SqlLedger(database)
        self.notebook = SqlNotebook(database)
        self.pauses = SqlPauses(database)
        self.processes = SqlProcesses(database)

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    def site(self, retailer: Retailer) -> Site:
        """Raises Invalid: a key names an environment variable that is not set."""
        return site_of(retailer.site, self.settings.retailer(retailer.id))

    def files(self, retailer: str) -> RunFiles:
        return RunFiles(self.paths.data_dir, retailer)

    async def prune(self) -> None:
        """Forget what is older than the retention settings say."""
        section = self.settings.shopwatch.retention
        retention = Retention(
            events=section.events, minutes=section.minutes, history=section.history, runs=section.runs
        )
        await prune(self.database, retention, self.clock.now())


@asynccontextmanager
async def opened(paths: Paths, *, old_format: bool = False) -> AsyncIterator[Core]:
    """Read the configuration and open the database.

    Raises:
        InvalidSettings: with every problem of the configuration.
        Unusable: the database cannot be used.
    """
    folder = ConfigFolder(paths.config_dir)
    loaded = folder.load(old_format=old_format)
    database = await asyncio.to_thread(Database.open, paths.database_file)
    try:
        yield Core(paths, folder, loaded, database)
    finally:
        await asyncio.to_thread(database.close)


def retailer_of(name: str) -> Retailer:
    """Raises NotFound, with the names there are."""
    try:
        return RETAILERS[name]
    except KeyError:
        raise NotFound(f"there is no retailer {name!r}: {', '.join(sorted(RETAILERS))}") from None


@asynccontextmanager
async def client_of(core: Core) -> AsyncIterator[Client]:
    """The one client of a process: budgets shared with other processes through the database."""
    async with Client(clock=core.clock, pauses=core.pauses, turns=core.turns) as client:
        yield client


async def crawl(
    core: Core,
    client: Client,
    run: Run,
    stop: asyncio.Event,
    *,
    events: Events | None = None,
    environment: Mapping[str, str] = os.environ,
) -> RunState:
    """Crawl and finish one run, with a log of its own."""
    retailer = retailer_of(run.retailer)
    section, defaults = core.settings.retailer(retailer.id), core.settings.retailers.defaults
    told, files = events or core.events, core.files(retailer.id)
    process = await enroll(
        core.processes, core.runs, core.clock, kind="crawl", name=retailer.id, run_id=run.run_id
    )
    log = RunLog(files.log(run.run_id), core.clock)
    terms = crawl_policy(retailer, core.settings, environment)
    proxy = Proxy.of(core.settings.retailers.proxy, environment, mode=run.options.proxy_mode)
    policy = CrawlPolicy(
        workers=section.workers if section.workers is not None else defaults.workers,
        max_retries=section.max_retries if section.max_retries is not None else defaults.max_retries,
    )
    try:
        service = RunService(
            crawl=Crawl(
                retailer,
                core.site(retailer),
                fetcher=client.fetcher(replace(terms, proxy=proxy)),
                frontier=core.frontier,
                runs=core.runs,
                events=told,
                clock=core.clock,
                policy=policy,
                files=files,
                log=log,
            ),
            finish=finish_of(core, retailer, events=told, log=log),
            runs=core.runs,
            clock=core.clock,
            log=log,
        )
        await core.runs.attach(run.run_id, os.getpid())
        return await service.run(run.run_id, stop, retry_failed=run.options.retry_failed)
    finally:
        log.close()
        await core.processes.end(process, "exited")


def finish_of(
    core: Core, retailer: Retailer, *, events: Events | None = None, log: RunLog | None = None
) -> Finish:
    """Gate, publication and exports of a retailer."""
    section = core.settings.retailer(retailer.id)
    return Finish(
        runs=core.runs,
        stores=core.stores,
        events=events or core.events,
        clock=core.clock,
        limits=GateLimits(
            max_loss_percent=section.gate_max_loss_percent,
            max_field_loss_percent=section.gate_max_field_loss_percent,
        ),
        files=core.files(retailer.id),
        phase_names=[phase.name for phase in retailer.locator.phases],
        log=log,
    )


def supervisor_of(core: Core) -> Supervisor:
    """Starts and stops this installation's children; their output goes beside their logs."""

    def log_of(kind: str, name: str, run_id: str | None) -> Path:
        return core.paths.logs / f"{kind}-{name}.out"

    return Supervisor(
        command=[sys.executable, "-m", "shopwatch"],
        processes=core.processes,
        runs=core.runs,
        clock=core.clock,
        environment=child_environment(names=core.folder.variables()),
        log_of=log_of,
    )
