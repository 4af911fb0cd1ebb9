"""The open database, the settings and every repository: what each process of ours begins with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from shopwatch.bootstrap.folder import config_folder
from shopwatch.bootstrap.paths import Paths
from shopwatch.config.files import ConfigFolder, Loaded
from shopwatch.config.settings import Settings
from shopwatch.config.sites import site_of
from shopwatch.domain.errors import NotFound
from shopwatch.domain.retailer import Retailer
from shopwatch.domain.site import Site
from shopwatch.domain.watch import Watch
from shopwatch.locator.files import RunFiles
from shopwatch.retailers.registry import DIRECTORIES, RETAILERS
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
from shopwatch.transport.clock import SystemClock


class Core:
    """The open database, the settings and every repository: what each process of ours begins with."""

    def __init__(self, paths: Paths, folder: ConfigFolder, loaded: Loaded, database: Database) -> None:
        self.paths = paths
        self.folder = folder
        self.loaded = loaded
        self.refused: list[str] = []  #: what is wrong with the files, where they are not what is in force
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

    @property
    def watches(self) -> tuple[Watch, ...]:
        """All that are watched, paused ones too."""
        return self.loaded.watches

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
async def opened(
    paths: Paths, *, old_format: bool = False, loaded: Loaded | None = None, stays: bool = False
) -> AsyncIterator[Core]:
    """Read the configuration, unless it is ``loaded`` already, and open the database.

    ``stays``: in a process that goes on for weeks, whose memory counts.

    Raises:
        InvalidSettings: with every problem of the configuration.
        Unusable: the database cannot be used.
    """
    folder = config_folder(paths.config_dir)
    loaded = loaded or folder.load(old_format=old_format)
    database = await asyncio.to_thread(Database.open, paths.database_file, apart=stays)
    core = Core(paths, folder, loaded, database)
    del loaded  # the core may part with it: 50,000 sections are not kept for nothing
    try:
        yield core
    finally:
        await asyncio.to_thread(database.close)


def retailer_of(name: str) -> Retailer:
    """Raises NotFound, with the names there are."""
    return _among(RETAILERS, name, "retailer")


def directory_of(name: str) -> Retailer:
    """The retailer as one whose stores are crawled. Raises NotFound, with the names there are."""
    return _among(DIRECTORIES, name, "retailer" if name not in RETAILERS else "store directory of")


def _among(known: Mapping[str, Retailer], name: str, what: str) -> Retailer:
    try:
        return known[name]
    except KeyError:
        raise NotFound(f"there is no {what} {name!r}: {', '.join(sorted(known))}") from None
