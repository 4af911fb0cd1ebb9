"""A hundred pages listen: each hears everything, none is kept when it goes, and no writer waits for them."""

import asyncio
import gc
import os
import statistics
import time
from contextlib import AsyncExitStack

import aiohttp
import psutil
import pytest
import structlog
from tests.dashboard_fixture import Dashboard

from shopwatch.web.live import TAIL

PAGES = 100
EVERY_S = 0.25
PATIENCE_S = 60


async def listen(session: aiohttp.ClientSession, url: str, ready: asyncio.Event, until: int) -> int:
    """Hear events until number ``until``; how many it were."""
    heard = 0
    async with session.get(f"{url}/api/events", timeout=aiohttp.ClientTimeout(total=None)) as response:
        async for line in response.content:
            if line.startswith(b"event: hello"):
                ready.set()
            if line.startswith(b"event: stale"):
                raise AssertionError(f"told to load anew after {heard} events")
            if line.startswith(b"data: ") and b'"number":' in line:
                heard += 1
                if f'"number":{until}'.encode() in line:
                    return heard
    raise AssertionError(f"the stream ended after {heard} events")


async def written(dashboard: Dashboard, first: int, seconds: float) -> list[float]:
    """Publish a numbered event every now and then; how long each took, in seconds."""
    took = []
    for number in range(first, first + max(1, round(seconds / EVERY_S))):
        began = time.perf_counter()
        await dashboard.core.events.publish("check", {"number": number})
        took.append(time.perf_counter() - began)
        await asyncio.sleep(EVERY_S)
    return took


async def heard_by_all(dashboard: Dashboard, seconds: float) -> list[float]:
    count = max(1, round(seconds / EVERY_S))
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )
        ready = [asyncio.Event() for _ in range(PAGES)]
        pages = [
            asyncio.create_task(listen(session, dashboard.url, one, 10_000 + count - 1)) for one in ready
        ]
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(one.wait() for one in ready))
        assert [task.get_name() for task in asyncio.all_tasks()].count(TAIL) == 1
        took = await written(dashboard, 10_000, seconds)
        async with asyncio.timeout(PATIENCE_S):
            assert await asyncio.gather(*pages) == [count] * PAGES
    return took


async def forgotten(dashboard: Dashboard) -> None:
    """Wait until no page is kept: the tail notices at its next look."""
    async with asyncio.timeout(PATIENCE_S):
        while dashboard.live.listeners:
            await dashboard.core.events.publish("check", {})
            await asyncio.sleep(0.05)


@pytest.mark.timeout(120)
async def test_a_hundred_pages_hear_every_event_and_are_forgotten(dashboard: Dashboard) -> None:
    await heard_by_all(dashboard, 1.0)
    await forgotten(dashboard)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_hundred_pages_for_ten_minutes_leave_nothing_and_slow_nobody(dashboard: Dashboard) -> None:
    process = psutil.Process(os.getpid())
    alone = await written(dashboard, 0, 20)
    await heard_by_all(dashboard, 20)
    await forgotten(dashboard)
    gc.collect()
    memory, files = process.memory_info().rss, process.num_fds()
    together = await heard_by_all(dashboard, 600)
    await forgotten(dashboard)
    gc.collect()
    say = structlog.get_logger().info  # for docs/performance.md
    say(
        "hundred_pages",
        write_alone_ms=round(statistics.median(alone) * 1000, 1),
        write_with_pages_ms=round(statistics.median(together) * 1000, 1),
        memory_mb=round((process.memory_info().rss - memory) / 1e6, 1),
        files=process.num_fds() - files,
    )
    assert process.num_fds() <= files + 2
    assert process.memory_info().rss < memory + 20_000_000
    assert statistics.median(together) < 4 * statistics.median(alone) + 0.05  # of a busy machine, too
