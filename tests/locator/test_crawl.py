"""A run from its seeds to its last page, on a site made of a dictionary."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fake_crawl import EAGER, SITE, Answer, Bench, a_chain, a_retailer, list_page, store_page
from tests.store_builders import a_store, as_known

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import (
    Blocked,
    ClosedByRobots,
    Conflict,
    ErrorClass,
    Gone,
    Invalid,
    LayoutChanged,
    Unreachable,
)
from shopwatch.domain.run import PhaseProgress, RunOptions, RunState
from shopwatch.domain.site import Site
from shopwatch.locator.crawl import seed_url
from shopwatch.locator.files import RunFiles
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.stopping import Stop

URL = "http://shop.test/store/2"
TIMED_OUT = Unreachable(URL, "no answer in 30 s", error_class=ErrorClass.TIME_OUT)


async def test_every_store_of_the_list_is_found_once() -> None:
    bench = Bench(a_chain(250))

    assert await bench.run() is RunState.COMPLETE
    assert bench.refs == {str(number) for number in range(1, 251)}
    assert set(bench.site.paths.values()) == {1}


async def test_four_phases_go_from_states_to_stores() -> None:
    pages: dict[str, Answer] = {"/stores/": list_page("/state/mn", "/state/ca")}
    for state in ("mn", "ca"):
        pages[f"/state/{state}"] = list_page(f"/city/{state}/1", f"/city/{state}/2")
        for city in (1, 2):
            pages[f"/city/{state}/{city}"] = list_page(f"/store/{state}{city}")
            pages[f"/store/{state}{city}"] = json.dumps({"stores": [{"ref": f"{state}{city}"}]})
    bench = Bench(pages, retailer=a_retailer("states", "cities", "urls", "extract", seeds=("/stores/",)))

    assert await bench.run() is RunState.COMPLETE
    assert bench.refs == {"mn1", "mn2", "ca1", "ca2"}
    assert await bench.memory.progress(bench.run_id) == tuple(
        PhaseProgress(name=name, total=total, completed=total)
        for name, total in (("states", 1), ("cities", 2), ("urls", 4), ("extract", 4))
    )


async def test_a_list_may_name_more_lists_of_its_own_phase() -> None:
    pages = {
        "/list": list_page("/list/a", "/list/b", phase="urls"),
        "/list/a": list_page("/store/1"),
        "/list/b": list_page("/store/2", "/store/1"),
        "/store/1": store_page(1),
        "/store/2": store_page(2),
    }
    bench = Bench(pages)

    assert await bench.run() is RunState.COMPLETE
    assert bench.refs == {"1", "2"}
    assert bench.site.paths["/store/1"] == 1


async def test_no_more_requests_than_workers_are_in_flight() -> None:
    bench = Bench(a_chain(100), policy=replace(EAGER, workers=3))
    await bench.run()

    assert bench.site.most_in_flight == 3


async def test_results_are_committed_in_small_batches() -> None:
    bench = Bench(a_chain(500), policy=replace(EAGER, batch_pages=20, workers=4))
    await bench.run()

    assert max(bench.memory.commits) <= 20 + 4
    assert sum(bench.memory.commits) == 501


async def test_what_is_uncommitted_stays_bounded_while_the_database_is_slow() -> None:
    """Else a kill would lose what piled up."""
    bench = Bench(a_chain(600), policy=replace(EAGER, batch_pages=20, workers=4))
    widest = 0

    async def slow() -> None:
        nonlocal widest
        for _ in range(200):
            await asyncio.sleep(0)
        widest = max(widest, len(bench.site.asked) - sum(bench.memory.commits))

    bench.memory.on_commit = slow
    await bench.run()

    assert 20 < widest <= 2 * (20 + 4) + 4


async def test_rows_read_before_a_commit_and_handed_out_after_it_are_not_fetched_again() -> None:
    """A database reads what was committed when it began to read."""
    bench = Bench(a_chain(2_000), policy=replace(EAGER, batch_pages=20))
    bench.memory.take_turns = 200

    assert await bench.run() is RunState.COMPLETE
    assert set(bench.site.paths.values()) == {1}


async def test_the_locator_s_headers_go_with_every_request() -> None:
    bench = Bench(a_chain(2), retailer=a_retailer(headers={"Accept-Language": "en-US"}))
    await bench.run()

    assert {request.headers["Accept-Language"] for request in bench.site.asked} == {"en-US"}


# --- what goes wrong with a page ---------------------------------------------------------------------------


async def test_a_page_that_could_not_be_had_is_tried_again() -> None:
    bench = Bench({**a_chain(3), "/store/2": [TIMED_OUT, TIMED_OUT, store_page(2)]})

    assert await bench.run() is RunState.COMPLETE
    assert bench.refs == {"1", "2", "3"}
    assert bench.site.paths["/store/2"] == 3
    assert (await bench.memory.get(bench.run_id)).errors_by_class == {"time_out": 2}


async def test_a_page_is_given_up_after_its_retries() -> None:
    bench = Bench({**a_chain(3), "/store/2": TIMED_OUT}, policy=replace(EAGER, max_retries=3))

    assert await bench.run() is RunState.COMPLETE
    assert bench.site.paths["/store/2"] == 4
    assert (await bench.memory.progress(bench.run_id))[1] == PhaseProgress(
        name="extract", total=3, completed=2, failed=1
    )


async def test_retries_wait_longer_each_time_or_as_long_as_the_site_asks() -> None:
    policy = CrawlPolicy(retry_s=2.0, max_retry_s=10.0)

    assert [policy.retry_after_s(attempts) for attempts in range(5)] == [2.0, 4.0, 8.0, 10.0, 10.0]
    asked = Unreachable(URL, "503", retry_after_s=0.05)
    bench = Bench({**a_chain(1), "/store/1": [asked, store_page(1)]}, policy=replace(EAGER, retry_s=600.0))
    assert await bench.run() is RunState.COMPLETE


@pytest.mark.parametrize(
    "error",
    [
        Gone(URL, "HTTP 404"),
        ClosedByRobots(URL, "robots.txt"),
        Unreachable(URL, "90 MB", error_class=ErrorClass.TOO_LARGE),
    ],
)
async def test_what_would_not_change_is_counted_and_not_tried_again(error: Unreachable) -> None:
    bench = Bench({**a_chain(3), "/store/2": error})

    assert await bench.run() is RunState.COMPLETE
    assert bench.site.paths["/store/2"] == 1
    assert (await bench.memory.get(bench.run_id)).errors_by_class == {str(error.error_class): 1}


async def test_a_page_that_cannot_be_read_is_tried_again_and_then_counted() -> None:
    bench = Bench({**a_chain(3), "/store/2": "{}"}, policy=replace(EAGER, max_unread_retries=2))

    assert await bench.run() is RunState.COMPLETE
    assert bench.site.paths["/store/2"] == 3
    assert (await bench.memory.get(bench.run_id)).errors_by_class == {"layout_changed": 3}


@pytest.mark.parametrize("body", ["", "[1]", '{"stores": [{"reff": 1}]}', '{"stores": 7}', "[" * 100_000])
async def test_a_strange_page_is_that_page_s_error_and_not_the_crawl_s(body: str) -> None:
    bench = Bench({**a_chain(3), "/store/2": body})

    assert await bench.run() is RunState.COMPLETE
    assert set((await bench.memory.get(bench.run_id)).errors_by_class) == {"layout_changed"}


async def test_a_soft_404_is_gone() -> None:
    bench = Bench({**a_chain(3), "/store/2": '{"gone": true}'})

    assert await bench.run() is RunState.COMPLETE
    assert (await bench.memory.get(bench.run_id)).errors_by_class == {"gone": 1}


async def test_a_bug_ends_the_crawl_and_is_not_hidden() -> None:
    async def broken(request: Request) -> Page:
        raise ZeroDivisionError

    bench = Bench({**a_chain(3), "/store/2": broken})

    with pytest.raises(ExceptionGroup) as raised:
        await bench.run()
    assert raised.group_contains(ZeroDivisionError)


# --- empty and broken sites --------------------------------------------------------------------------------


async def test_a_phase_that_finds_nothing_fails_the_run() -> None:
    bench = Bench({"/list": list_page()})

    assert await bench.run() is RunState.FAILED
    run = await bench.memory.get(bench.run_id)
    assert (run.state, run.message) == (RunState.FAILED, "layout changed: phase urls found nothing")


async def test_pages_without_a_store_fail_the_run() -> None:
    bench = Bench(
        {"/list": list_page("/store/1", "/store/2"), "/store/1": store_page(), "/store/2": store_page()}
    )

    assert await bench.run() is RunState.FAILED
    assert (await bench.memory.get(bench.run_id)).message == "layout changed: phase extract found nothing"


async def test_a_list_that_cannot_be_had_fails_the_run_with_its_reason() -> None:
    bench = Bench({"/list": TIMED_OUT})

    assert await bench.run() is RunState.FAILED
    assert (await bench.memory.get(bench.run_id)).message == "time out: 1 of 1 pages of phase urls failed"


async def test_more_failed_pages_than_good_ones_fail_the_run() -> None:
    failing = {f"/store/{number}": TIMED_OUT for number in range(1, 7)}
    bench = Bench({**a_chain(10), **failing}, policy=replace(EAGER, max_failures_in_row=100))

    assert await bench.run() is RunState.FAILED
    assert (await bench.memory.get(bench.run_id)).message == "time out: 6 of 10 pages of phase extract failed"


async def test_a_changed_layout_is_noticed_before_all_its_pages_are_fetched() -> None:
    bench = Bench({**a_chain(1000), **{f"/store/{number}": "{}" for number in range(1, 1001)}})

    assert await bench.run() is RunState.FAILED
    run = await bench.memory.get(bench.run_id)
    assert run.message.startswith("layout changed: ")
    assert len(bench.site.asked) < 100
    assert run.errors_by_class["layout_changed"] >= 20, "what was seen is told, too"


# --- refused -----------------------------------------------------------------------------------------------


async def test_a_refused_page_comes_again_after_the_pause() -> None:
    refused = Blocked(URL, "HTTP 429", status=429, retry_after_s=0.02)
    bench = Bench({**a_chain(5), "/store/2": [refused, store_page(2)]})

    assert await bench.run() is RunState.COMPLETE
    assert bench.refs == {"1", "2", "3", "4", "5"}
    assert bench.log.names("warning") == ["refused"]


async def test_everybody_waits_while_the_crawl_is_refused() -> None:
    refused = Blocked(URL, "HTTP 429", status=429, retry_after_s=0.2)
    bench = Bench({**a_chain(40), "/store/1": [refused, store_page(1)]}, policy=replace(EAGER, workers=1))
    asked_at: list[float] = []
    loop = asyncio.get_running_loop()
    bench.site.on_request = lambda request: asked_at.append(loop.time())
    await bench.run()

    assert asked_at[2] - asked_at[1] >= 0.19


async def test_a_site_that_goes_on_refusing_fails_the_run_by_name() -> None:
    wall = Blocked(URL, "a page for robots", status=403, challenge=True)
    bench = Bench({**a_chain(50), **{f"/store/{number}": wall for number in range(1, 51)}})

    assert await bench.run() is RunState.FAILED
    run = await bench.memory.get(bench.run_id)
    assert run.message == f"blocked: a page for robots at {URL} (still so after 4 pauses)"
    assert run.errors_by_class["blocked"] == len(bench.site.asked) - 1
    assert len(bench.site.asked) < 30


async def test_a_pause_too_long_to_wait_for_fails_the_run_and_says_when_to_come_back() -> None:
    paused = Blocked(URL, "target is paused until 18:00:00 UTC", retry_after_s=14_400.0)
    bench = Bench({"/list": paused})

    assert await bench.run() is RunState.FAILED
    message = (await bench.memory.get(bench.run_id)).message
    assert message.startswith("blocked: target is paused until 18:00:00 UTC")
    assert message.endswith("resume the run in 240 minutes")


async def test_a_pause_before_anything_was_sent_is_waited_for_and_counts_as_nothing() -> None:
    held = Blocked(URL, "one request is out to see whether it answers", retry_after_s=0.001)
    bench = Bench({**a_chain(3), "/store/2": [*[held] * 20, store_page(2)]})

    assert await bench.run() is RunState.COMPLETE
    run = await bench.memory.get(bench.run_id)
    assert (run.requests, run.errors) == (4, 0)


async def test_one_page_refused_for_ever_does_not_hold_the_others() -> None:
    refused = Blocked(URL, "HTTP 403", status=403, retry_after_s=0.0)
    bench = Bench({**a_chain(60), "/store/2": refused}, policy=replace(EAGER, batch_pages=2))

    assert await bench.run() in (RunState.COMPLETE, RunState.FAILED)
    assert len(bench.refs) == 59
    assert bench.site.paths["/store/2"] <= EAGER.max_retries + EAGER.max_pauses + 1


async def test_a_site_that_does_not_answer_pauses_the_crawl() -> None:
    async def down_for_a_while(request: Request) -> Page:
        if len(bench.site.asked) < 15:
            raise TIMED_OUT
        return bench.site.page(request, store_page(int(request.url.rsplit("/", 1)[-1])))

    pages: dict[str, Answer] = {f"/store/{number}": down_for_a_while for number in range(1, 21)}
    bench = Bench(
        {**a_chain(20), **pages}, policy=replace(EAGER, max_failures_in_row=5, max_retries=9, pause_s=0.001)
    )

    assert await bench.run() is RunState.COMPLETE
    assert len(bench.refs) == 20
    assert "site_unreachable" in bench.log.names("warning")


async def test_a_site_that_never_answers_fails_the_run_by_name() -> None:
    refused = Unreachable(URL, "connection refused", error_class=ErrorClass.REFUSED)
    bench = Bench({**a_chain(900), **{f"/store/{number}": refused for number in range(1, 901)}})

    assert await bench.run() is RunState.FAILED
    assert (await bench.memory.get(bench.run_id)).message.startswith("refused: connection refused")
    assert len(bench.site.asked) < 100


# --- stop, resume ------------------------------------------------------------------------------------------


async def test_a_stopped_run_goes_on_with_exactly_what_is_left() -> None:
    bench = Bench(a_chain(300))
    bench.site.on_request = lambda request: bench.stop.set() if len(bench.site.asked) == 120 else None
    assert await bench.run() is RunState.STOPPED
    first = len(bench.refs)

    bench.site.on_request = lambda request: None
    again = await bench.crawl().run(bench.run_id, asyncio.Event())

    assert 0 < first < 300
    assert again is RunState.COMPLETE
    assert len(bench.refs) == 300
    assert set(bench.site.paths.values()) == {1}, "nothing was fetched twice"


async def test_a_stop_lets_what_is_in_flight_come_home() -> None:
    bench = Bench(a_chain(50), policy=replace(EAGER, batch_s=30.0))
    bench.site.on_request = lambda request: bench.stop.set() if len(bench.site.asked) == 20 else None

    assert await bench.run() is RunState.STOPPED
    assert sum(bench.memory.commits) == len(bench.site.asked)


async def test_a_stop_does_not_wait_for_a_site_that_hangs() -> None:
    async def hanging(request: Request) -> Page:
        bench.stop.set()
        await asyncio.Event().wait()
        raise AssertionError

    bench = Bench({**a_chain(5), "/store/3": hanging}, policy=replace(EAGER, drain_s=0.01))

    assert await bench.run() is RunState.STOPPED
    assert "3" not in bench.refs


async def test_a_second_stop_does_not_wait_for_what_is_in_flight() -> None:
    async def hanging(request: Request) -> Page:
        stop.ask()
        asyncio.get_running_loop().call_later(0.05, stop.ask)
        await asyncio.Event().wait()
        raise AssertionError

    bench = Bench({**a_chain(5), "/store/3": hanging}, policy=replace(EAGER, drain_s=3600.0))
    stop = bench.stop = Stop()

    async with asyncio.timeout(30):
        assert await bench.run() is RunState.STOPPED
    assert "3" not in bench.refs


async def test_a_stop_ends_a_pause() -> None:
    refused = Blocked(URL, "HTTP 429", status=429, retry_after_s=900.0)
    bench = Bench({**a_chain(5), "/store/2": refused})
    asyncio.get_running_loop().call_later(0.05, bench.stop.set)

    assert await bench.run() is RunState.STOPPED


async def test_a_stop_ends_the_wait_for_a_retry() -> None:
    bench = Bench({"/list": TIMED_OUT}, policy=replace(EAGER, retry_s=900.0, max_retry_s=900.0))
    asyncio.get_running_loop().call_later(0.05, bench.stop.set)

    assert await bench.run() is RunState.STOPPED


async def test_a_run_whose_process_died_fetches_at_most_its_batch_again() -> None:
    bench = Bench(a_chain(300), policy=replace(EAGER, batch_pages=20))
    task = asyncio.create_task(bench.run())

    def kill(request: Request) -> None:
        if len(bench.site.asked) == 150:
            task.cancel()

    bench.site.on_request = kill
    with pytest.raises(asyncio.CancelledError):
        await task
    bench.site.on_request = lambda request: None
    await bench.memory.move(bench.run_id, [RunState.RUNNING], RunState.LOST, now=datetime.now(UTC))

    assert await bench.crawl().run(bench.run_id, asyncio.Event()) is RunState.COMPLETE
    assert len(bench.refs) == 300
    assert sum(bench.site.paths.values()) - 301 <= 2 * 20 + 4 + 4


async def test_a_failed_run_tries_its_failed_pages_again_when_resumed() -> None:
    failing = {f"/store/{number}": TIMED_OUT for number in range(1, 7)}
    bench = Bench({**a_chain(10), **failing}, policy=replace(EAGER, max_failures_in_row=100))
    assert await bench.run() is RunState.FAILED
    bench.site.pages.update(a_chain(10))

    assert await bench.crawl().run(bench.run_id, bench.stop) is RunState.COMPLETE
    assert len(bench.refs) == 10


async def test_only_failed_pages_are_fetched_when_they_are_retried() -> None:
    bench = Bench({**a_chain(10), "/store/2": TIMED_OUT, "/store/3": Gone(URL, "HTTP 404")})
    await bench.run()
    await bench.memory.move(bench.run_id, [RunState.RUNNING], RunState.COMPLETE, now=datetime.now(UTC))
    bench.site.pages.update(a_chain(10))
    bench.site.asked.clear()

    assert await bench.crawl().run(bench.run_id, bench.stop, retry_failed=True) is RunState.COMPLETE
    assert dict(bench.site.paths) == {"/store/2": 1}


async def test_a_run_cannot_be_crawled_twice_at_once() -> None:
    bench = Bench(a_chain(3))
    run_id = await bench.begin()
    await bench.memory.move(run_id, [RunState.PENDING], RunState.RUNNING, now=datetime.now(UTC))

    with pytest.raises(Conflict, match="is running: it cannot begin"):
        await bench.crawl().run(run_id, bench.stop)


# --- parts of a directory ----------------------------------------------------------------------------------


async def test_a_limit_bounds_pages_and_stores() -> None:
    bench = Bench(a_chain(100))

    assert await bench.run(RunOptions(limit=7)) is RunState.COMPLETE
    assert len(bench.refs) == 7
    assert len(bench.site.asked) == 8


async def test_a_limit_counts_stores_where_a_page_has_many() -> None:
    pages = {
        "/list": list_page("/store/a", "/store/b"),
        "/store/a": store_page(1, 2, 3),
        "/store/b": store_page(4, 5, 6),
    }
    bench = Bench(pages, policy=replace(EAGER, workers=1))

    await bench.run(RunOptions(limit=4))

    assert len(bench.refs) == 4


async def test_a_resumed_run_keeps_to_its_limit() -> None:
    bench = Bench(a_chain(100))
    bench.site.on_request = lambda request: bench.stop.set() if len(bench.site.asked) == 5 else None
    await bench.run(RunOptions(limit=20))
    bench.site.on_request = lambda request: None

    await bench.crawl().run(bench.run_id, asyncio.Event())

    assert len(bench.refs) == 20


async def test_a_test_run_fetches_a_few_pages_of_each_phase() -> None:
    bench = Bench(a_chain(100))

    assert await bench.run(RunOptions(test=True)) is RunState.COMPLETE
    assert len(bench.site.asked) == 1 + EAGER.test_pages


@pytest.mark.parametrize("options", [RunOptions(test=True), RunOptions(limit=3)])
async def test_a_few_pages_are_found_however_many_lists_lead_nowhere(options: RunOptions) -> None:
    """T-Mobile's first sitemaps name no store: a test of the whole way must get past them."""
    lists = {f"/list/{number}": list_page() for number in range(6)}
    last = {
        "/list/6": list_page("/store/1", "/store/2", "/store/3", "/store/4"),
        "/list/7": list_page("/store/5"),
    }
    pages = {"/list": list_page(*lists, *last, phase="urls"), **lists, **last}
    pages |= {f"/store/{number}": store_page(number) for number in range(1, 6)}
    bench = Bench(pages, policy=replace(EAGER, workers=1))

    assert await bench.run(options) is RunState.COMPLETE
    assert len(bench.refs) == 3
    assert "/list/7" not in bench.site.paths, "what is enough is enough"


# --- incremental -------------------------------------------------------------------------------------------


def known_before(bench: Bench, count: int, *, seen_at: datetime, etag: str | None = '"a"') -> None:
    """The last good set has the stores of these pages."""
    known = [a_store(number, url=f"{SITE.base_url}/store/{number}") for number in range(1, count + 1)]
    bench.memory.sets["target"] = {old.store.ref: old for old in as_known(known, seen_at)}
    for store in known:
        assert store.url is not None
        bench.memory.validators[store.url] = (etag, None, seen_at)


async def test_an_incremental_run_asks_whether_a_page_changed() -> None:
    async def unchanged(request: Request) -> Page:
        assert request.headers["If-None-Match"] == '"a"'
        return bench.site.page(request, "", not_modified=True)

    bench = Bench({**a_chain(2), "/store/1": unchanged})
    known_before(bench, 1, seen_at=datetime.now(UTC))

    assert await bench.run(RunOptions(incremental=True)) is RunState.COMPLETE
    assert bench.refs == {"1", "2"}
    assert "If-None-Match" not in bench.site.asked[0].headers, "a list is always read whole"


async def test_a_full_run_asks_for_whole_pages() -> None:
    bench = Bench(a_chain(1))
    known_before(bench, 1, seen_at=datetime.now(UTC))
    await bench.run()

    assert [dict(request.headers) for request in bench.site.asked] == [{}, {}]


async def test_a_page_the_list_calls_unchanged_is_not_fetched() -> None:
    now = datetime.now(UTC)
    bench = Bench({**a_chain(2), "/list": list_page("/store/1", "/store/2", lastmod="2020-01-01")})
    known_before(bench, 1, seen_at=now - timedelta(days=1))

    assert await bench.run(RunOptions(incremental=True)) is RunState.COMPLETE
    assert set(bench.site.paths) == {"/list", "/store/2"}
    assert bench.refs == {"1", "2"}


@pytest.mark.parametrize(
    ("lastmod", "seen_days_ago"),
    [("{now}", 1), ("2020-01-01", 45), ("no date", 1), ("9999-12-31", 1), ("", 1)],
)
async def test_a_page_that_changed_or_was_not_read_for_long_is_fetched(
    lastmod: str, seen_days_ago: int
) -> None:
    now = datetime.now(UTC)
    listed = list_page("/store/1", lastmod=lastmod.format(now=now.isoformat()))
    bench = Bench({**a_chain(1), "/list": listed})
    known_before(bench, 1, seen_at=now - timedelta(days=seen_days_ago), etag=None)

    await bench.run(RunOptions(incremental=True))

    assert bench.site.paths["/store/1"] == 1


async def test_a_second_try_asks_for_the_whole_page() -> None:
    bench = Bench({**a_chain(1), "/store/1": [TIMED_OUT, store_page(1)]})
    known_before(bench, 1, seen_at=datetime.now(UTC))

    await bench.run(RunOptions(incremental=True))

    assert [dict(request.headers) for request in bench.site.asked[1:]] == [{"If-None-Match": '"a"'}, {}]


# --- what is told ------------------------------------------------------------------------------------------


async def test_progress_is_told_while_the_run_goes_on(tmp_path: Path) -> None:
    bench = Bench(a_chain(200), policy=replace(EAGER, batch_pages=20))
    files = RunFiles(tmp_path, "target")
    await bench.crawl(files=files).run(await bench.begin(), bench.stop)

    told = [event.data for event in bench.events.events if event.kind == "run"]
    shares = [data["progress"] for data in told]
    assert shares == sorted(shares)  # type: ignore[type-var]
    assert len(set(shares)) > 3
    document = json.loads(files.document(bench.run_id).read_bytes())
    assert document["phases"]["extract"] == {
        "total": 200,
        "completed": 200,
        "status": "complete",
        "failed": 0,
    }


async def test_the_log_tells_the_way_of_a_run() -> None:
    bench = Bench({**a_chain(3), "/store/2": [TIMED_OUT, store_page(2)]})
    await bench.run()

    assert bench.log.names() == [
        "crawl_began",
        "phase_began",
        "phase_done",
        "phase_began",
        "page_failed",
        "phase_done",
        "crawl_ended",
    ]


def test_seeds_are_paths_of_the_site_or_whole_addresses() -> None:
    site = Site(base_url="http://shop.test", api_url="http://api.test:8804")

    assert seed_url("/stores/", site) == "http://shop.test/stores/"
    assert seed_url("{api_url}/v1/stores", site) == "http://api.test:8804/v1/stores"
    assert seed_url("https://elsewhere.test/a", site) == "https://elsewhere.test/a"
    for seed in ("{carts_url}/x", "{moon_url}/x", "stores/"):
        with pytest.raises(Invalid, match="the seed"):
            seed_url(seed, site)


def test_a_policy_without_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        CrawlPolicy(workers=0)


def test_layout_changed_is_what_a_strange_page_says() -> None:
    assert LayoutChanged(URL, "no stores").error_class == "layout_changed"
