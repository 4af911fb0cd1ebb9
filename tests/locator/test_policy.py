"""Patience in numbers: retries, pauses, and when the crawl gives up."""

from __future__ import annotations

import asyncio

import pytest
from tests.fake_crawl import RealClock

from shopwatch.domain.errors import Blocked, ErrorClass, Unreachable
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.rest import CrawlFailed, Rest, wait_for

URL = "https://www.example.com/a"
DOWN = Unreachable(URL, "connection refused", error_class=ErrorClass.REFUSED)


def blocked(**facts: object) -> Blocked:
    return Blocked(URL, "HTTP 403", **{"status": 403, **facts})  # type: ignore[arg-type]


class HandClock(RealClock):
    """Moves when the test says so."""

    at_s = 100.0

    def monotonic(self) -> float:
        return self.at_s


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def rest(clock: HandClock, **policy: object) -> Rest:
    return Rest(CrawlPolicy(**policy), clock)  # type: ignore[arg-type]


def test_pauses_double_up_to_the_longest() -> None:
    policy = CrawlPolicy(pause_s=30.0, max_pause_s=100.0)

    assert [policy.pause_after_s(pauses) for pauses in range(4)] == [30.0, 60.0, 100.0, 100.0]
    assert policy.pause_after_s(10_000) == 100.0


def test_a_refusal_pauses_everybody_once(clock: HandClock) -> None:
    pause = rest(clock, pause_s=30.0)

    assert pause.blocked(blocked()) == 30.0
    clock.at_s += 10
    assert pause.blocked(blocked()) == 20.0, "an answer to what was sent before the pause"
    assert pause.is_resting
    clock.at_s += 20
    assert not pause.is_resting
    assert pause.blocked(blocked()) == 60.0


def test_a_good_page_ends_the_count(clock: HandClock) -> None:
    pause = rest(clock, pause_s=30.0)
    pause.blocked(blocked())
    clock.at_s += 30
    pause.good()

    assert pause.blocked(blocked()) == 30.0


def test_the_site_s_own_wish_is_the_pause(clock: HandClock) -> None:
    assert rest(clock).blocked(blocked(retry_after_s=7.0)) == 7.0


def test_after_all_pauses_the_run_fails(clock: HandClock) -> None:
    pause = rest(clock, pause_s=1.0, max_pauses=2)
    for _ in range(2):
        clock.at_s += pause.blocked(blocked())

    with pytest.raises(CrawlFailed, match=r"blocked: HTTP 403 at .* \(still so after 2 pauses\)"):
        pause.blocked(blocked())


def test_a_pause_that_is_too_long_fails_the_run(clock: HandClock) -> None:
    with pytest.raises(CrawlFailed, match="resume the run in 61 minutes"):
        rest(clock, max_pause_s=1800.0).blocked(blocked(retry_after_s=3601.0))


def test_one_page_that_cannot_be_had_is_its_own_trouble_many_are_the_site_s(clock: HandClock) -> None:
    pause = rest(clock, max_failures_in_row=3, pause_s=30.0)

    assert [pause.unreachable(DOWN) for _ in range(3)] == [0.0, 0.0, 30.0]


def test_good_pages_between_keep_the_crawl_going(clock: HandClock) -> None:
    pause = rest(clock, max_failures_in_row=2)
    for _ in range(5):
        assert pause.unreachable(DOWN) == 0.0
        pause.good()


def test_what_was_never_sent_is_waited_for_and_not_counted(clock: HandClock) -> None:
    pause = rest(clock, max_pauses=1)
    for _ in range(10):
        assert pause.held(Blocked(URL, "paused", retry_after_s=5.0))
        clock.at_s += 5

    assert not pause.held(blocked(retry_after_s=5.0))
    assert not pause.held(Blocked(URL, "a page for robots", challenge=True, retry_after_s=5.0))


async def test_a_wait_ends_with_its_time_or_with_the_stop() -> None:
    stop = asyncio.Event()
    await wait_for(stop, 0.01)
    assert not stop.is_set()
    stop.set()
    await wait_for(stop, 600.0)
