"""How long one look at every watch takes, for 50 products and 50,000.

Run ``python benchmarks/sweep.py [--rounds 9] [--many 50000] [--latency-ms 50]``. The simulator is a process
of its own. In the same run, over the same requests: a bare aiohttp client that throws the answers away (the
floor of any such client), and raw sockets (the ceiling of the server). Exit status 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil
import structlog
import uvloop

from shopwatch.domain.site import Location, Site
from shopwatch.domain.watch import Watch
from shopwatch.monitor.recorder import Recorder
from shopwatch.monitor.scheduler import HostLimits
from shopwatch.monitor.sources import StockSource
from shopwatch.monitor.sweep import SweepReport, sweep
from shopwatch.monitor.watchlist import WatchList
from shopwatch.retailers.registry import RETAILERS
from shopwatch.storage.database import Database
from shopwatch.storage.observations import SqlObservations
from shopwatch.transport.client import Client
from shopwatch.transport.clock import SystemClock
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

KEY = "9f36aeafbe60771e321a7cc95a78140772ab3e96"
FEW = 50
GOAL_FEW = 1.5  #: round trips of the server, p95
GOAL_MANY_S = 3.0
IN_FLIGHT = 50


def main(options: argparse.Namespace) -> int:
    """Measure both sweeps, print them as ratios; the exit status says if the goals were reached."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        few = runner.run(few_products(options.rounds, options.latency_ms))
        many = runner.run(many_products(options.many))
    return 0 if few and many else 1


async def few_products(rounds: int, latency_ms: float) -> bool:
    """A watch list of the usual size, over and over: how many round trips does a sweep take?"""
    with simulator(spare(FEW), latency_ms) as told:
        skus = await skus_of(told, FEW)
        async with stage(told, skus) as (source, watches, recorder, urls):
            await sweep(
                watches, {"target": source}, recorder, SystemClock()
            )  # connections open, states known
            trip = await _median(lambda: _fetch_all(urls[:1]), rounds)
            floor = await _median(lambda: _fetch_all(urls), rounds)
            took = []
            for _ in range(rounds * 5):
                report = await sweep(watches, {"target": source}, recorder, SystemClock())
                took.append(report.duration_s)
    took.sort()
    p95 = took[int(0.95 * (len(took) - 1))]
    print(
        f"{FEW} products, server that takes {latency_ms:.0f} ms, {len(took)} sweeps of {len(urls)} requests"
    )
    print(f"  one round trip of a bare client     {trip * 1000:8.1f} ms")
    print(f"  bare client, all requests at once   {floor * 1000:8.1f} ms  {floor / trip:5.2f} round trips")
    print(f"  sweep, median                       {statistics.median(took) * 1000:8.1f} ms  ", end="")
    print(f"{statistics.median(took) / trip:5.2f} round trips")
    print(
        f"  sweep, p95                          {p95 * 1000:8.1f} ms  {p95 / trip:5.2f} round trips", end=""
    )
    print(f"  (goal {GOAL_FEW})")
    return p95 <= GOAL_FEW * trip


async def many_products(count: int) -> bool:
    """Everything at once: what does a product cost beyond the fetching of its answer?"""
    with simulator(spare(count), 0) as told:
        skus = await skus_of(told, count)
        async with stage(told, skus) as (source, watches, recorder, urls):
            await _fetch_all(urls)  # the simulator makes its answers once
            ceiling = await _sockets(told["origins"]["target-api"], urls)
            floor_began, floor_cpu = time.perf_counter(), time.thread_time()
            await _fetch_all(urls)
            floor, floor_cpu = time.perf_counter() - floor_began, time.thread_time() - floor_cpu
            first = await _measured(source, watches, recorder)
            again = [await _measured(source, watches, recorder) for _ in range(3)]
    report, cpu = min(again, key=lambda one: one[0].duration_s)
    seen = len(report.seen)
    print(f"{count} products in {len(urls)} requests, {seen} seen, {IN_FLIGHT} in flight, no delay")
    print(f"  server's ceiling (raw sockets)      {ceiling:8.2f} s")
    print(f"  bare client, answers thrown away    {floor:8.2f} s   {floor / ceiling:5.2f} x the ceiling")
    print(
        f"  first sweep: read   {first[0].duration_s:8.2f} s, recorded {first[0].recorded_s:8.2f} s", end=""
    )
    print(f" ({first[0].changes} states were new)")
    print(f"  next sweep:  read   {report.duration_s:8.2f} s, recorded {report.recorded_s:8.2f} s", end="")
    print(f"   {report.duration_s / floor:5.2f} x the bare client  (goal {GOAL_MANY_S} s)")
    own_us = (cpu - floor_cpu) / max(1, seen) * 1e6
    print(f"  CPU {cpu:.2f} s, of the bare client {floor_cpu:.2f} s: {own_us:.1f} us a product beyond it")
    print(f"  memory of this process: {psutil.Process().memory_info().rss / 1e6:.0f} MB")
    return seen == count and report.duration_s <= GOAL_MANY_S


@contextmanager
def simulator(products: int, latency_ms: float) -> Iterator[dict[str, Any]]:
    """The shops, in a process of their own."""
    command = [sys.executable, "-m", "shopwatch.simulator", "--port", "0", "--latency-ms", str(latency_ms)]
    with subprocess.Popen(
        [*command, "--products", str(products)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            yield json.loads(child.stdout.readline())
        finally:
            child.send_signal(signal.SIGTERM)


def spare(count: int) -> int:
    """So many products that enough are left without the parents of variants, which nobody can order."""
    return count + count // 5 + 20


async def skus_of(told: dict[str, Any], count: int) -> list[str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{told['origins']['control']}/products/target?limit={spare(count)}") as said,
    ):
        found = [product["sku"] for product in (await said.json())["products"] if product["kind"] != "VAP"]
    assert len(found) >= count, f"the simulator has {len(found)} products"
    return found[:count]


@asynccontextmanager
async def stage(
    told: dict[str, Any], skus: Sequence[str]
) -> AsyncIterator[tuple[StockSource, WatchList, Recorder, list[str]]]:
    """A watch list, an empty database, and the requests of one sweep."""
    retailer = RETAILERS["target"]
    assert retailer.stock is not None
    site = Site(
        base_url=told["origins"]["target"],
        api_url=told["origins"]["target-api"],
        location=Location(store_id="2272", zip="20147", state="VA"),
        keys={"web": KEY},
    )
    policy = Policy(
        retailer="target",
        pace=Pace(concurrency=IN_FLIGHT),
        obey_robots=False,
        recognise_wall=retailer.recognise_wall,
    )
    limits = HostLimits(batch_size=28, min_gap_s=0, requests_per_s=10_000, max_in_flight=IN_FLIGHT)
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "sweep.db")
        try:
            async with Client() as client:
                source = StockSource(
                    retailer="target",
                    api=retailer.stock,
                    site=site,
                    fetcher=client.fetcher(policy),
                    limits=limits,
                )
                watches = WatchList((Watch(retailer="target", sku=sku) for sku in skus), {"target": source})
                urls = [
                    retailer.stock.request(skus[start : start + 28], site).url
                    for start in range(0, len(skus), 28)
                ]
                yield source, watches, Recorder(SqlObservations(database)), urls
        finally:
            database.close()


async def _measured(source: StockSource, watches: WatchList, recorder: Recorder) -> tuple[SweepReport, float]:
    gc.collect()
    cpu = time.thread_time()  # the database has a thread of its own
    report = await sweep(watches, {"target": source}, recorder, SystemClock(), most_in_flight=IN_FLIGHT)
    return report, time.thread_time() - cpu


async def _median(work: Callable[[], Awaitable[object]], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


async def _fetch_all(urls: Sequence[str]) -> None:
    """The same requests by a bare client, over connections that stay open within a call."""
    left = iter(urls)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:

        async def worker() -> None:
            for url in left:
                async with session.get(url) as answer:
                    await answer.read()

        await asyncio.gather(*(worker() for _ in range(min(IN_FLIGHT, len(urls)))))


async def _sockets(origin: str, urls: Sequence[str]) -> float:
    """Seconds for the same requests over raw sockets: what the server can give at most."""
    left, where = iter(urls), urlsplit(origin)

    async def worker() -> None:
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        for url in left:
            path = url.removeprefix(origin)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(16)))
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--many", type=int, default=50_000)
    parser.add_argument("--latency-ms", type=float, default=50)
    sys.exit(main(parser.parse_args()))
