"""What is forgotten, and what never is."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from tests.storage_builders import IN_STOCK, NOON, OUT, believe, minutes, page, seen, store

from shopwatch.domain.run import RunOptions, RunState
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.domain.watch import Watch
from shopwatch.ports import CheckTally, Fetched
from shopwatch.storage.crawl_tables import frontier, run_stores
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.history import SqlHistory
from shopwatch.storage.ledger import SqlLedger
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox
from shopwatch.storage.retention import RUNS_IN_FULL, Retention, prune
from shopwatch.storage.runs import SqlRuns
from shopwatch.storage.stores import SqlStores

DAY = 24 * 60
KEY = ("target", "89542109")


async def count(database: Database, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return int(await database.read(lambda connection: connection.execute(query).scalar_one()))


async def test_old_history_goes_but_the_last_known_price_and_state_stay(database: Database) -> None:
    observations, history = SqlObservations(database), SqlHistory(database)
    looks = [
        seen(IN_STOCK if day % 2 else OUT, at=NOON + minutes(day * DAY), price=str(100 + day))
        for day in range(6)
    ]
    await observations.record(looks, believe)
    await prune(database, Retention(history=2), NOON + minutes(5 * DAY))
    assert [change.at for change in await history.changes(KEY)] == [
        NOON + minutes(day * DAY) for day in (5, 4, 3)
    ]
    await prune(database, Retention(history=2), NOON + minutes(900 * DAY))
    assert [change.at for change in await history.changes(KEY)] == [NOON + minutes(5 * DAY)]
    assert [point.price.cents for point in await history.prices(KEY, NOON)] == [10_500]
    assert [restock.ended_at for restock in await history.restocks()] == [None]
    assert KEY in await observations.load()


async def test_hours_become_days_and_nothing_is_lost_in_between(database: Database) -> None:
    observations, history = SqlObservations(database), SqlHistory(database)
    for hour in range(0, 96, 6):
        at = NOON + minutes(hour * 60)
        await observations.checked([CheckTally(key=KEY, checks=10, unknowns=1, last_checked=at)])
    for _ in range(2):  # a second time finds nothing to do
        await prune(database, Retention(minutes=1), NOON + minutes(4 * DAY))
    days, hours = await history.days(KEY, NOON - minutes(DAY)), await history.hours(KEY, NOON)
    assert [(day.at.day, day.checks, day.unknowns) for day in days] == [(17, 20, 2), (18, 40, 4), (19, 40, 4)]
    assert sum(one.checks for one in [*days, *hours]) == 160
    assert len(await history.minutes("target", NOON - minutes(DAY))) == 3


async def test_events_and_delivered_alerts_go_but_not_what_is_on_its_way(database: Database) -> None:
    outbox, events = SqlOutbox(database), SqlEvents(database)
    await outbox.add([Alert(key=key, kind=AlertKind.TEST) for key in ("sent", "waiting")])
    (row,) = await outbox.lease(1, NOON, 30)
    await outbox.sent(row, NOON)
    await prune(database, Retention(events=7), NOON + minutes(6 * DAY))
    assert await events.after(0) != []
    await prune(database, Retention(events=7), NOON + minutes(900 * DAY))
    assert await events.after(0) == []
    assert [row.alert.key for row in await outbox.rows()] == ["waiting"]


async def test_what_is_old_is_found_without_reading_what_stays(database: Database) -> None:
    if database.is_postgres:
        pytest.skip("the plan is SQLite's")
    statements: list[tuple[str, tuple[object, ...]]] = []

    def note(_: object, __: object, words: str, values: tuple[object, ...], *___: object) -> None:
        if words.startswith("DELETE"):
            statements.append((words, values))

    sa.event.listen(database._writer, "before_cursor_execute", note)
    await prune(database, Retention(), NOON)
    with closing(sqlite3.connect(database.name)) as connection:
        plans = [
            plan[3]
            for words, values in statements
            for plan in connection.execute(f"EXPLAIN QUERY PLAN {words}", values)
        ]
    large = ("events", "stock_changes", "price_points", "restocks")
    assert [plan for plan in plans if plan in {f"SCAN {name}" for name in large}] == []
    assert sum("_at (at<?)" in plan for plan in plans) == len(large)


async def test_the_ledger_is_never_forgotten(database: Database) -> None:
    ledger = SqlLedger(database)
    purchase = await ledger.reserve(1, Watch(retailer="target", sku="1"), live=True, now=NOON)
    await prune(database, Retention(), NOON + minutes(9_999 * DAY))
    assert await ledger.recent() == [purchase]


async def crawled(database: Database, day: int) -> str:
    runs, requests = SqlRuns(database), SqlFrontier(database)
    at = NOON + minutes(day * DAY)
    run = await runs.create("att", RunOptions(), at)
    await runs.move(run.run_id, [RunState.PENDING], RunState.RUNNING, now=at)
    await requests.add(run.run_id, [page("1")])
    rows = await requests.take(run.run_id, "extract", 10, at)
    await requests.commit(run.run_id, [Fetched(row=row, stores=(store("1"),)) for row in rows])
    await runs.publish(run.run_id, at)
    return run.run_id


async def test_of_older_runs_the_row_and_its_counts_are_kept_for_a_year(database: Database) -> None:
    names = [await crawled(database, day) for day in range(RUNS_IN_FULL + 2)]
    runs = SqlRuns(database)
    await prune(database, Retention(runs=365), NOON + minutes(30 * DAY))
    assert (await count(database, frontier), await count(database, run_stores)) == (
        RUNS_IN_FULL,
        RUNS_IN_FULL,
    )
    oldest = await runs.get(names[0])
    assert (oldest.stores, oldest.phases[0].completed) == (1, 1)
    await prune(database, Retention(runs=365), NOON + minutes(366 * DAY))
    assert [run.run_id for run in await runs.list()] == names[:0:-1]
    assert len(await SqlStores(database).all("att")) == 1


async def test_a_run_under_way_is_left_alone_however_old(database: Database) -> None:
    run = await SqlRuns(database).create("att", RunOptions(), NOON)
    await SqlFrontier(database).add(run.run_id, [page("1")])
    await prune(database, Retention(), NOON + minutes(9_999 * DAY))
    assert [row.request for row in await SqlFrontier(database).take(run.run_id, "extract", 9, NOON)] == [
        page("1")
    ]
