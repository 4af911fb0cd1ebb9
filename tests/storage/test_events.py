"""Events: in the order of their ids, and no reader misses one."""

from __future__ import annotations

import asyncio
import threading

import sqlalchemy as sa
from tests.storage.conftest import Open
from tests.storage_builders import NOON, minutes

from shopwatch.storage.database import Database
from shopwatch.storage.events import Happening, SqlEvents, append


async def test_a_reader_resumes_after_the_last_event_it_saw(database: Database) -> None:
    events = SqlEvents(database)
    for number in range(5):
        await events.publish("run", {"number": number})
    first = await events.after(0, limit=2)
    rest = await events.after(first[-1].id)
    assert [event.data["number"] for event in [*first, *rest]] == [0, 1, 2, 3, 4]
    assert (first[0].kind, first[0].at) == ("run", NOON)
    assert await events.last_id() == rest[-1].id


async def test_without_events_the_last_id_is_nought(database: Database) -> None:
    assert await SqlEvents(database).last_id() == 0


async def test_ids_go_on_growing_when_all_events_are_forgotten(database: Database) -> None:
    events = SqlEvents(database)
    await events.publish("run", {})
    last = await events.last_id()
    assert await events.prune(NOON + minutes(1)) == 1
    await events.publish("run", {})
    assert [event.id for event in await events.after(0)] == [last + 1]


async def test_pruning_keeps_what_is_younger(database: Database) -> None:
    ages = [Happening("run", NOON - minutes(number), {"age": number}) for number in (3, 2, 1, 0)]
    await database.write(lambda connection: append(connection, ages))
    events = SqlEvents(database)
    assert await events.prune(NOON - minutes(1)) == 2
    assert [event.data["age"] for event in await events.after(0)] == [1, 0]


async def test_a_reader_never_sees_a_later_event_before_an_earlier_one(open_database: Open) -> None:
    """The one that drew its id first commits last; the other must wait for it."""
    slow, quick = open_database(), open_database()
    drawn, commit = threading.Event(), threading.Event()

    def work(connection: sa.Connection) -> None:
        append(connection, [Happening("run", NOON, {"by": "slow"})])
        drawn.set()
        assert commit.wait(10)

    first = asyncio.create_task(slow.write(work))
    assert await asyncio.to_thread(drawn.wait, 10)
    second = asyncio.create_task(SqlEvents(quick).publish("run", {"by": "quick"}))
    await asyncio.wait([second], timeout=0.1)
    assert await SqlEvents(quick).after(0) == []
    commit.set()
    await asyncio.gather(first, second)
    assert [event.data["by"] for event in await SqlEvents(quick).after(0)] == ["slow", "quick"]


async def test_a_run_s_progress_is_what_it_told_between_two_moments(database: Database) -> None:
    def told(run_id: str, at: int, **more: object) -> Happening:
        return Happening("run", NOON + minutes(at), {"run_id": run_id, **more})

    happenings = [
        told("att_1", 0, state="running"),
        told("att_1", 1, stats={"requests_made": 60}),
        told("att_10", 1, stats={"requests_made": 7}),
        told("att_1", 2, stats={"requests_made": 90}),
        told("att_1", 9, stats={"requests_made": 99}),
    ]
    await database.write(lambda connection: append(connection, happenings))
    found = await SqlEvents(database).progress("att_1", NOON, NOON + minutes(5))
    assert found == [(NOON + minutes(1), 60), (NOON + minutes(2), 90)]
