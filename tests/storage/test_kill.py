"""A crawler is killed at any moment: a batch is there whole or not, and the next one finishes the run."""

from __future__ import annotations

import random
from contextlib import suppress
from multiprocessing.connection import Connection

import pytest
import sqlalchemy as sa
from tests import storage_crawler
from tests.storage_builders import NOON, page, recounted
from tests.storage_crawler import PAGES
from tests.warm_children import FORKING, load

from shopwatch.domain.run import RunOptions
from shopwatch.storage.crawl_tables import frontier as frontier_table
from shopwatch.storage.database import Database
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.runs import SqlRuns

KILLS = 6


Batch = dict[int, int]  #: the attempts each row had before


def crawl_until_killed(address: str, run_id: str, signals: int) -> Batch | None:
    """Kill the crawler after it has said ``signals`` things.

    Returns the batch it was at, or ``None`` if it came to the end before.
    """
    load()
    ours: Connection
    theirs: Connection
    ours, theirs = FORKING.Pipe(duplex=False)
    child = FORKING.Process(target=storage_crawler.crawl, args=(address, run_id, theirs))
    child.start()
    theirs.close()
    said: list[object] = []
    try:
        while len(said) < signals and said[-1:] != ["end"]:
            said.append(ours.recv())
        ours.poll(random.random() * 0.01)  # some moment of the commit that has begun, or shortly after
    finally:
        child.kill()
        child.join()
        child.close()
    with suppress(EOFError, OSError):  # what it said until the kill came, late on a busy machine
        while ours.poll():
            said.append(ours.recv())
    ours.close()
    batches = [one for one in said if isinstance(one, dict)]
    return None if said[-1:] == ["end"] else (batches or [{}])[-1]


async def assert_all_or_nothing(database: Database, batch: Batch) -> None:
    query = sa.select(frontier_table.c.id, frontier_table.c.attempts).where(frontier_table.c.id.in_(batch))
    rows = await database.read(lambda connection: connection.execute(query).all())
    assert {attempts - batch[row_id] for row_id, attempts in rows} in ({0}, {1}, set())


async def assert_whole(database: Database, run_id: str) -> None:
    """Every page that counts as done has its store, its new requests and its error, and nothing else does."""
    runs = SqlRuns(database)
    run = await runs.get(run_id)
    columns = (frontier_table.c.url, frontier_table.c.state, frontier_table.c.attempts)
    rows = await database.read(lambda connection: connection.execute(sa.select(*columns)).all())
    state = {int(url.rpartition("/")[2]): state for url, state, _ in rows}
    finished = {number for number, state in state.items() if state in ("done", "failed")}
    stores = {int(one.ref) async for one in runs.stores(run_id)}
    assert stores == {number for number, state in state.items() if state == "done"}
    assert set(state) == {1} | {
        child for number in finished for child in (2 * number, 2 * number + 1) if child <= PAGES
    }
    assert run.phases == await recounted(database, run_id)
    assert run.stores == len(stores)
    assert run.requests == sum(attempts for _, _, attempts in rows)
    assert run.errors == sum(run.errors_by_class.values())
    assert run.errors == run.requests - len(stores)


@pytest.mark.parametrize("kills", [KILLS, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.timeout(300)
async def test_a_killed_crawler_loses_and_doubles_nothing(
    database: Database, address: str, kills: int
) -> None:
    run = await SqlRuns(database).create("att", RunOptions(), NOON)
    await SqlFrontier(database).add(run.run_id, [page("1")])
    dice = random.Random()
    for _ in range(kills):
        batch = crawl_until_killed(address, run.run_id, dice.randrange(1, max(2, 240 // kills)))
        if batch is None:
            break
        await assert_all_or_nothing(database, batch)
        await assert_whole(database, run.run_id)
    assert crawl_until_killed(address, run.run_id, 10_000) is None
    await assert_whole(database, run.run_id)
    (phase,) = await SqlFrontier(database).progress(run.run_id)
    assert (phase.total, phase.completed + phase.failed) == (PAGES, PAGES)
