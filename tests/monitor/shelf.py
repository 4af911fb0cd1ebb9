"""A shelf at Target that tests restock, and a monitor that watches it: fakes at every port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes import (
    Answer,
    MemoryEvents,
    MemoryHealthBook,
    MemoryNotebook,
    MemoryObservations,
    MemoryPauses,
    ScriptedBrowser,
    ScriptedFetcher,
)

from shopwatch.config.settings import MonitorSettings
from shopwatch.domain.crawling import Request
from shopwatch.domain.errors import RetailerError
from shopwatch.domain.site import Site
from shopwatch.domain.watch import Watch
from shopwatch.monitor.scheduler import FixedScheduler, HostLimits, Scheduler
from shopwatch.monitor.service import Monitor
from shopwatch.monitor.sources import StockSource
from shopwatch.monitor.upkeep import Rhythm
from shopwatch.ports import Clock
from shopwatch.retailers.stock.target import TARGET_STOCK
from shopwatch.transport.clock import SystemClock

SITE = Site(base_url="https://www.target.com", api_url="https://redsky.target.com", keys={"web": "k"})
QUICKLY = Rhythm(flush_s=0.05, health_s=0.02, pauses_s=0.05, figures_s=0.1, audit_s=0.02)
QUICK = HostLimits(batch_size=28, min_gap_s=0.0, requests_per_s=10_000, max_in_flight=50)


class Shelf:
    """Answers as RedSky does, from what tests put on it."""

    def __init__(self) -> None:
        self.status: dict[str, str] = {}
        self.prices: dict[str, float] = {}
        self.titles: dict[str, str] = {}
        self.trouble: RetailerError | bytes | None = None  #: answered to everything while set
        self.stock_requests = 0
        self.details_requests: list[str] = []

    def put(self, status: str, *skus: str) -> None:
        self.status.update(dict.fromkeys(skus, status))

    def respond(self, request: Request) -> Answer:
        query = parse_qs(urlsplit(request.url).query)
        if "tcins" not in query:
            self.details_requests.append(query["tcin"][0])
            return self.trouble or self._details(query["tcin"][0])
        self.stock_requests += 1
        if self.trouble is not None:
            return self.trouble
        products = [self._summary(sku) for sku in query["tcins"][0].split(",") if sku in self.status]
        return json.dumps({"data": {"product_summaries": products}}).encode()

    def _summary(self, sku: str) -> dict[str, Any]:
        return {
            "tcin": sku,
            "item": {"product_description": {"title": self.titles.get(sku, f"Product {sku}")}},
            "fulfillment": {"shipping_options": {"availability_status": self.status[sku]}},
        }

    def _details(self, sku: str) -> bytes:
        item = {
            "product_description": {"title": self.titles.get(sku, f"Product {sku}")},
            "fulfillment": {"purchase_limit": 2},
        }
        price = {"current_retail": self.prices.get(sku, 49.99)}
        return json.dumps({"data": {"product": {"tcin": sku, "item": item, "price": price}}}).encode()


@dataclass
class Scene:
    """Everything around a monitor under test."""

    shelf: Shelf = field(default_factory=Shelf)
    observations: MemoryObservations = field(default_factory=MemoryObservations)
    book: MemoryHealthBook = field(default_factory=MemoryHealthBook)
    notebook: MemoryNotebook = field(default_factory=MemoryNotebook)
    events: MemoryEvents = field(default_factory=MemoryEvents)
    pauses: MemoryPauses = field(default_factory=MemoryPauses)
    browser: ScriptedBrowser | None = None
    scheduler: Scheduler = field(default_factory=FixedScheduler)
    settings: MonitorSettings = field(default_factory=lambda: MonitorSettings(details_interval=3600))
    rhythm: Rhythm = QUICKLY
    clock: Clock = field(default_factory=SystemClock)
    told: list[Any] = field(default_factory=list)
    confirmed: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fetcher = ScriptedFetcher(self.shelf.respond)
        self.stop = asyncio.Event()
        self.monitor = Monitor(
            clock=self.clock,
            scheduler=self.scheduler,
            observations=self.observations,
            health_book=self.book,
            notebook=self.notebook,
            events=self.events,
            pauses=self.pauses,
            browser=self.browser,
            settings=self.settings,
            rhythm=self.rhythm,
            about={"pacing": "fixed"},
            on_restock=lambda change, watch: self.told.append((change, watch)),
            on_confirmed=lambda change, seen: self.confirmed.append((change, seen)),
        )

    def source(self, **limits: Any) -> StockSource:
        return StockSource(
            retailer="target",
            api=TARGET_STOCK,
            site=SITE,
            fetcher=self.fetcher,
            limits=replace(QUICK, **limits),
        )

    def apply(self, *watches: Watch, **limits: Any) -> None:
        self.monitor.apply(watches, {"target": self.source(**limits)}, tell_sold_out=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Scene]:
        task = asyncio.create_task(self.monitor.run(self.stop))
        try:
            yield self
        finally:
            self.stop.set()
            await task

    async def until(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        """Wait for what the test is about; the loop has other things to do meanwhile."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - several things may bring it about
                await asyncio.sleep(0.002)


def watch(sku: str = "89542109", *, every_s: float = 0.02, **changes: Any) -> Watch:
    return Watch(retailer="target", sku=sku, check_frequency_s=every_s, **changes)
