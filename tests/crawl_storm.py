"""Crawls that are killed with SIGKILL at random moments, again and again, until two runs are through.

Run as a process of its own: it imports everything once and forks each life, so that a kill costs
milliseconds. What is fetched is written to a file before it is answered. Prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.fake_crawl import EAGER, SITE, FakeSite, LogBook, RealClock, a_chain, a_retailer

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.run import RunOptions, RunState
from shopwatch.locator.crawl import Crawl
from shopwatch.locator.files import RunFiles
from shopwatch.locator.finish import Finish
from shopwatch.locator.service import RunService, open_run
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.runs import SqlRuns
from shopwatch.storage.stores import SqlStores

STORES = 400
POLICY = replace(EAGER, workers=4, batch_pages=20, batch_s=0.01)
LONGEST_LIFE_S = 0.5


class LoggedSite(FakeSite):
    """Writes down what it is asked for before it answers."""

    def __init__(self, folder: Path, count: int) -> None:
        super().__init__(a_chain(count))
        self._log = os.open(folder / "fetched.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def fetch(self, request: Request) -> Page:
        os.write(self._log, f"{os.getpid()} {request.url.removeprefix(SITE.base_url)}\n".encode())
        await asyncio.sleep(0.001)
        return await super().fetch(request)


@dataclass
class Seen:
    """What the storm did, and what should not have happened."""

    kills: int = 0
    fetched_again: int = 0
    wrong: list[str] = field(default_factory=list)


async def live(folder: Path, count: int) -> None:
    """One life: go on with the run that was left, or begin one; crawl and finish it."""
    database = Database.open(folder / "shopwatch.db")
    runs, clock, log = SqlRuns(database), RealClock(), LogBook()
    files, events = RunFiles(folder, "target"), SqlEvents(database)
    crawl = Crawl(
        a_retailer(),
        SITE,
        fetcher=LoggedSite(folder, count),
        frontier=SqlFrontier(database),
        runs=runs,
        events=events,
        clock=clock,
        policy=POLICY,
        files=files,
        log=log,
    )
    finish = Finish(runs=runs, stores=SqlStores(database), events=events, clock=clock, files=files, log=log)
    for run in await runs.list("target"):
        before = (RunState.PENDING, RunState.RUNNING)
        await runs.move(run.run_id, before, RunState.LOST, now=datetime.now(UTC))
    run = await open_run(runs, "target", RunOptions(resume=True), clock=clock)
    await RunService(crawl=crawl, finish=finish, runs=runs, clock=clock, log=log).run(
        run.run_id, asyncio.Event()
    )
    database.close()


async def catch_up(folder: Path) -> None:
    """What a restarted program does before anything else."""
    database = Database.open(folder / "shopwatch.db")
    finish = Finish(
        runs=SqlRuns(database),
        stores=SqlStores(database),
        events=SqlEvents(database),
        clock=RealClock(),
        files=RunFiles(folder, "target"),
        log=LogBook(),
    )
    await finish.catch_up("target")
    database.close()


def one_life(folder: Path, count: int, lifetime_s: float | None) -> bool:
    """Fork a life; ``True`` if it came to its end."""
    pid = os.fork()
    if pid == 0:
        if lifetime_s is not None:
            threading.Timer(lifetime_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
        asyncio.run(live(folder, count))
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def storm(folder: Path, count: int, kills: int, chance: random.Random, seen: Seen) -> None:
    """A run of so many stores with so many kills, or as many as it lives through."""
    earlier, published = len(_fetched(folder)), _published(folder)  # by the runs before this one
    for _ in range(kills):
        counted, begun = _counted(folder), len(_fetched(folder))
        if one_life(folder, count, chance.uniform(0.0, LONGEST_LIFE_S)):
            return
        seen.kills += 1
        if _published(folder) > published:
            return  # killed between the publication and the files, which the next life writes
        fetched = _fetched(folder)
        now, before = set(fetched[begun:]), set(fetched[earlier:begun])
        if before and now & counted:
            seen.wrong.append(f"fetched again though counted: {sorted(now & counted)[:3]}")
        if len(now) < len(fetched) - begun:
            seen.wrong.append("one life fetched a page twice")
        seen.fetched_again += len(now & before)
    if not one_life(folder, count, None):
        seen.wrong.append("the last life did not end well")


def main(words: list[str]) -> None:
    folder, kills, seed = Path(words[0]), int(words[1]), int(words[2])
    Database.open(folder / "shopwatch.db").close()
    chance, seen = random.Random(seed), Seen()
    storm(folder, STORES, kills // 2, chance, seen)
    storm(folder, STORES + 1, kills - kills // 2, chance, seen)
    asyncio.run(catch_up(folder))
    sys.stdout.write(json.dumps(asdict(seen)) + "\n")


def _fetched(folder: Path) -> list[str]:
    path = folder / "fetched.log"
    return [line.split(" ")[1] for line in path.read_text().splitlines()] if path.exists() else []


def _published(folder: Path) -> int:
    query = "select count(*) from runs where state = 'complete'"
    with closing(sqlite3.connect(folder / "shopwatch.db")) as connection:
        return int(connection.execute(query).fetchone()[0])


def _counted(folder: Path) -> set[str]:
    """The pages that the run under way counts as done."""
    query = (
        "select url from frontier where state = 'done' and run_id = "
        "(select run_id from runs order by started_at desc, run_id desc limit 1)"
    )
    with closing(sqlite3.connect(folder / "shopwatch.db")) as connection:
        return {url.removeprefix(SITE.base_url) for (url,) in connection.execute(query)}


if __name__ == "__main__":
    main(sys.argv[1:])
