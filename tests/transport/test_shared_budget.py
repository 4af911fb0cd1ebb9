"""One budget for a host that several processes ask."""

from __future__ import annotations

import asyncio

import pytest
from tests.transport.fake_pauses import FakeTurns
from tests.transport.fake_time import FakeTime, settle

from shopwatch.transport.limits import HostBudget
from shopwatch.transport.pace import Held, Pace

EVERY_TWO_S = Pace(min_delay_s=2.0, max_delay_s=2.0)
WIDE = Pace(min_delay_s=2.0, max_delay_s=2.0, concurrency=2)


@pytest.fixture
def turns() -> FakeTurns:
    return FakeTurns()


def process(time: FakeTime, turns: FakeTurns) -> HostBudget:
    return HostBudget("www.target.com", time, time, turns, lambda low, _: low)


async def ask(budget: HostBudget, pace: Pace, sent_at: list[float], time: FakeTime) -> None:
    permit = await budget.enter(pace)
    budget.sent(permit)
    sent_at.append(time.seconds)
    budget.leave()


async def test_two_processes_keep_the_distance_together(time: FakeTime, turns: FakeTurns) -> None:
    monitor, crawl = process(time, turns), process(time, turns)
    sent_at: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(ask(monitor, EVERY_TWO_S, sent_at, time))
            tasks.create_task(ask(crawl, EVERY_TWO_S, sent_at, time))
        await time.advance(20)
    assert sent_at == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]


async def test_a_rest_asked_of_one_process_is_kept_by_the_other(time: FakeTime, turns: FakeTurns) -> None:
    monitor, crawl = process(time, turns), process(time, turns)
    permit = await monitor.enter(EVERY_TWO_S)
    await monitor.slow(permit, "HTTP 429", retry_after_s=20.0)
    sent_at: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ask(crawl, EVERY_TWO_S, sent_at, time))
        await time.advance(30)
    assert sent_at == [20.0]


async def test_a_request_that_waits_for_its_shared_turn_rests_when_the_host_asks_for_it(
    time: FakeTime, turns: FakeTurns
) -> None:
    monitor = process(time, turns)
    first = await monitor.enter(WIDE)
    turns.next_s["www.target.com"] = time.now().timestamp() + 10  # others have taken the turns until then
    sent_at: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ask(monitor, WIDE, sent_at, time))
        await time.advance(3)
        await monitor.slow(first, "HTTP 429", retry_after_s=20.0)
        await time.advance(60)
    assert sent_at == [23.0]


async def test_asking_during_a_rest_does_not_lengthen_it(time: FakeTime, turns: FakeTurns) -> None:
    await turns.hold("www.target.com", time.now().timestamp() + 600)
    crawl = process(time, turns)
    for _ in range(50):
        with pytest.raises(Held, match="another process"):
            await crawl.enter(EVERY_TWO_S)
    assert crawl.facts()["in_flight"] == 0
    time.seconds = 600
    sent_at: list[float] = []
    await ask(crawl, EVERY_TWO_S, sent_at, time)
    assert sent_at == [600]


async def test_close_requests_of_two_processes_keep_one_rate_together(
    time: FakeTime, turns: FakeTurns
) -> None:
    """Twenty a second: four turns are taken at once, so that the database is asked five times a second."""
    pace = Pace(requests_per_second=20.0)
    sent_at: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        for budget in (process(time, turns), process(time, turns)):
            for _ in range(20):
                tasks.create_task(ask(budget, pace, sent_at, time))
        await time.advance(10)
    assert len(sent_at) == 40
    busiest = max(sum(begin <= at < begin + 1.0 for at in sent_at) for begin in sent_at)
    assert busiest <= 20 + 1
    assert turns.reserved <= 12


async def test_without_a_rate_the_database_is_not_asked(time: FakeTime, turns: FakeTurns) -> None:
    budget = process(time, turns)
    sent_at: list[float] = []
    for pace in (Pace(concurrency=9), Pace(requests_per_second=5000.0)):
        asking = asyncio.create_task(ask(budget, pace, sent_at, time))
        await time.advance(1)
        await asking
    assert turns.reserved == 0


async def test_whoever_gives_up_waiting_leaves_no_trace_but_an_empty_turn(
    time: FakeTime, turns: FakeTurns
) -> None:
    await turns.reserve("www.target.com", 10.0, time.now().timestamp())
    budget = process(time, turns)
    waiting = asyncio.create_task(budget.enter(EVERY_TWO_S))
    await settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert budget.facts()["in_flight"] == 0
    sent_at: list[float] = []
    asking = asyncio.create_task(ask(budget, EVERY_TWO_S, sent_at, time))
    await time.advance(30)
    await asking
    assert sent_at == [12.0]
