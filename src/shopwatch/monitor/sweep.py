"""One look at every watch, as many at a time as the retailers allow, with the time it took."""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from shopwatch.domain.stock import Observation
from shopwatch.monitor.checker import look
from shopwatch.monitor.recorder import Recorder
from shopwatch.monitor.sources import StockSource
from shopwatch.monitor.watchlist import WatchList
from shopwatch.ports import Clock


@dataclass(slots=True)
class SweepReport:
    """What a sweep saw; ``duration_s`` ends with the last answer, ``recorded_s`` with the last write."""

    seen: list[Observation] = field(default_factory=list)
    unanswered: dict[str, list[str]] = field(default_factory=dict)  #: by retailer: why a request gave nothing
    requests: int = 0
    changes: int = 0
    duration_s: float = 0.0
    recorded_s: float = 0.0


async def sweep(
    watches: WatchList,
    sources: Mapping[str, StockSource],
    recorder: Recorder,
    clock: Clock,
    *,
    most_in_flight: int = 50,
    note: str = "",
) -> SweepReport:
    """Look at every watch once; when the last answer is in, what changed is recorded, restocks first."""
    report, began = SweepReport(), clock.monotonic()
    free = asyncio.Semaphore(most_in_flight)
    with _no_search_for_cycles():
        async with asyncio.TaskGroup() as asking:
            for name, batches in _batches(watches, sources).items():
                for _ in range(min(len(batches), sources[name].limits.max_in_flight)):
                    asking.create_task(_ask(sources[name], batches, free, report))
        report.duration_s = clock.monotonic() - began
        now = clock.now()
        news = sorted(recorder.news(report.seen, watches, now=now), key=_can_be_had, reverse=True)
        report.changes = len(await recorder.record(news, watches, now=now, note=note))
        recorder.count(report.seen)
        await recorder.flush()
    report.recorded_s = clock.monotonic() - began
    return report


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Thousands of observations are made and none is dropped: the search took 40 % of a sweep."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batches(watches: WatchList, sources: Mapping[str, StockSource]) -> dict[str, deque[list[str]]]:
    skus: dict[str, list[str]] = {}
    for retailer, sku in watches:
        skus.setdefault(retailer, []).append(sku)
    return {
        name: deque(all_[start : start + size] for start in range(0, len(all_), size))
        for name, all_ in skus.items()
        for size in (sources[name].limits.batch_size,)
    }


async def _ask(
    source: StockSource, batches: deque[list[str]], free: asyncio.Semaphore, report: SweepReport
) -> None:
    while batches:
        skus = batches.popleft()
        async with free:
            answer = await look(source, skus)
        report.requests += 1
        report.seen += answer.seen
        if not answer.seen:
            reasons = report.unanswered.setdefault(source.retailer, [])
            if answer.reason not in reasons:
                reasons.append(answer.reason)


def _can_be_had(seen: Observation) -> bool:
    return seen.availability.is_buyable or seen.pickup.is_buyable
