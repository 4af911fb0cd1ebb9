"""The monitor put together: sources, scheduler, browsers, alerts, hot configuration."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

import structlog

from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.enduring import endure, publish
from shopwatch.bootstrap.exported import ExportedNotebook
from shopwatch.bootstrap.forgetting import forget
from shopwatch.bootstrap.usable import channels_of
from shopwatch.config import reload
from shopwatch.config.files import Loaded
from shopwatch.config.settings import MonitorSettings, Settings
from shopwatch.config.sites import site_of
from shopwatch.domain.errors import Invalid, Unavailable, Unusable
from shopwatch.domain.stock import Observation
from shopwatch.domain.stock_state import Change
from shopwatch.domain.watch import Watch
from shopwatch.monitor.memory import SCHEDULER
from shopwatch.monitor.scheduler import AdaptiveScheduler, FixedScheduler, Scheduler
from shopwatch.monitor.service import Monitor
from shopwatch.monitor.sources import StockSource, host_limits
from shopwatch.notify.deciding import Manners
from shopwatch.notify.delivery import Delivery
from shopwatch.ports import BrowserPool
from shopwatch.retailers.registry import RETAILERS
from shopwatch.storage.deliveries import SqlDeliveries
from shopwatch.supervisor.living import enroll
from shopwatch.transport.client import Client
from shopwatch.transport.policy import stock_policy

if TYPE_CHECKING:
    from shopwatch.bootstrap.till import Till

log = structlog.get_logger("monitor")


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorWish:
    """How the monitor was asked for."""

    live: bool = False
    pacing: str | None = None  #: None: as the configuration says
    old_format: bool = False


async def watch(core: Core, wish: MonitorWish, stop: asyncio.Event) -> None:
    """Run the monitor until ``stop``, following the configuration, also over times without a database.

    Raises:
        Conflict: another monitor of this installation runs.
        Invalid: a setting cannot be used.
    """
    process = await enroll(core.processes, core.runs, core.clock, kind="monitor", name="monitor", run_id=None)
    try:
        await endure(lambda: _live(core, wish, stop), core.outbox, core.clock, stop=stop)
    finally:
        with suppress(Unavailable):  # the next one finds it dead
            await core.processes.end(process, "exited")


async def _live(core: Core, wish: MonitorWish, stop: asyncio.Event) -> None:
    await core.outbox.release()  # what a killed monitor was about to send does not wait for its lease
    async with client_of(core) as client, AsyncExitStack() as stack:
        delivery = delivery_of(core, core.settings)
        browser = await stack.enter_async_context(browser_of(core, client))
        till = till_of(core, browser, live=wish.live)
        running = _Running(core, client, browser=browser, delivery=delivery, wish=wish, till=till)
        async with asyncio.TaskGroup() as tasks:
            if till is not None:
                tasks.create_task(till.run(stop), name="purchases")
            tasks.create_task(delivery.run(stop), name="alerts")
            tasks.create_task(running.follow(stop), name="configuration")
            tasks.create_task(forget(core, stop), name="retention")
            tasks.create_task(running.monitor.run(stop), name="monitor")


def till_of(core: Core, browser: BrowserPool | None, *, live: bool) -> Till | None:
    """Where confirmed restocks are bought, or rehearsed; ``None`` without a browser."""
    if browser is None:
        return None
    from shopwatch.bootstrap.till import Till  # noqa: PLC0415 - loads Playwright, as the pool did

    return Till.of(core, browser, live=live)


class _Running:
    """The monitor and what a changed configuration changes in it."""

    def __init__(
        self,
        core: Core,
        client: Client,
        *,
        browser: BrowserPool | None,
        delivery: Delivery,
        wish: MonitorWish,
        till: Till | None,
    ) -> None:
        self._core = core
        self._client = client
        self._delivery = delivery
        self._wish = wish
        self._till = till
        settings = core.settings
        self._began = settings.shopwatch.monitor
        self._about: dict[str, object] = {
            "mode": "live" if wish.live else "test",
            "pacing": wish.pacing or settings.shopwatch.monitor.pacing,
            "restart_needed": [],
            "config_refused": [],
        }
        self.monitor = Monitor(
            clock=core.clock,
            scheduler=scheduler_of(settings, wish.pacing),
            observations=core.observations,
            health_book=core.health,
            notebook=ExportedNotebook(core.notebook, {SCHEDULER: core.paths.scheduler_state}),
            events=core.events,
            pauses=core.pauses,
            browser=browser,
            settings=settings.shopwatch.monitor,
            on_restock=self._on_restock,
            on_confirmed=self._on_confirmed,
            about=self._about,
        )
        self._apply(core.loaded)

    async def follow(self, stop: asyncio.Event) -> None:
        await reload.follow(
            self._core.folder,
            stop=stop,
            accepted=self._accepted,
            refused=self._refused,
            since=self._core.loaded,
            old_format=self._wish.old_format,
        )

    async def _accepted(self, loaded: Loaded) -> None:
        try:
            self._apply(loaded)
        except Invalid as error:
            await self._refused(error)
            # Only who sends and asks finds this out: the dashboard has taken the same file for valid.
            await publish(self._core.events, "config", {"ok": False, "errors": list(error.problems)})
        else:
            self._about["config_refused"] = []

    async def _refused(self, error: Invalid | Unusable) -> None:
        problems = list(error.problems) if isinstance(error, Invalid) else [str(error)]
        self._about["config_refused"] = problems
        log.warning("config_refused", reason=str(error))

    def _apply(self, loaded: Loaded) -> None:
        settings = loaded.settings
        sources = sources_of(settings, loaded.watches, self._client)
        channels, manners = channels_of(settings.shopwatch.notify), manners_of(settings)
        section = settings.shopwatch
        moved = self.monitor.apply(
            loaded.watches,
            sources,
            section.monitor,
            tell_sold_out=section.notify.sold_out,
            ask_first=section.notify.restocks == "confirmed",
        )
        for name in moved:
            self._client.moved(name)
        self._delivery.configure(channels, manners, settings.shopwatch.notify.templates)
        self._tell_restart(section.monitor)
        self._core.loaded = loaded.lightened()

    def _tell_restart(self, wanted: MonitorSettings) -> None:
        """What a running monitor cannot take over is said, once for each change, and never just ignored."""
        waiting = reload.restart_needed(self._began, wanted)
        if self._wish.pacing and "pacing" in waiting:
            waiting.remove("pacing")  # the command line has said it, whatever the file says
        if waiting and waiting != self._about["restart_needed"]:
            log.warning("restart_needed", settings=[f"monitor.{name}" for name in waiting])
        self._about["restart_needed"] = waiting

    def _on_restock(self, change: Change, watch: Watch) -> None:
        self._delivery.wake()

    def _on_confirmed(self, change: Change, seen: Observation) -> None:
        self._delivery.wake()
        if self._till is not None:
            self._till.offer(change, seen)


def sources_of(
    settings: Settings,
    watches: Iterable[Watch],
    client: Client,
    environment: Mapping[str, str] = os.environ,
) -> dict[str, StockSource]:
    """Every retailer whose stock is watched and that is enabled, with its fetcher."""
    watched = {watch.retailer for watch in watches if watch.enabled}
    sources: dict[str, StockSource] = {}
    for retailer in RETAILERS.values():
        section = settings.retailer(retailer.id)
        if retailer.stock is None or retailer.id not in watched or not section.enabled:
            continue
        sources[retailer.id] = StockSource(
            retailer=retailer.id,
            api=retailer.stock,
            site=site_of(retailer.site, section, environment),
            fetcher=client.fetcher(stock_policy(retailer, settings, environment)),
            limits=host_limits(retailer.stock, section),
        )
    return sources


def scheduler_of(settings: Settings, pacing: str | None = None) -> Scheduler:
    zone = settings.shopwatch.monitor.zone
    chosen = pacing or settings.shopwatch.monitor.pacing
    return FixedScheduler(timezone=zone) if chosen == "fixed" else AdaptiveScheduler(timezone=zone)


def delivery_of(core: Core, settings: Settings) -> Delivery:
    notify = settings.shopwatch.notify
    return Delivery(
        outbox=core.outbox,
        deliveries=SqlDeliveries(core.database),
        channels=channels_of(notify),
        manners=manners_of(settings),
        templates=notify.templates,
        clock=core.clock,
    )


def manners_of(settings: Settings) -> Manners:
    notify = settings.shopwatch.notify
    quiet = notify.quiet_hours
    return Manners(
        quiet_from=time.fromisoformat(quiet.start) if quiet else None,
        quiet_to=time.fromisoformat(quiet.end) if quiet else None,
        zone=settings.shopwatch.monitor.zone,
        digest_s=notify.digest_interval,
        storm=notify.storm_threshold,
        expire_s=notify.expire_after,
    )


@asynccontextmanager
async def browser_of(core: Core, client: Client) -> AsyncIterator[BrowserPool | None]:
    """The background sessions; ``None`` where the configuration wants none."""
    size = core.settings.shopwatch.monitor.background_sessions
    if not size or not core.settings.shopwatch.monitor.confirm:
        yield None
        return
    # Playwright is loaded only by a monitor that confirms.
    from shopwatch.bootstrap.browsing import pool_of  # noqa: PLC0415 - see above

    async with pool_of(core, client, size) as pool:
        yield pool
