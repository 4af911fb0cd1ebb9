"""Pausing a whole retailer."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs
from tests.transport.fake_pauses import FakePauses
from tests.transport.fake_time import NOON, FakeTime

from shopwatch.domain.errors import Blocked, ErrorClass, Gone, RetailerError, Unreachable
from shopwatch.domain.health import Pause
from shopwatch.transport.breaker import Admission, Breaker, Patience

URL = "https://www.target.com/"
CHALLENGE = Blocked(URL, "HTTP 435", challenge=True, status=435)
DOWN = Unreachable(URL, "HTTP 503")
MINUTE = 60.0


@pytest.fixture
def pauses() -> FakePauses:
    return FakePauses()


@pytest.fixture
def breaker(time: FakeTime, pauses: FakePauses) -> Breaker:
    return Breaker(time, pauses)


async def admit(breaker: Breaker) -> Admission:
    return await breaker.admit("target", URL)


async def meets(breaker: Breaker, error: RetailerError | None) -> None:
    admission = await admit(breaker)
    if error is None:
        breaker.succeeded(admission)
    else:
        await breaker.failed(admission, error)


async def is_open(breaker: Breaker) -> bool:
    try:
        admission = await admit(breaker)
    except Blocked:
        return True
    breaker.release(admission)
    return False


async def test_a_challenge_pauses_a_quarter_of_an_hour(breaker: Breaker, time: FakeTime) -> None:
    await meets(breaker, CHALLENGE)
    time.seconds += 15 * MINUTE - 1
    with pytest.raises(Blocked, match=r"target is paused until 2026-01-17 12:15:00 UTC: HTTP 435") as told:
        await admit(breaker)
    assert told.value.retry_after_s == 1
    assert told.value.status is None
    time.seconds += 1
    assert not await is_open(breaker)


async def test_each_challenge_doubles_the_pause_up_to_four_hours(breaker: Breaker, time: FakeTime) -> None:
    lengths = []
    for _ in range(7):
        await meets(breaker, CHALLENGE)
        pause = breaker.pause("target")
        assert pause is not None
        lengths.append((pause.until - time.now()) / timedelta(minutes=1))
        time.seconds = (pause.until - NOON).total_seconds()
    assert lengths == [15, 30, 60, 120, 240, 240, 240]


async def test_an_answer_in_between_does_not_forgive_at_once(breaker: Breaker, time: FakeTime) -> None:
    await meets(breaker, CHALLENGE)
    time.seconds += 16 * MINUTE
    await meets(breaker, None)
    await meets(breaker, CHALLENGE)
    assert breaker.ends() == {"target": time.now() + timedelta(minutes=30)}


async def test_four_quiet_hours_forgive(breaker: Breaker, time: FakeTime) -> None:
    await meets(breaker, CHALLENGE)
    time.seconds += 16 * MINUTE
    await meets(breaker, None)
    time.seconds += 241 * MINUTE
    await meets(breaker, CHALLENGE)
    assert breaker.ends() == {"target": time.now() + timedelta(minutes=15)}


async def test_challenges_that_were_under_way_together_count_once(breaker: Breaker, time: FakeTime) -> None:
    admissions = [await admit(breaker) for _ in range(8)]
    time.seconds += 1
    for admission in admissions:
        await breaker.failed(admission, CHALLENGE)
    assert breaker.ends() == {"target": time.now() + timedelta(minutes=15)}


async def test_a_late_good_answer_does_not_end_a_pause(breaker: Breaker, time: FakeTime) -> None:
    early, other = await admit(breaker), await admit(breaker)
    time.seconds += 1
    await breaker.failed(early, CHALLENGE)
    breaker.succeeded(other)
    assert await is_open(breaker)


async def test_after_the_pause_one_request_decides(breaker: Breaker, time: FakeTime) -> None:
    await meets(breaker, CHALLENGE)
    time.seconds += 16 * MINUTE
    probe = await admit(breaker)
    with pytest.raises(Blocked, match="one request is out"):
        await admit(breaker)
    breaker.succeeded(probe)
    assert not await is_open(breaker)


async def test_a_cancelled_probe_lets_another_one_try(breaker: Breaker, time: FakeTime) -> None:
    await meets(breaker, CHALLENGE)
    time.seconds += 16 * MINUTE
    breaker.release(await admit(breaker))
    assert (await admit(breaker)).probe


async def test_the_pause_survives_a_restart(pauses: FakePauses, time: FakeTime) -> None:
    await meets(Breaker(time, pauses), CHALLENGE)
    after_restart = Breaker(time, pauses)
    assert await is_open(after_restart)
    time.seconds += 16 * MINUTE
    await meets(after_restart, CHALLENGE)
    assert after_restart.ends() == {"target": time.now() + timedelta(minutes=30)}


async def test_a_clock_set_back_prolongs_no_pause_beyond_its_own_length(
    pauses: FakePauses, time: FakeTime
) -> None:
    breaker = Breaker(time, pauses)
    await meets(breaker, CHALLENGE)
    time.set_s = -5 * 60 * MINUTE
    time.seconds += 10
    assert await is_open(breaker)
    time.seconds += 16 * MINUTE
    assert (await admit(breaker)).probe


async def test_a_challenge_of_last_month_holds_nobody_up(pauses: FakePauses, time: FakeTime) -> None:
    until = time.now() - timedelta(days=30)
    await pauses.save(Pause(name="target", until=until, reason="HTTP 435", strikes=4))
    later = Breaker(time, pauses)
    await admit(later)
    await admit(later)  # nobody has to wait for the first one's answer
    await meets(later, CHALLENGE)
    assert pauses.kept["target"].until == time.now() + timedelta(minutes=15)


async def test_another_process_learns_of_the_pause(pauses: FakePauses, time: FakeTime) -> None:
    monitor, crawl = Breaker(time, pauses), Breaker(time, pauses)
    assert not await is_open(crawl)
    await meets(monitor, CHALLENGE)
    time.seconds += 10
    assert await is_open(crawl)


async def test_the_database_is_asked_once_in_ten_seconds(pauses: FakePauses, time: FakeTime) -> None:
    breaker = Breaker(time, pauses)
    for _ in range(100):
        await asyncio.gather(*(admit(breaker) for _ in range(5)))
        time.seconds += 0.5
    assert pauses.loads == 5


async def test_a_human_ends_the_pause_in_every_process(pauses: FakePauses, time: FakeTime) -> None:
    monitor, web = Breaker(time, pauses), Breaker(time, pauses)
    await meets(monitor, CHALLENGE)
    await web.clear("target")
    assert pauses.kept == {}
    time.seconds += 10
    assert not await is_open(monitor)


async def test_a_pause_is_one_retailers_own(breaker: Breaker) -> None:
    await meets(breaker, CHALLENGE)
    await breaker.admit("walmart", "https://www.walmart.com/")


async def test_one_bad_moment_is_no_outage(breaker: Breaker) -> None:
    for _ in range(50):
        await meets(breaker, DOWN)
    assert not await is_open(breaker)


async def fail_for(breaker: Breaker, time: FakeTime, error: RetailerError, times: int = 6) -> None:
    for _ in range(times):
        await meets(breaker, error)
        time.seconds += 2.5


async def test_failures_that_go_on_pause_for_a_short_while(breaker: Breaker, time: FakeTime) -> None:
    await fail_for(breaker, time, DOWN, 5)
    assert breaker.ends() == {"target": NOON + timedelta(seconds=40)}


@pytest.mark.parametrize(
    ("error", "opens"),
    [
        (Unreachable(URL, "no address", error_class=ErrorClass.DNS), True),
        (Blocked(URL, "HTTP 403", status=403), True),
        (Blocked(URL, "HTTP 429", status=429), False),
        (Blocked(URL, "the host asked to be left alone for 120 s (HTTP 429)", retry_after_s=120.0), False),
        (Gone(URL, "HTTP 404"), False),
    ],
    ids=["dns", "403", "429", "held", "404"],
)
async def test_what_counts_as_a_failure(
    breaker: Breaker, time: FakeTime, error: RetailerError, opens: bool
) -> None:
    await fail_for(breaker, time, error, 5)
    assert await is_open(breaker) is opens


async def test_a_success_in_between_starts_the_count_anew(breaker: Breaker, time: FakeTime) -> None:
    await fail_for(breaker, time, DOWN, 4)
    await meets(breaker, None)
    await fail_for(breaker, time, DOWN, 4)
    assert not await is_open(breaker)


async def test_short_pauses_double_until_an_answer_comes(time: FakeTime) -> None:
    breaker = Breaker(time)
    await fail_for(breaker, time, DOWN, 5)
    lengths = []
    for _ in range(7):
        pause = breaker.pause("target")
        assert pause is not None
        time.seconds = (pause.until - NOON).total_seconds()
        await meets(breaker, DOWN)
        later = breaker.pause("target")
        assert later is not None
        lengths.append((later.until - time.now()).total_seconds())
    assert lengths == [60, 120, 240, 480, 900, 900, 900]


async def test_a_short_pause_is_not_written_down(
    breaker: Breaker, time: FakeTime, pauses: FakePauses
) -> None:
    await fail_for(breaker, time, DOWN, 5)
    assert pauses.kept == {}


async def test_another_address_starts_without_the_old_ones_failures(breaker: Breaker, time: FakeTime) -> None:
    await fail_for(breaker, time, DOWN, 5)
    breaker.moved("target")
    assert not await is_open(breaker)
    await fail_for(breaker, time, DOWN, 4)
    assert not await is_open(breaker)


async def test_what_the_old_address_still_fails_at_says_nothing_of_the_new_one(
    breaker: Breaker, time: FakeTime
) -> None:
    await fail_for(breaker, time, DOWN, 5)
    time.seconds += 30
    asked = await admit(breaker)  # the one request that decides whether the pause is over
    time.seconds += 1
    breaker.moved("target")
    await breaker.failed(asked, DOWN)
    assert not await is_open(breaker)


async def test_another_address_does_not_end_a_challenge(breaker: Breaker) -> None:
    await meets(breaker, CHALLENGE)
    breaker.moved("target")
    assert await is_open(breaker)


async def test_how_much_is_borne_is_a_setting(time: FakeTime) -> None:
    breaker = Breaker(time, patience=Patience(failures=2, failing_s=0.0, failure_pause_s=5.0))
    await meets(breaker, DOWN)
    await meets(breaker, DOWN)
    assert breaker.ends() == {"target": NOON + timedelta(seconds=5)}


async def test_one_warning_for_a_pause_and_one_line_for_its_end(breaker: Breaker, time: FakeTime) -> None:
    with capture_logs() as lines:
        await meets(breaker, CHALLENGE)
        for _ in range(5):
            assert await is_open(breaker)
        time.seconds += 16 * MINUTE
        await meets(breaker, None)
        await meets(breaker, None)
    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("warning", "retailer_paused"),
        ("info", "retailer_resumed"),
    ]
    facts = {name: lines[0][name] for name in ("retailer", "reason", "pause_s", "strikes")}
    assert facts == {"retailer": "target", "reason": "HTTP 435", "pause_s": 900, "strikes": 1}


async def test_a_challenge_while_the_pauses_are_being_read_is_not_forgotten(time: FakeTime) -> None:
    class Slow(FakePauses):
        async def load(self, now: datetime) -> list[Pause]:
            known = await super().load(now)
            reading.set()
            await go_on.wait()
            return known

    reading, go_on = asyncio.Event(), asyncio.Event()
    go_on.set()
    breaker = Breaker(time, Slow())
    admission = await admit(breaker)
    time.seconds += 11
    reading.clear()
    go_on.clear()
    asking = asyncio.ensure_future(admit(breaker))  # reads the pauses again
    await reading.wait()
    challenged = asyncio.ensure_future(breaker.failed(admission, CHALLENGE))
    go_on.set()
    await asyncio.gather(asking, challenged, return_exceptions=True)
    assert await is_open(breaker)
