"""What the routes work with, made once by ``serve``; the web process holds no truth besides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from shopwatch.bootstrap.core import Core, directory_of
from shopwatch.bootstrap.rehearsing import rehearsed
from shopwatch.config.watchlist import WatchList
from shopwatch.domain.errors import NotFound
from shopwatch.domain.retailer import Retailer
from shopwatch.ports import ProcessRow
from shopwatch.purchase.emergency import EmergencyStop
from shopwatch.transport.client import Client
from shopwatch.web.directory import Directory
from shopwatch.web.errors import BadRequest
from shopwatch.web.status import StatusBoard
from shopwatch.web.watchbook import WatchBook
from shopwatch.web.watchrows import WatchRows


class Children(Protocol):
    """What the routes ask of the supervisor."""

    async def start(self, kind: str, name: str, arguments: list[str], run_id: str | None = None) -> None:
        """Raises Conflict: it runs already."""

    async def keep(self, kind: str, name: str, arguments: list[str]) -> None:
        """See that it runs, and runs again when it crashes, until ``stop``."""

    async def stop(self, name: str) -> bool:
        """Ask for a stop; answers at once. ``False``: nothing of that name runs."""

    async def ended(self, name: str) -> None:
        """Return when what runs under that name has ended."""

    async def adopt(self) -> list[ProcessRow]:
        """What lives; what died unseen is written down first."""

    async def live(self) -> list[ProcessRow]: ...


#: The arguments that start the monitor: whether it may buy, and its pacing ("" is the configuration's).
MonitorWords = Callable[[bool, str], list[str]]


@dataclass(kw_only=True, slots=True)
class Services:
    """The core of this process, who starts and stops children, and the one client that talks to sites."""

    core: Core
    children: Children
    client: Client
    monitor_words: MonitorWords
    rehearse: Callable[[], Awaitable[dict[str, Any]]] = rehearsed
    drilling: asyncio.Lock = field(default_factory=asyncio.Lock)  #: one rehearsal at a time
    watchlist: WatchList = field(init=False)
    book: WatchBook = field(init=False)
    rows: WatchRows = field(init=False)
    directory: Directory = field(init=False)
    status: StatusBoard = field(init=False)
    emergency_stop: EmergencyStop = field(init=False)

    def __post_init__(self) -> None:
        self.emergency_stop = EmergencyStop(self.core.paths.emergency_stop)
        self.watchlist = WatchList(self.core.folder)
        self.book = WatchBook(self.core)
        self.rows = WatchRows(self.core, self.book)
        self.directory = Directory(self.core)
        self.status = StatusBoard(self.core)

    async def reload(self) -> None:
        """Take over what this process has just written, without waiting for the file to be noticed.

        Raises:
            InvalidSettings: the files cannot be used; what is active stays.
        """
        old_format = self.core.loaded.products_file == "product_config.json"
        self.core.loaded = await asyncio.to_thread(self.core.folder.load, old_format=old_format)
        self.core.refused = []


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Given = Annotated[Services, Depends(services_of)]


def known_retailer(name: str) -> Retailer:
    """Raises BadRequest: the mission answers an unknown retailer with 400."""
    try:
        return directory_of(name)
    except NotFound as error:
        raise BadRequest(str(error)) from None
