"""Starts the dashboard for tests: the real application on a real socket, over a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from fastapi import FastAPI

from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.paths import Paths
from shopwatch.domain.errors import Conflict
from shopwatch.ports import ProcessRow
from shopwatch.storage.database import Database
from shopwatch.web.app import connect, create_app
from shopwatch.web.live import Live
from shopwatch.web.server import listen, serve
from shopwatch.web.services import Services


@dataclass
class FakeChildren:
    """Remembers what it was asked to start and stop."""

    started: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    async def start(self, kind: str, name: str, arguments: list[str], run_id: str | None = None) -> None:
        if name in self.started:
            raise Conflict(f"{name} runs already")
        self.started[name], self.kinds[name] = arguments, kind

    async def keep(self, kind: str, name: str, arguments: list[str]) -> None:
        self.started[name] = arguments

    async def stop(self, name: str) -> bool:
        return self.started.pop(name, None) is not None

    async def ended(self, name: str) -> None:
        assert name not in self.started

    async def adopt(self) -> list[ProcessRow]:
        return await self.live()

    async def live(self) -> list[ProcessRow]:
        return [
            ProcessRow(
                id=number,
                kind=self.kinds.get(name, name),
                name=name,
                pid=1,
                started_s=0.0,
                run_id=None,
                state="running",
            )
            for number, name in enumerate(self.started, 1)
        ]


@dataclass
class Reply:
    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Dashboard:
    """A running dashboard and how to talk to it."""

    url: str
    core: Core
    children: FakeChildren
    session: aiohttp.ClientSession
    services: Services
    live: Live

    async def ask(self, method: str, path: str, **arguments: Any) -> Reply:
        async with self.session.request(method, self.url + path, **arguments) as response:
            return Reply(response.status, response.headers, await response.text())

    async def get(self, path: str, **arguments: Any) -> Reply:
        return await self.ask("GET", path, **arguments)

    async def patch(self, path: str, body: object) -> Reply:
        return await self.ask("PATCH", path, json=body)

    async def post(self, path: str, body: object = None, **arguments: Any) -> Reply:
        return await self.ask("POST", path, json=body, **arguments)


@cache
def _migrated() -> bytes:
    """A database at the present schema: migrating one for each test would be most of the test's time."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        Database.open(path).close()
        return path.read_bytes()


_APPS: dict[str | None, FastAPI] = {}


def _app_for(services: Services, token: str | None) -> FastAPI:
    """The application of an earlier test with this one's services: building its routes is most of a start."""
    if token not in _APPS:
        _APPS[token] = create_app(services, hosts=frozenset({"127.0.0.1"}), token=token)
    connect(_APPS[token], services)
    return _APPS[token]


def _monitor_words(live: bool, pacing: str) -> list[str]:
    return ["monitor", *(["--live"] if live else []), *(["--pacing", pacing] if pacing else [])]


@asynccontextmanager
async def running_dashboard(folder: Path, *, token: str | None = None) -> AsyncIterator[Dashboard]:
    paths = Paths(config_dir=folder / "config", data_dir=folder / "data")
    paths.config_dir.mkdir(exist_ok=True)
    paths.data_dir.mkdir(exist_ok=True)
    (paths.data_dir / "shopwatch.db").write_bytes(_migrated())
    async with opened(paths) as core, dashboard_over(core, token=token) as dashboard:
        yield dashboard


@asynccontextmanager
async def dashboard_over(core: Core, *, token: str | None = None) -> AsyncIterator[Dashboard]:
    """A dashboard over a database that others write too."""
    stop, ready = asyncio.Event(), asyncio.Event()
    children = FakeChildren()
    sock = listen("127.0.0.1", 0)
    async with client_of(core) as client, aiohttp.ClientSession() as session:
        services = Services(core=core, children=children, client=client, monitor_words=_monitor_words)
        app = _app_for(services, token)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(app, sock, stop=stop, ready=ready.set))
            await ready.wait()
            try:
                port = sock.getsockname()[1]
                yield Dashboard(f"http://127.0.0.1:{port}", core, children, session, services, app.state.live)
            finally:
                stop.set()
