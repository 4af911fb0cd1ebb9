"""Our children, as the database knows them."""

from __future__ import annotations

import asyncio

import pytest
from tests.storage.conftest import Open

from shopwatch.domain.errors import Conflict
from shopwatch.ports import ProcessRow
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.processes import SqlProcesses


async def test_a_process_is_found_again_after_a_restart(open_database: Open) -> None:
    row_id = await SqlProcesses(open_database()).add("crawl", "att", 4711, 1_768_650_000.25, "att_1")
    after = SqlProcesses(open_database())
    assert await after.live() == [
        ProcessRow(
            id=row_id,
            kind="crawl",
            name="att",
            pid=4711,
            started_s=1_768_650_000.25,
            run_id="att_1",
            state="running",
        )
    ]


async def test_of_one_kind_and_name_one_runs(database: Database) -> None:
    processes = SqlProcesses(database)
    first = await processes.add("crawl", "att", 1, 1.0, None)
    await processes.add("crawl", "verizon", 2, 1.0, None)
    with pytest.raises(Conflict, match="A crawl process for att is running already"):
        await processes.add("crawl", "att", 3, 1.0, None)
    await processes.end(first, "exited")
    await processes.add("crawl", "att", 3, 1.0, None)
    assert [row.pid for row in await processes.live()] == [2, 3]


async def test_what_was_said_first_of_an_end_stays(database: Database) -> None:
    processes = SqlProcesses(database)
    row_id = await processes.add("monitor", "monitor", 1, 1.0, None)
    await processes.end(row_id, "exited")
    await processes.end(row_id, "lost")
    states = [event.data["state"] for event in await SqlEvents(database).after(0)]
    assert states == ["running", "exited"]


async def test_of_many_that_start_together_one_may(open_database: Open) -> None:
    several = [SqlProcesses(open_database()) for _ in range(6)]
    for repetition in range(20):
        tries = (one.add("crawl", f"r{repetition}", 1, 1.0, None) for one in several)
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 5
