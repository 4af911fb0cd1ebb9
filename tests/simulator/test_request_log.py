"""The request log tells a test how often, how closely and how politely each client came."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.simulator_fixture import Simulator, hung_up

from shopwatch.simulator import request_log
from shopwatch.simulator.request_log import RequestLog, Seen
from shopwatch.simulator.robots import Robots


def logged(times: list[float], *, robots: str = "", path: str = "/a", status: int = 200) -> RequestLog:
    log = RequestLog()
    log.obey("att", robots)
    for at in times:
        client = log.start("att", "crawler/1", "127.0.0.1", path, at=at)
        log.end(client, Seen(at, "att", "crawler/1", "GET", path, "", status, None))
    return log


def only_client(log: RequestLog) -> dict[str, object]:
    (client,) = log.report()["clients"]
    return client  # type: ignore[no-any-return]


def test_spacing_is_told_as_least_median_and_95th_percentile() -> None:
    times = [float(n) for n in range(100)] + [99.5]
    gaps = only_client(logged(times))["gap_ms"]
    assert gaps == {"min": 500.0, "median": 1000.0, "p95": 1000.0, "max": 1000.0}


def test_one_request_has_no_spacing() -> None:
    assert only_client(logged([1.0]))["gap_ms"] is None


def test_a_crawl_delay_is_broken_by_each_gap_that_is_too_short() -> None:
    robots = "User-agent: *\nCrawl-delay: 1\n"
    assert only_client(logged([0, 1.0, 1.5, 2.5, 2.6], robots=robots))["crawl_delay_breaches"] == 2


def test_a_forbidden_path_is_counted_and_shown() -> None:
    client = only_client(logged([0, 5], robots="User-agent: *\nDisallow: /a\n"))
    assert client["robots_breaches"] == 2
    assert client["robots_examples"] == ["/a", "/a"]


def test_coming_back_before_retry_after_is_a_breach() -> None:
    log = RequestLog()
    log.obey("att", "")
    client = log.start("att", "c", "h", "/", at=10.0)
    log.end(client, Seen(10.0, "att", "c", "GET", "/", "", 429, None), retry_after=5, now=10.1)
    for at in (12.0, 15.2):
        log.end(log.start("att", "c", "h", "/", at=at), Seen(at, "att", "c", "GET", "/", "", 200, None))
    assert only_client(log)["retry_after_breaches"] == 1


def test_its_memory_is_bounded() -> None:
    log = RequestLog()
    log.obey("att", "User-agent: *\nDisallow: /\n")
    for n in range(request_log.PATHS + 1000):
        client = log.start("att", "c", "h", f"/{n}", at=float(n))
        log.end(client, Seen(float(n), "att", "c", "GET", f"/{n}", "", 200, None))
    for n in range(request_log.CLIENTS + 10):
        log.end(log.start("att", f"c{n}", "h", "/", at=0.0), Seen(0.0, "att", "c", "GET", "/", "", 200, None))
    report = log.report(recent=10**9)
    assert len(report["clients"]) <= request_log.CLIENTS
    assert len(report["recent"]) == request_log.RECENT


def test_paths_beyond_the_bound_are_counted_together() -> None:
    log = RequestLog()
    log.obey("att", "")
    for n in range(request_log.PATHS + 7):
        client = log.start("att", "c", "h", f"/{n}", at=float(n))
        log.end(client, Seen(float(n), "att", "c", "GET", f"/{n}", "", 200, None))
    assert log.report(path="(other)")["total"] == 7
    assert log.report()["total"] == request_log.PATHS + 7


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/private", False),
        ("/private/open", True),
        ("/file.pdf", False),
        ("/file.pdf?x", True),
        ("/s?term=x", False),
        ("/robots.txt", True),
    ],
)
def test_robots_are_read_as_rfc_9309_says(path: str, allowed: bool) -> None:
    text = """
    User-agent: other
    Disallow: /

    User-agent: one
    User-agent: *   # both
    Disallow: /private
    Allow: /private/open
    Disallow: /*.pdf$
    Disallow: /s?
    Disallow:
    """
    assert Robots(text).allows("crawler/1", path) is allowed


def test_a_group_of_its_own_goes_before_the_one_for_all() -> None:
    robots = Robots("User-agent: *\nDisallow: /\n\nUser-agent: crawler\nCrawl-delay: 2\nCrawl-delay: x\n")
    assert robots.allows("Mozilla (crawler/1)", "/a")
    assert not robots.allows("other", "/a")
    assert robots.crawl_delay("crawler") == 2.0
    assert robots.crawl_delay("other") is None


async def test_counts_by_path_status_and_client_over_a_socket(simulator: Simulator) -> None:
    for _ in range(3):
        await simulator.get("target-api:/captcha", headers={"user-agent": "one/1"})
    await simulator.get("target-api:/nothing", headers={"user-agent": "two/1"})
    report = (await simulator.get("control:/requests?site=target-api&client=one&recent=2")).json
    (client,) = report["clients"]
    assert client["paths"] == {"/captcha": {"200": 3}}
    assert client["robots_breaches"] == 3
    assert client["crawl_delay_breaches"] == 2
    assert [seen["path"] for seen in report["recent"]] == ["/captcha", "/captcha"]
    assert (await simulator.get("control:/requests?status=404")).json["total"] == 1
    assert (await simulator.get("control:/requests?path=/not*")).json["total"] == 1
    assert (await simulator.get("control:/requests?site=att")).json == {
        "total": 0,
        "clients": [],
        "recent": [],
    }


async def test_concurrency_is_the_most_at_once(simulator: Simulator) -> None:
    await simulator.fault("slow", site="att", delay_ms=800)
    await asyncio.gather(*(simulator.get("att:/nothing") for _ in range(7)))
    (client,) = (await simulator.get("control:/requests?site=att")).json["clients"]
    assert client["max_concurrency"] == 7
    assert client["in_flight"] == 0


async def test_a_client_that_left_is_not_in_flight_for_ever(simulator: Simulator) -> None:
    await simulator.get("att:/before")  # a client is told of once one of its requests has ended
    await simulator.fault("hang", site="att")

    async def in_flight() -> int:
        (client,) = (await simulator.tell("GET", "/requests?site=att"))["clients"]
        return int(client["in_flight"])

    await hung_up(simulator.get("att:/nothing"), in_flight)
    async with asyncio.timeout(60):
        while await in_flight():
            pass
    (client,) = (await simulator.tell("GET", "/requests?site=att"))["clients"]
    assert client["statuses"] == {"404": 1, "0": 1}


async def test_forgetting_starts_anew(simulator: Simulator) -> None:
    await simulator.get("att:/nothing")
    await simulator.tell("DELETE", "/requests")
    assert (await simulator.tell("GET", "/requests"))["total"] == 0


def test_a_request_costs_a_few_microseconds() -> None:
    log = RequestLog()
    log.obey("target-api", "User-agent: *\nCrawl-delay: 1\nDisallow: /\n")
    started = time.process_time()
    for n in range(20_000):
        client = log.start("target-api", "c", "h", "/x?tcins=1", at=float(n))
        log.end(client, Seen(float(n), "target-api", "c", "GET", "/x", "tcins=1", 200, None))
    assert (time.process_time() - started) / 20_000 < 50e-6
