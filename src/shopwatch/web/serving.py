"""The process behind ``shopwatch serve``: dashboard, supervisor, schedules, hot configuration."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from shopwatch.bootstrap.children import supervisor_of
from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.enduring import publish
from shopwatch.bootstrap.forgetting import forget
from shopwatch.bootstrap.paths import Paths
from shopwatch.bootstrap.waiting import stopped_within
from shopwatch.config import reload
from shopwatch.config.files import Loaded
from shopwatch.config.lock import FolderLock
from shopwatch.config.replacing import PRIVATE, replace_file
from shopwatch.domain.errors import Invalid, ShopwatchError, Unavailable, Unusable
from shopwatch.ports import DASHBOARD
from shopwatch.supervisor import schedule
from shopwatch.supervisor.living import enroll
from shopwatch.supervisor.supervisor import Supervisor
from shopwatch.web import server
from shopwatch.web.app import create_app
from shopwatch.web.routes.status import RunConfig, start_crawl
from shopwatch.web.security import is_loopback
from shopwatch.web.services import Services

log = structlog.get_logger("serve")
_LOOK_S = 15.0  #: between two looks at the schedules: a cron expression is exact to the minute
_WHOLE_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,}")  #: anything else in its file was cut off or damaged


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """How ``serve`` was asked for."""

    host: str
    port: int
    monitor: bool = True
    live: bool = False
    pacing: str | None = None
    old_format: bool = False
    end_children: bool = False  #: when it stops, whatever the reason


@dataclass(frozen=True, slots=True)
class Served:
    """What the person is told when the dashboard answers."""

    url: str
    token: str | None


class Interrupted(asyncio.Event):
    """The stop event; ``by_person`` says that somebody pressed Ctrl-C and means all of it."""

    by_person = False


async def serve(
    paths: Paths, wish: Wish, *, stop: Interrupted, ready: Callable[[Served, Core], None]
) -> None:
    """Run until ``stop``. Children live on and are adopted by the next, unless a person stopped it.

    Raises:
        Conflict: this database is served already; two would end each other's children.
        Unusable: the port is taken, the database cannot be used.
        InvalidSettings: the configuration cannot be used.
    """
    async with opened(paths, old_format=wish.old_format) as core, _entered(core):
        sock = server.listen(wish.host, wish.port)
        port = sock.getsockname()[1]
        token = None if is_loopback(wish.host) else token_of(paths.sessions)
        async with client_of(core) as client, supervisor_of(core) as supervisor:
            services = Services(
                core=core,
                children=supervisor,
                client=client,
                monitor_words=lambda live, pacing: monitor_words(
                    paths, replace(wish, live=live, pacing=pacing or wish.pacing)
                ),
            )
            app = create_app(services, hosts=_hosts(wish.host, token), token=token)
            if wish.monitor:
                await supervisor.keep("monitor", "monitor", monitor_words(paths, wish))
            began = core.clock.now()

            def answering() -> None:
                ready(Served(_url(wish.host, port, token), token), core)

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_follow(core, wish, stop), name="configuration")
                tasks.create_task(_keep_schedules(services, stop, began), name="schedules")
                tasks.create_task(forget(core, stop), name="retention")
                await server.serve(app, sock, stop=stop, ready=answering)
            await _see_off(supervisor, wish, stop)


@asynccontextmanager
async def _entered(core: Core) -> AsyncIterator[None]:
    """Written down as the one that serves this database, for as long as it does."""
    row_id = await enroll(core.processes, core.runs, core.clock, kind=DASHBOARD, name=DASHBOARD, run_id=None)
    try:
        yield
    finally:
        with suppress(ShopwatchError):  # a full disk: the next one finds it dead
            await core.processes.end(row_id, "exited")


def monitor_words(paths: Paths, wish: Wish) -> list[str]:
    """The arguments that start the monitor as a child."""
    words = [*paths.arguments(), "monitor"]
    words += ["--live", "--confirmed"] if wish.live else []
    words += ["--pacing", wish.pacing] if wish.pacing else []
    return words + (["--old-format"] if wish.old_format else [])


def token_of(folder: Path) -> str:
    """The token that opens the dashboard from elsewhere, made once and kept readable by its owner only.

    Raises:
        Unusable: the folder cannot be written.
    """
    path = folder / "dashboard_token"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FolderLock(folder).held():  # of two that start at once the second takes the first one's
            kept = path.read_text("utf-8", errors="replace").strip() if path.exists() else ""
            if _WHOLE_TOKEN.fullmatch(kept):
                return kept
            token = secrets.token_urlsafe(24)
            replace_file(path, f"{token}\n".encode(), mode=PRIVATE)
    except OSError as error:
        raise Unusable(f"{folder} cannot be written: {error.strerror}") from None
    return token


def _hosts(host: str, token: str | None) -> frozenset[str]:
    """The names a request may carry; with a token any: nobody knows what the machine is called outside."""
    return frozenset() if token is not None else frozenset({host.lower(), "localhost", "127.0.0.1", "[::1]"})


def _url(host: str, port: int, token: str | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}" + (f"/?token={token}" if token is not None else "")


async def _follow(core: Core, wish: Wish, stop: asyncio.Event) -> None:
    """Take over a changed configuration, or say everything that is wrong with it."""

    async def accepted(loaded: Loaded) -> None:
        core.loaded, core.refused = loaded, []
        log.info("config_loaded", file=loaded.products_file, watches=len(loaded.settings.shopwatch.products))
        await publish(core.events, "config", {"ok": True, "file": loaded.products_file, "errors": []})

    async def refused(error: Invalid | Unusable) -> None:
        problems = list(error.problems) if isinstance(error, Invalid) else [str(error)]
        core.refused = problems
        log.warning("config_refused", reason="; ".join(problems))
        await publish(core.events, "config", {"ok": False, "errors": problems})

    folder = core.folder
    folder.path.mkdir(parents=True, exist_ok=True)
    await reload.follow(
        folder, stop=stop, accepted=accepted, refused=refused, since=core.loaded, old_format=wish.old_format
    )


async def _keep_schedules(services: Services, stop: asyncio.Event, began: datetime) -> None:
    """Start the crawls whose time has come; one that runs already is left alone."""
    core, looked = services.core, began
    while not await stopped_within(stop, _LOOK_S):
        now = core.clock.now()
        due, looked = await _due(core, now, since=began, looked=looked), now
        for name in due:
            try:
                run_id = await start_crawl(services, name, RunConfig())
                log.info("scheduled_crawl_started", retailer=name, run_id=run_id)
            except ShopwatchError as error:
                log.warning("scheduled_crawl_not_started", retailer=name, reason=str(error))


async def _due(core: Core, now: datetime, *, since: datetime, looked: datetime) -> list[str]:
    """The retailers whose crawl is due; none while nobody can tell when the last one was."""
    sections = core.settings.retailers.retailers
    schedules = {str(name): one.schedule for name, one in sections.items() if one.schedule and one.enabled}
    try:
        runs = [await core.runs.latest(name) for name in schedules]
    except Unavailable as error:
        log.warning("schedules_not_looked_at", reason=str(error))
        return []
    starts = {run.retailer: run.started_at for run in runs if run is not None}
    return schedule.due(schedules, starts, now, since=since, looked=looked)


async def _see_off(supervisor: Supervisor, wish: Wish, stop: Interrupted) -> None:
    if wish.end_children or stop.by_person:
        await supervisor.stop_all()
