"""When a host may be asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.transport.fake_time import FakeTime, settle

from shopwatch.transport.limits import Budgets, HostBudget
from shopwatch.transport.pace import Held, Pace, Permit

EVERY_TWO_S = Pace(min_delay_s=2.0, max_delay_s=2.0)


@pytest.fixture
def budget(time: FakeTime) -> HostBudget:
    return HostBudget("www.target.com", time, time, None, lambda low, _: low)


async def ask(budget: HostBudget, pace: Pace, sent_at: list[float], time: FakeTime) -> None:
    permit = await budget.enter(pace)
    budget.sent(permit)
    sent_at.append(time.seconds)
    budget.leave()
    budget.good(permit)


async def moments(budget: HostBudget, time: FakeTime, pace: Pace, count: int, over_s: float) -> list[float]:
    """When each of ``count`` requests that are all wanted now is sent."""
    sent_at: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(ask(budget, pace, sent_at, time))
        await time.advance(over_s)
    return sent_at


async def test_requests_keep_their_distance(budget: HostBudget, time: FakeTime) -> None:
    assert await moments(budget, time, EVERY_TWO_S, 4, 10) == [0.0, 2.0, 4.0, 6.0]


async def test_the_distance_is_drawn_between_the_two_delays(time: FakeTime) -> None:
    draws = iter([1.0, 3.0, 2.0])
    asked: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        asked.append((low, high))
        return next(draws, low)

    budget = HostBudget("h", time, time, None, draw)
    pace = Pace(min_delay_s=1.0, max_delay_s=3.0)
    assert await moments(budget, time, pace, 4, 10) == [0.0, 1.0, 4.0, 6.0]
    assert set(asked) == {(1.0, 3.0)}


async def test_the_distance_is_measured_from_when_the_request_left(
    budget: HostBudget, time: FakeTime
) -> None:
    permit = await budget.enter(EVERY_TWO_S)
    await time.advance(1.5)  # connecting took a while
    budget.sent(permit)
    budget.leave()
    assert await moments(budget, time, EVERY_TWO_S, 1, 5) == [3.5]


async def test_a_quiet_time_is_not_saved_up(budget: HostBudget, time: FakeTime) -> None:
    await moments(budget, time, EVERY_TWO_S, 1, 60)
    assert await moments(budget, time, EVERY_TWO_S, 3, 10) == [60.0, 62.0, 64.0]


async def test_two_callers_share_one_budget(budget: HostBudget, time: FakeTime) -> None:
    sent_at: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ask(budget, EVERY_TWO_S, sent_at, time))
        tasks.create_task(ask(budget, Pace(requests_per_second=1.0), sent_at, time))
        tasks.create_task(ask(budget, EVERY_TWO_S, sent_at, time))
        await time.advance(10)
    assert sent_at == [0.0, 2.0, 3.0]


async def test_first_come_first_served(budget: HostBudget, time: FakeTime) -> None:
    order: list[int] = []

    async def caller(number: int) -> None:
        await budget.enter(EVERY_TWO_S)
        order.append(number)
        budget.leave()

    async with asyncio.TaskGroup() as tasks:
        for number in range(5):
            tasks.create_task(caller(number))
        await time.advance(20)
    assert order == [0, 1, 2, 3, 4]


async def test_no_more_are_in_flight_than_allowed(budget: HostBudget, time: FakeTime) -> None:
    pace = Pace(concurrency=2)
    tasks = [asyncio.create_task(budget.enter(pace)) for _ in range(5)]
    await settle()
    assert [task.done() for task in tasks] == [True, True, False, False, False]
    budget.leave()
    await settle()
    assert [task.done() for task in tasks] == [True, True, True, False, False]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("rate", [0.5, 20.0, 100.0])
async def test_a_modest_rate_is_kept_exactly(budget: HostBudget, time: FakeTime, rate: float) -> None:
    sent_at = await moments(budget, time, Pace(requests_per_second=rate, concurrency=9), 4, 10)
    assert sent_at == pytest.approx([0, 1 / rate, 2 / rate, 3 / rate])


async def test_a_high_rate_is_kept_over_ten_milliseconds(budget: HostBudget, time: FakeTime) -> None:
    pace = Pace(requests_per_second=1000.0, concurrency=1000)
    sent_at = await moments(budget, time, pace, 500, 5)
    assert max(sent_at) == pytest.approx(0.49, abs=0.005)
    in_any_ten_ms = max(sum(at <= other < at + 0.01 for other in sent_at) for at in sent_at)
    assert in_any_ten_ms <= 21


async def test_a_cancelled_caller_leaves_no_gap(budget: HostBudget, time: FakeTime) -> None:
    sent_at: list[float] = []
    tasks = [asyncio.create_task(ask(budget, EVERY_TWO_S, sent_at, time)) for _ in range(4)]
    await settle()
    tasks[1].cancel()
    await time.advance(10)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sent_at == [0.0, 2.0, 4.0]


async def test_a_permit_that_meets_its_cancellation_comes_back(budget: HostBudget, time: FakeTime) -> None:
    await budget.enter(Pace(concurrency=1))
    waiting = asyncio.create_task(budget.enter(Pace(concurrency=1)))
    await settle()
    budget.leave()  # grants the permit; the task has not run yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert budget.facts()["in_flight"] == 0


async def test_a_storm_of_cancellations_loses_no_permit(budget: HostBudget, time: FakeTime) -> None:
    pace = Pace(concurrency=3, requests_per_second=50.0)
    sent_at: list[float] = []
    for round_ in range(30):
        tasks = [asyncio.create_task(ask(budget, pace, sent_at, time)) for _ in range(6)]
        await time.advance(0.01 * (round_ % 4))
        for task in tasks[round_ % 3 :: 2]:
            task.cancel()
        await time.advance(1.0)
        await asyncio.gather(*tasks, return_exceptions=True)
    assert budget.facts()["in_flight"] == 0
    assert budget.facts()["waiting"] == 0


async def refused(budget: HostBudget, time: FakeTime, **facts: Any) -> Permit:
    permit = await budget.enter(EVERY_TWO_S)
    budget.leave()
    await budget.slow(permit, "HTTP 503", **facts)
    return permit


async def test_a_host_that_asks_for_a_rest_gets_it(budget: HostBudget, time: FakeTime) -> None:
    await refused(budget, time, retry_after_s=20.0)
    sent_at = await moments(budget, time, EVERY_TWO_S, 1, 60)
    assert sent_at == [20.0]


async def test_those_already_waiting_rest_too(budget: HostBudget, time: FakeTime) -> None:
    sent_at: list[float] = []
    permit = await budget.enter(EVERY_TWO_S)
    task = asyncio.create_task(ask(budget, EVERY_TWO_S, sent_at, time))
    await settle()
    await budget.slow(permit, "HTTP 429", retry_after_s=20.0)
    budget.leave()
    await time.advance(60)
    await task
    assert sent_at == [20.0]


async def test_whoever_has_no_patience_for_the_rest_is_told(budget: HostBudget, time: FakeTime) -> None:
    waiting = asyncio.create_task(moments_of_one(budget))
    permit = await budget.enter(EVERY_TWO_S)
    await settle()
    await budget.slow(permit, "HTTP 503", retry_after_s=600.0)
    budget.leave()
    with pytest.raises(Held, match="HTTP 503"):
        await waiting
    with pytest.raises(Held) as told:
        await budget.enter(EVERY_TWO_S)
    assert told.value.seconds == 600.0


async def moments_of_one(budget: HostBudget) -> Permit:
    await asyncio.sleep(0)
    return await budget.enter(EVERY_TWO_S)


async def test_a_rest_is_never_shortened(budget: HostBudget, time: FakeTime) -> None:
    await budget.hold(20.0, "HTTP 429")
    await budget.hold(5.0, "HTTP 429")
    assert await moments(budget, time, EVERY_TWO_S, 1, 60) == [20.0]


async def test_a_refusal_halves_the_rate(budget: HostBudget, time: FakeTime) -> None:
    await refused(budget, time)
    assert (await moments(budget, time, EVERY_TWO_S, 1, 60))[0] == pytest.approx(4.1)


async def test_what_was_in_flight_together_is_one_refusal(budget: HostBudget, time: FakeTime) -> None:
    permits = [await budget.enter(Pace(concurrency=50)) for _ in range(50)]
    await time.advance(1)
    for permit in permits:
        await budget.slow(permit, "HTTP 503")
    assert budget.facts()["share"] == 0.5


async def test_the_rate_comes_back_in_small_steps(budget: HostBudget, time: FakeTime) -> None:
    await refused(budget, time)
    shares = []
    for _ in range(11):
        await time.advance(60)
        await moments(budget, time, EVERY_TWO_S, 1, 60)
        shares.append(budget.facts()["share"])
    assert shares[:2] == [0.55, 0.6]
    assert shares[-2:] == [1.0, 1.0]


async def test_good_answers_from_before_the_refusal_do_not_count(budget: HostBudget, time: FakeTime) -> None:
    early = await budget.enter(Pace(concurrency=9))
    await time.advance(1)
    late = await budget.enter(Pace(concurrency=9))
    await time.advance(1)
    await budget.slow(late, "HTTP 503")
    budget.good(early)
    assert budget.facts()["share"] == 0.5


async def test_plain_refusals_in_a_row_rest_longer_each_time(budget: HostBudget, time: FakeTime) -> None:
    rests = []
    for _ in range(9):
        await time.advance(1000)
        await refused(budget, time, pause=True)
        rests.append(budget.facts()["held_s"])
    assert rests == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


async def test_a_host_without_any_delay_slows_down_too(budget: HostBudget, time: FakeTime) -> None:
    free = Pace(concurrency=9)
    permit = await budget.enter(free)
    await budget.slow(permit, "HTTP 503")
    budget.leave()
    sent_at = await moments(budget, time, free, 3, 10)
    assert sent_at[0] == pytest.approx(0.1)
    assert sent_at[2] > sent_at[1] > sent_at[0]


async def test_one_warning_for_an_outage_and_one_line_for_its_end(budget: HostBudget, time: FakeTime) -> None:
    with capture_logs() as lines:
        for _ in range(3):
            await refused(budget, time)
            await time.advance(500)
        for _ in range(30):
            await moments(budget, time, EVERY_TWO_S, 1, 60)
    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("warning", "host_slowed"),
        ("info", "host_recovered"),
    ]
    assert lines[0]["host"] == "www.target.com"
    assert lines[0]["reason"] == "HTTP 503"


async def test_every_host_has_a_budget_of_its_own(time: FakeTime) -> None:
    budgets = Budgets(time, time, None, lambda low, _: low)
    await budgets.of("a").enter(EVERY_TWO_S)
    await budgets.of("b").enter(EVERY_TWO_S)
    assert budgets.of("a") is budgets.of("a")
    assert [facts["host"] for facts in budgets.facts()] == ["a", "b"]
