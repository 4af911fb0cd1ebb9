"""Runs: one under way for each retailer, their state as the database says it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.storage.conftest import Open
from tests.storage_builders import NOON, minutes

from shopwatch.domain.errors import Conflict, NotFound
from shopwatch.domain.run import Run, RunOptions, RunState
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.runs import SqlRuns

PENDING, RUNNING, STOPPED = RunState.PENDING, RunState.RUNNING, RunState.STOPPED
RESUMABLE = [state for state in RunState if state.can_resume]


async def ended(runs: SqlRuns, retailer: str = "att", *, at: int = 0) -> Run:
    now = NOON + minutes(at)
    run = await runs.create(retailer, RunOptions(), now)
    assert await runs.move(run.run_id, [PENDING], RunState.COMPLETE, now=now + minutes(1))
    return run


async def test_a_run_is_named_for_its_retailer_and_time_and_keeps_its_options(database: Database) -> None:
    runs = SqlRuns(database)
    options = RunOptions(incremental=True, limit=50, proxy_mode="residential", test=True)
    run = await runs.create("att", options, NOON)
    assert run.run_id == "att_20260117_120000"
    assert await runs.get(run.run_id) == run
    assert (run.state, run.options, run.started_at) == (PENDING, options, NOON)


async def test_a_second_run_of_a_retailer_is_refused_and_names_the_first(database: Database) -> None:
    runs = SqlRuns(database)
    await runs.create("att", RunOptions(), NOON)
    await runs.create("verizon", RunOptions(), NOON)
    with pytest.raises(Conflict, match="A run of att is under way: att_20260117_120000"):
        await runs.create("att", RunOptions(), NOON + minutes(1))


async def test_two_runs_of_one_second_get_two_names(database: Database) -> None:
    runs = SqlRuns(database)
    names = [(await ended(runs)).run_id for _ in range(3)]
    assert names == ["att_20260117_120000", "att_20260117_120000_2", "att_20260117_120000_3"]


async def test_a_clock_set_back_makes_no_later_run_an_earlier_one(database: Database) -> None:
    runs = SqlRuns(database)
    first = await ended(runs)
    await runs.publish(first.run_id, NOON + minutes(1))
    second = await ended(runs, at=-60)
    assert await runs.latest("att") == await runs.get(second.run_id)
    assert (await runs.get(second.run_id)).duration_s(NOON) == 0
    await runs.publish(second.run_id, NOON - minutes(59))


async def test_a_name_asked_for_is_given_once(database: Database) -> None:
    runs = SqlRuns(database)
    run = await runs.create("att", RunOptions(), NOON, run_id="att_by_hand")
    assert run.run_id == "att_by_hand"
    await runs.move(run.run_id, [PENDING], STOPPED, now=NOON)
    with pytest.raises(Conflict, match="There is a run att_by_hand already"):
        await runs.create("att", RunOptions(), NOON, run_id="att_by_hand")


async def test_a_state_moves_only_from_where_it_is_said_to_be(database: Database) -> None:
    runs = SqlRuns(database)
    run = await runs.create("att", RunOptions(), NOON)
    assert not await runs.move(run.run_id, [RUNNING], STOPPED, now=NOON)
    assert await runs.move(run.run_id, [PENDING, RUNNING], STOPPED, now=NOON + minutes(2), message="by hand")
    after = await runs.get(run.run_id)
    assert (after.state, after.completed_at, after.message) == (STOPPED, NOON + minutes(2), "by hand")
    assert not await runs.move("no such run", [PENDING], RUNNING, now=NOON)


async def test_a_stopped_run_is_resumed_as_the_same_run(database: Database) -> None:
    runs = SqlRuns(database)
    run = await runs.create("att", RunOptions(), NOON)
    await runs.move(run.run_id, [PENDING], STOPPED, now=NOON)
    assert await runs.move(run.run_id, RESUMABLE, RUNNING, now=NOON + minutes(1))
    after = await runs.get(run.run_id)
    assert (after.state, after.completed_at, after.started_at) == (RUNNING, None, NOON)
    assert not await runs.move(run.run_id, RESUMABLE, RUNNING, now=NOON + minutes(1))


async def test_a_run_is_not_resumed_beside_another_of_its_retailer(database: Database) -> None:
    runs = SqlRuns(database)
    run = await runs.create("att", RunOptions(), NOON)
    await runs.move(run.run_id, [PENDING], RunState.LOST, now=NOON)
    await runs.create("att", RunOptions(), NOON + minutes(1))
    with pytest.raises(Conflict, match="Another run of the retailer of att_20260117_120000 is under way"):
        await runs.move(run.run_id, RESUMABLE, RUNNING, now=NOON + minutes(2))


async def test_a_run_that_does_not_exist_is_said_not_to(database: Database) -> None:
    with pytest.raises(NotFound, match="There is no run 'att_1'"):
        await SqlRuns(database).get("att_1")


async def test_the_latest_run_of_a_retailer_in_given_states(database: Database) -> None:
    runs = SqlRuns(database)
    first = await ended(runs)
    second = await runs.create("att", RunOptions(), NOON + minutes(5))
    await ended(runs, "verizon", at=9)
    latest, complete = await runs.latest("att"), await runs.latest("att", [RunState.COMPLETE])
    assert latest is not None
    assert complete is not None
    assert (latest.run_id, complete.run_id) == (second.run_id, first.run_id)
    assert await runs.latest("att", [RunState.FAILED]) is None
    assert await runs.latest("target") is None


async def test_runs_are_paged_from_the_last_without_gap_or_repeat(database: Database) -> None:
    runs = SqlRuns(database)
    names = [
        (await ended(runs, retailer, at=at)).run_id for at in (0, 1, 1) for retailer in ("att", "target")
    ]
    first = await runs.list(limit=4)
    rest = await runs.list(limit=4, before=first[-1].run_id)
    listed = [run.run_id for run in [*first, *rest]]
    assert sorted(listed) == sorted(names)
    assert [run.started_at for run in [*first, *rest]] == sorted(
        (run.started_at for run in [*first, *rest]), reverse=True
    )
    assert {run.retailer for run in await runs.list("att")} == {"att"}


async def test_a_held_run_keeps_the_reasons(database: Database) -> None:
    runs = SqlRuns(database)
    run = await runs.create("att", RunOptions(), NOON)
    await runs.move(run.run_id, [PENDING], RUNNING, now=NOON)
    await runs.hold(run.run_id, ["40 % fewer stores", "no phone"], NOON + minutes(3))
    after = await runs.get(run.run_id)
    assert (after.state, after.completed_at) == (RunState.HELD, NOON + minutes(3))
    assert after.gate_reasons == ("40 % fewer stores", "no phone")
    assert after.duration_s(NOON) == timedelta(minutes=3).total_seconds()
    with pytest.raises(Conflict, match="cannot be held"):
        await runs.hold("no such run", [], NOON)


async def test_the_process_that_crawls_is_known(database: Database) -> None:
    runs = SqlRuns(database)
    run = await runs.create("att", RunOptions(), NOON)
    await runs.attach(run.run_id, 4711)
    assert (await runs.get(run.run_id)).pid == 4711


async def test_every_state_of_a_run_is_an_event(database: Database) -> None:
    runs = SqlRuns(database)
    run = await runs.create("att", RunOptions(), NOON)
    await runs.move(run.run_id, [PENDING], RUNNING, now=NOON)
    await runs.move(run.run_id, [PENDING], STOPPED, now=NOON)
    await runs.hold(run.run_id, [], NOON)
    told = [event.data["state"] for event in await SqlEvents(database).after(0) if event.kind == "run"]
    assert told == ["pending", "running", "held"]


async def test_of_many_that_start_a_retailer_at_once_one_may(open_database: Open) -> None:
    several = [SqlRuns(open_database()) for _ in range(6)]
    for repetition in range(20):
        tries = (runs.create(f"r{repetition}", RunOptions(), NOON) for runs in several)
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(outcome, Run) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 5


async def test_of_many_that_resume_a_run_at_once_one_does(open_database: Open) -> None:
    several = [SqlRuns(open_database()) for _ in range(6)]
    for repetition in range(20):
        run = await several[0].create(f"r{repetition}", RunOptions(), NOON)
        await several[0].move(run.run_id, [PENDING], STOPPED, now=NOON)
        tries = (runs.move(run.run_id, RESUMABLE, RUNNING, now=NOON) for runs in several)
        reopened = await asyncio.gather(*tries)
        assert sorted(reopened) == [False] * 5 + [True]
