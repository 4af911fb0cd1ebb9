"""The monitor at work: asks what the scheduler says, keeps the books, and leaves when it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import random
from collections import deque
from collections.abc import Iterable, Mapping

import structlog

from shopwatch.config.settings import MonitorSettings
from shopwatch.domain.stock import Key
from shopwatch.domain.watch import Watch
from shopwatch.monitor.confirming import Confirmer, OnConfirmed
from shopwatch.monitor.desk import Desk, OnRestock
from shopwatch.monitor.details import DetailsPlan
from shopwatch.monitor.memory import Memory
from shopwatch.monitor.recorder import Recorder
from shopwatch.monitor.scheduler import Batch, Scheduler
from shopwatch.monitor.sources import StockSource, assignment
from shopwatch.monitor.upkeep import Rhythm, Upkeep
from shopwatch.monitor.wards import Wards
from shopwatch.monitor.watchlist import WatchList
from shopwatch.ports import BrowserPool, Clock, Events, HealthBook, Notebook, Observations, Pauses

log = structlog.get_logger(__name__)

_LONG_LIST = 5_000
_SHORTEST_WAIT_S = 0.001
DRAIN_TIMEOUT_S = 5.0  #: for the requests in flight when the monitor stops


class Monitor:
    """Looks until it is stopped. A retailer's error is data; any other error ends it."""

    def __init__(
        self,
        *,
        clock: Clock,
        scheduler: Scheduler,
        observations: Observations,
        health_book: HealthBook,
        notebook: Notebook,
        events: Events,
        pauses: Pauses | None = None,
        browser: BrowserPool | None = None,
        settings: MonitorSettings | None = None,
        on_restock: OnRestock | None = None,
        on_confirmed: OnConfirmed | None = None,
        draw: random.Random | None = None,
        rhythm: Rhythm | None = None,
        about: Mapping[str, object] | None = None,
    ) -> None:
        self._clock = clock
        self._scheduler = scheduler
        self._settings = settings or MonitorSettings()
        self._recorder = Recorder(observations)
        self._confirmer = Confirmer(
            browser=browser if self._settings.confirm else None,
            observations=observations,
            clock=clock,
            on_confirmed=on_confirmed,
        )
        self._details = DetailsPlan(self._settings.details_interval)
        self._wards = Wards(health_book, pauses, scheduler)
        self._desk = Desk(
            clock=clock,
            scheduler=scheduler,
            recorder=self._recorder,
            confirmer=self._confirmer,
            wards=self._wards,
            details=self._details,
            on_restock=on_restock,
        )
        self._wake = asyncio.Event()
        self._upkeep = Upkeep(
            clock=clock,
            scheduler=scheduler,
            recorder=self._recorder,
            confirmer=self._confirmer,
            wards=self._wards,
            desk=self._desk,
            memory=Memory(notebook, about or {}),
            events=events,
            draw=draw or random.Random(),  # noqa: S311 - which product to audit is no secret
            wake=self._wake.set,
            rhythm=rhythm or Rhythm(),
        )
        self._waiting: deque[Batch] = deque()
        self._reading: set[str] = set()
        self._in_flight = 0
        self._is_draining = False

    def apply(
        self,
        watches: Iterable[Watch],
        sources: Mapping[str, StockSource],
        settings: MonitorSettings | None = None,
        *,
        tell_sold_out: bool = False,
        ask_first: bool = False,
    ) -> list[str]:
        """Take over watches, sources and settings, before or while running; what was learnt is kept.

        Returns the retailers that are asked elsewhere than before: another address, place or key.

        ``tell_sold_out``: an end of a restock makes an alert too. ``ask_first``: a restock is told
        when a browser has confirmed it.
        """
        now = self._clock.now()
        if settings is not None:
            self._settings = settings
            self._details.interval_s = settings.details_interval
        wanted = WatchList(watches, sources, tell_end=tell_sold_out, ask_first=ask_first)
        before = self._desk.sources
        moved = [name for name, one in sources.items() if name in before and before[name].site != one.site]
        for name in moved:
            self._wards.moved(name, now)
        self._desk.take_over(wanted, sources)
        for name, source in sources.items():
            self._scheduler.limits(name, source.limits, now.timestamp())
        self._scheduler.replace(map(assignment, wanted.watches()), now.timestamp())
        self._details.watch(wanted, self._clock.monotonic())
        self._recorder.forget(wanted)
        self._wards.watch(sources, now, self._settings.performance_target_time)
        log.info("watches_taken_over", watches=len(wanted), left_out=len(wanted.left_out))
        self._wake.set()
        return moved

    def check_now(self, key: Key) -> None:
        """A person asked for this product: it goes first."""
        self._scheduler.check_now(key, self._clock.now().timestamp())
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Check until ``stop`` is set, then let the requests in flight finish and write what is left.

        Any error but a retailer's is a bug: it ends all checks and propagates.
        """
        await self._upkeep.begin()
        if len(self._desk.watches) >= _LONG_LIST:
            gc.freeze()  # the list and its states stay: searching them for cycles would stop all checks
        async with asyncio.TaskGroup() as tasks:
            helpers = [
                tasks.create_task(self._upkeep.run(stop), name="upkeep"),
                tasks.create_task(self._wake_on(stop), name="stop"),
                tasks.create_task(self._upkeep.audit(stop, is_wanted=self._is_audit_wanted), name="audit"),
                *(
                    tasks.create_task(self._confirmer.work(), name=f"confirm {number}")
                    for number in range(max(1, self._settings.background_sessions))
                ),
            ]
            checks: set[asyncio.Task[None]] = set()
            while not stop.is_set():
                for batch in self._due():
                    self._start(tasks, checks, batch)
                await self._wait_for_work()
            await self._drain(checks)
            for helper in helpers:
                helper.cancel()
        await self._confirmer.drain()
        await self._upkeep.end()

    def _due(self) -> list[Batch]:
        """Batches to send now: at most as many in flight as the settings allow."""
        free = self._settings.max_concurrent_checks - self._in_flight
        if free > len(self._waiting):
            self._waiting.extend(self._scheduler.take_due(self._clock.now().timestamp()))
        return [self._waiting.popleft() for _ in range(min(free, len(self._waiting)))]

    def _start(self, tasks: asyncio.TaskGroup, checks: set[asyncio.Task[None]], batch: Batch) -> None:
        self._in_flight += 1
        task = tasks.create_task(self._check(tasks, checks, batch), name=f"check {batch.retailer}")
        checks.add(task)
        task.add_done_callback(checks.discard)

    async def _check(self, tasks: asyncio.TaskGroup, checks: set[asyncio.Task[None]], batch: Batch) -> None:
        try:
            await self._desk.check(batch)
        finally:
            self._in_flight -= 1
            self._wake.set()
        if self._is_draining:
            return
        retailer = batch.retailer
        sku = None if retailer in self._reading else self._details.take(retailer, self._clock.monotonic())
        if sku is not None:
            task = tasks.create_task(self._read_details(retailer, sku), name=f"details {retailer}")
            checks.add(task)
            task.add_done_callback(checks.discard)

    async def _read_details(self, retailer: str, sku: str) -> None:
        self._reading.add(retailer)
        try:
            await self._desk.read_details(retailer, sku)
        finally:
            self._reading.discard(retailer)
            self._wake.set()

    async def _wait_for_work(self) -> None:
        """Wait until a batch is due, one comes back, or the monitor is stopped. No polling."""
        delay = None
        if self._in_flight < self._settings.max_concurrent_checks:
            delay = self._scheduler.seconds_until_due(self._clock.now().timestamp())
        try:
            async with asyncio.timeout(None if delay is None else max(delay, _SHORTEST_WAIT_S)):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def _is_audit_wanted(self) -> bool:
        return self._settings.audit_negatives

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _drain(self, checks: set[asyncio.Task[None]]) -> None:
        self._is_draining = True
        log.info("monitor_draining", in_flight=len(checks), timeout_s=DRAIN_TIMEOUT_S)
        if not checks:
            return
        _, late = await asyncio.wait(checks, timeout=DRAIN_TIMEOUT_S)
        for task in late:
            task.cancel()
