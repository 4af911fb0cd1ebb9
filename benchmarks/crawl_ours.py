"""One crawl by our engine with everything on: client, robots.txt, frontier and stores in SQLite, log."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import structlog
import uvloop

from shopwatch.domain.run import RunOptions, RunState
from shopwatch.locator.crawl import Crawl
from shopwatch.locator.files import RunFiles
from shopwatch.locator.finish import Finish
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.runlog import RunLog
from shopwatch.locator.service import RunService
from shopwatch.retailers.registry import RETAILERS
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.runs import SqlRuns
from shopwatch.storage.stores import SqlStores
from shopwatch.transport.client import Client
from shopwatch.transport.clock import SystemClock
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

RETAILER = RETAILERS[sys.argv[5]]


def service(database: Database, client: Client, origin: str, folder: Path, workers: int) -> RunService:
    clock, runs, events = SystemClock(), SqlRuns(database), SqlEvents(database)
    files = RunFiles(folder / "data", RETAILER.id)
    log = RunLog(files.log("bench"), clock)
    terms = Policy(
        retailer=RETAILER.id, pace=Pace(concurrency=workers), recognise_wall=RETAILER.recognise_wall
    )
    crawl = Crawl(
        RETAILER,
        replace(RETAILER.site, base_url=origin),
        fetcher=client.fetcher(terms),
        frontier=SqlFrontier(database),
        runs=runs,
        events=events,
        clock=clock,
        policy=CrawlPolicy(workers=workers),
        files=files,
        log=log,
    )
    finish = Finish(runs=runs, stores=SqlStores(database), events=events, clock=clock, files=files, log=log)
    return RunService(crawl=crawl, finish=finish, runs=runs, clock=clock, log=log)


async def run(origin: str, folder: Path, workers: int) -> dict[str, float]:
    database = Database.open(folder / "shopwatch.db")
    runs = SqlRuns(database)
    memory: list[tuple[int, float]] = []
    async with Client() as client:
        made = await runs.create(RETAILER.id, RunOptions(), SystemClock().now())
        watch = asyncio.create_task(_watch_memory(SqlFrontier(database), made.run_id, memory))
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        state = await service(database, client, origin, folder, workers).run(made.run_id, asyncio.Event())
        cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
        watch.cancel()
    done = await runs.get(made.run_id)
    database.close()
    if state is not RunState.COMPLETE:
        raise SystemExit(f"the run is {state}: {done.message} {done.gate_reasons}")
    early, late = (
        next((mb for pages, mb in memory if pages >= share * done.requests), memory[-1][1])
        for share in (0.1, 0.95)
    )
    return {
        "pages": done.requests,
        "stores": done.stores,
        "cpu_s": cpu_s,
        "wall_s": wall_s,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "growth_mb": late - early,
    }


async def _watch_memory(frontier: SqlFrontier, run_id: str, memory: list[tuple[int, float]]) -> None:
    """The end of a run needs more, for it compares the whole set: that is in the highest figure."""
    process = psutil.Process()
    while True:
        done = sum(phase.completed for phase in await frontier.progress(run_id))
        if not memory or done > memory[-1][0]:
            memory.append((done, process.memory_info().rss / 1e6))
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    uvloop.install()
    print(json.dumps(asyncio.run(run(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))))
