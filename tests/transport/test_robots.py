"""Obeying robots.txt."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from structlog.testing import capture_logs
from tests.transport.conftest import Fetchers, get, while_time_passes
from tests.transport.fake_time import FakeTime
from tests.transport.raw_server import RawServer, Reply, answer, drop, raw_server

from shopwatch.domain.errors import Blocked, ClosedByRobots, ErrorClass, Unreachable
from shopwatch.transport.client import Client
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

CLOSED_API = b"User-agent: *\nDisallow: /api/\nAllow: /api/open\n"


@pytest.fixture
def crawl(server: RawServer, fetcher: Fetchers) -> Fetchers:
    for path in ("/store/1", "/api/stores", "/api/open"):
        server.on(path, answer(200, b"here"))

    def make(**terms: object) -> object:
        return fetcher(**{"obey_robots": True, **terms})

    return make  # type: ignore[return-value]


async def test_what_is_closed_is_not_asked_for(server: RawServer, crawl: Fetchers) -> None:
    server.on("/robots.txt", answer(200, CLOSED_API))
    await crawl().fetch(get(server.url("/store/1")))
    await crawl().fetch(get(server.url("/api/open")))
    with pytest.raises(ClosedByRobots) as closed:
        await crawl().fetch(get(server.url("/api/stores")))
    assert closed.value.error_class == ErrorClass.ROBOTS
    assert server.paths() == ["/robots.txt", "/store/1", "/api/open"]


async def test_a_byte_order_mark_opens_nothing(server: RawServer, crawl: Fetchers) -> None:
    server.on("/robots.txt", answer(200, b"\xef\xbb\xbf" + CLOSED_API))
    with pytest.raises(ClosedByRobots):
        await crawl().fetch(get(server.url("/api/stores")))


async def test_of_rules_too_long_to_read_no_half_line_counts(server: RawServer, crawl: Fetchers) -> None:
    rule = b"Disallow: /private"
    head = CLOSED_API + b"#" * (512_000 - len(CLOSED_API) - 1 - len("Disallow: /")) + b"\n"
    server.on("/robots.txt", answer(200, head + rule))
    assert (await crawl().fetch(get(server.url("/store/1")))).body == b"here"


async def test_a_group_of_our_own_name_counts(server: RawServer, crawl: Fetchers) -> None:
    server.on("/robots.txt", answer(200, b"User-agent: shopwatch\nDisallow: /\n\nUser-agent: *\nAllow: /\n"))
    with pytest.raises(ClosedByRobots):
        await crawl().fetch(get(server.url("/store/1")))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_no_robots_txt_means_open(server: RawServer, crawl: Fetchers, status: int) -> None:
    server.on("/robots.txt", answer(status, b"Disallow: /"))
    assert (await crawl().fetch(get(server.url("/store/1")))).body == b"here"


@pytest.mark.parametrize(
    ("reply", "error_class"),
    [
        (answer(500, b""), ErrorClass.SERVER),
        (answer(503, b""), ErrorClass.SERVER),
        (answer(429, b""), ErrorClass.BLOCKED),
        (drop, ErrorClass.CUT),
    ],
)
async def test_an_unreadable_robots_txt_means_closed_for_now(
    server: RawServer, crawl: Fetchers, reply: Reply, error_class: ErrorClass
) -> None:
    server.on("/robots.txt", reply)
    for _ in range(3):
        with pytest.raises(Unreachable) as error:
            await crawl().fetch(get(server.url("/store/1")))
        assert error.value.error_class == error_class
        assert error.value.retry_after_s == pytest.approx(10, abs=5)
    assert set(server.paths()) == {"/robots.txt"}
    assert len(server.seen) <= 2  # aiohttp asks again where a kept connection was dropped


async def test_it_is_asked_for_again_when_the_time_has_come(server: RawServer, time: FakeTime) -> None:
    server.on("/robots.txt", answer(500, b""), answer(200, CLOSED_API), answer(200, b""))
    server.on("/api/stores", answer(200, b""))
    async with Client(clock=time, timers=time) as client:
        crawl = client.fetcher(Policy(retailer="target", pace=Pace(concurrency=9)))
        with pytest.raises(Unreachable):
            await crawl.fetch(get(server.url("/api/stores")))
        time.seconds += 61
        for _ in range(3):
            with pytest.raises(ClosedByRobots):
                await crawl.fetch(get(server.url("/api/stores")))
            time.seconds += 3600
        time.seconds += 86_400
        await while_time_passes(time, crawl.fetch(get(server.url("/api/stores"))))
    assert server.paths() == ["/robots.txt"] * 3 + ["/api/stores"]


async def test_rules_once_read_stay_when_they_cannot_be_read_again(server: RawServer, time: FakeTime) -> None:
    server.on("/robots.txt", answer(200, CLOSED_API), answer(500, b""))
    server.on("/store/1", answer(200, b""))
    async with Client(clock=time, timers=time) as client:
        crawl = client.fetcher(Policy(retailer="target", pace=Pace(concurrency=9)))
        await crawl.fetch(get(server.url("/store/1")))
        time.seconds += 90_000
        with pytest.raises(ClosedByRobots):
            await crawl.fetch(get(server.url("/api/stores")))


async def test_many_at_once_read_it_once(server: RawServer, crawl: Fetchers) -> None:
    server.on("/robots.txt", answer(200, CLOSED_API))
    one = crawl()
    await asyncio.gather(*(one.fetch(get(server.url("/store/1"))) for _ in range(20)))
    assert server.paths().count("/robots.txt") == 1


async def test_every_host_has_its_own(server: RawServer, crawl: Fetchers) -> None:
    server.on("/robots.txt", answer(200, b""))
    async with raw_server() as other:
        other.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /"))
        server.on("/store/1", answer(302, b"", Location=other.url("/store/1")))
        with pytest.raises(ClosedByRobots):
            await crawl().fetch(get(server.url("/store/1")))
        assert other.paths() == ["/robots.txt"]


async def test_a_crawl_delay_raises_ours(server: RawServer, time: FakeTime) -> None:
    server.on("/robots.txt", answer(200, b"User-agent: *\nCrawl-delay: 10\n"))
    server.on("/store/1", answer(200, b""))
    async with Client(clock=time, timers=time, draw=lambda low, _: low) as client:
        crawl = client.fetcher(Policy(retailer="target", pace=Pace(min_delay_s=1, max_delay_s=2)))
        sent_at = []
        for _ in range(3):
            await while_time_passes(time, crawl.fetch(get(server.url("/store/1"))))
            sent_at.append(time.seconds)
        gaps = [round(after - before) for before, after in itertools.pairwise(sent_at)]
    assert gaps == [10, 10]


async def test_robots_txt_counts_in_the_budget(server: RawServer, crawl: Fetchers) -> None:
    server.on("/robots.txt", answer(200, b""))
    await crawl(pace=Pace(min_delay_s=0.05, max_delay_s=0.05)).fetch(get(server.url("/store/1")))
    assert server.seen[1].at_s - server.seen[0].at_s > 0.048


async def test_a_challenge_instead_of_robots_txt_is_a_challenge(server: RawServer, crawl: Fetchers) -> None:
    server.on("/robots.txt", answer(412, b"{}"))
    with pytest.raises(Blocked) as error:
        await crawl().fetch(get(server.url("/store/1")))
    assert error.value.challenge


async def test_not_asking_is_said_once(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/store/1", answer(200, b""))
    with capture_logs() as lines:
        for _ in range(3):
            await fetcher(obey_robots=False).fetch(get(server.url("/store/1")))
    assert [(line["event"], line["log_level"], line["retailer"]) for line in lines] == [
        ("robots_not_asked", "info", "target")
    ]
    assert server.paths() == ["/store/1"] * 3
