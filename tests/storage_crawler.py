"""A crawler that runs until it is killed: the child process of the kill test."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from multiprocessing.connection import Connection

from tests.storage_builders import NOON

from shopwatch.domain.crawling import Request
from shopwatch.domain.run import RunError
from shopwatch.domain.store import Store
from shopwatch.ports import Fetched, FrontierRow
from shopwatch.storage.database import Database
from shopwatch.storage.frontier import SqlFrontier

PAGES = 400
_BATCH = 7


def url(number: int) -> str:
    return f"https://att.test/stores/{number}"


def outcome(row: FrontierRow) -> Fetched:
    """The same for the same page, whoever fetches it: two new pages, a store, now and then an error."""
    number = int(row.request.url.rpartition("/")[2])
    dice = hashlib.sha256(str(number).encode()).digest()[0]
    following = tuple(
        Request(url=url(child), phase="extract") for child in (2 * number, 2 * number + 1) if child <= PAGES
    )
    if dice < 50 and row.attempts == 0:
        return Fetched(row=row, error=_error(row, "time_out"), retry_at=NOON)
    if dice > 230:
        return Fetched(row=row, error=_error(row, "gone"), requests=following)
    store = Store(retailer="att", ref=str(number), name=f"Store {number}")
    return Fetched(row=row, stores=(store,), requests=following)


def _error(row: FrontierRow, error_class: str) -> RunError:
    return RunError(at=NOON, error_class=error_class, message="no answer", url=row.request.url)


def crawl(address: str, run_id: str, batches: Connection) -> None:
    """Commit batch after batch; tell the parent what is in each, and when it is done."""
    asyncio.run(_crawl(address, run_id, batches))


async def _crawl(address: str, run_id: str, batches: Connection) -> None:
    with Database.open(address) as database:
        frontier = SqlFrontier(database)
        while rows := await frontier.take(run_id, "extract", _BATCH, NOON + timedelta(days=1)):
            batches.send({row.id: row.attempts for row in rows})
            await frontier.commit(run_id, [outcome(row) for row in rows])
            batches.send("done")
    batches.send("end")
