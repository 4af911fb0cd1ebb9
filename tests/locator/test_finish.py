"""From the last page to the last good set: published, held, accepted, exported; on the real storage."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fake_crawl import Answer, a_chain, list_page, store_page
from tests.locator.conftest import Keeper
from tests.store_builders import stores

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Conflict, ErrorClass, NotFound, Unreachable
from shopwatch.domain.run import RunOptions, RunState
from shopwatch.locator.service import open_run
from shopwatch.storage.retention import RUNS_IN_FULL, Retention, prune

TIMED_OUT = Unreachable("http://shop.test/store/2", "no answer", error_class=ErrorClass.TIME_OUT)


def chain(count: int, **facts: Any) -> dict[str, Answer]:
    """Stores whose pages all give these facts."""
    pages: dict[str, Answer] = {f"/store/{n}": store_page(n, **facts) for n in range(1, count + 1)}
    return {"/list": list_page(*pages), **pages}


def exported(keeper: Keeper) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(keeper.files.output("json").read_bytes())
    return found


async def test_a_good_run_becomes_the_last_good_set(keeper: Keeper) -> None:
    run = await keeper.crawl(a_chain(60))

    assert (run.state, run.stores, run.published_at is not None) == (RunState.COMPLETE, 60, True)
    assert len(await keeper.refs()) == 60
    assert exported(keeper)["run_id"] == run.run_id
    assert len(exported(keeper)["stores"]) == 60
    document = json.loads(keeper.files.document(run.run_id).read_bytes())
    assert (document["status"], document["progress"]) == ("complete", 100.0)


async def test_a_second_run_tells_what_changed(keeper: Keeper) -> None:
    await keeper.crawl(chain(60, phone="+12185550000"))
    await keeper.crawl({**chain(61, phone="+12185550000"), "/store/7": store_page(7, phone="+12185559999")})

    assert set(await keeper.changes()) == {("61", "opened"), ("7", "phone")}


async def test_a_run_that_lost_stores_is_held_and_the_good_set_stays(keeper: Keeper) -> None:
    good = await keeper.crawl(a_chain(100))
    held = await keeper.crawl(a_chain(90))

    assert (held.state, held.gate_reasons) == (
        RunState.HELD,
        ("10 of 100 stores are missing (10.0 %, allowed 2.0 %)",),
    )
    assert len(await keeper.refs()) == 100
    assert exported(keeper)["run_id"] == good.run_id
    assert await keeper.changes() == []
    document = json.loads(keeper.files.document(held.run_id).read_bytes())
    assert (document["status"], document["gate_reasons"]) == ("held", list(held.gate_reasons))


async def test_a_run_that_lost_a_field_is_held(keeper: Keeper) -> None:
    await keeper.crawl(chain(50, phone="+12185550000"))
    held = await keeper.crawl(chain(50))

    assert held.gate_reasons == ("phone is missing for every store (was 100 %)",)


async def test_a_page_tried_three_times_is_one_page_that_cannot_be_read(keeper: Keeper) -> None:
    lost: dict[str, Answer] = {f"/store/{n}": TIMED_OUT for n in (50, 100, 150)}
    run = await keeper.crawl({**a_chain(200), "/store/1": "strange", **lost})

    assert run.errors_by_class["layout_changed"] == 3
    assert (run.state, run.gate_reasons) == (RunState.COMPLETE, ())


async def test_a_held_run_can_be_accepted_by_a_person(keeper: Keeper) -> None:
    await keeper.crawl(a_chain(100))
    held = await keeper.crawl(a_chain(90))

    await keeper.finish().accept(held.run_id)

    run = await keeper.runs.get(held.run_id)
    assert run.state is RunState.COMPLETE
    assert exported(keeper)["run_id"] == held.run_id
    assert len(await keeper.refs()) == 100, (
        "those it missed are closed only when the next run misses them too"
    )
    await keeper.crawl(a_chain(90))
    assert len(await keeper.refs()) == 90
    assert {kind for _, kind in await keeper.changes()} == {"closed"}


async def test_only_a_held_run_can_be_accepted(keeper: Keeper) -> None:
    run = await keeper.crawl(a_chain(10))

    with pytest.raises(Conflict, match="only a held run can be accepted"):
        await keeper.finish().accept(run.run_id)
    with pytest.raises(NotFound):
        await keeper.finish().accept("target_20200101_000000")


async def test_a_held_run_whose_stores_were_forgotten_meanwhile_cannot_be_accepted(keeper: Keeper) -> None:
    good = await keeper.crawl(a_chain(20))
    held = await keeper.crawl(a_chain(10))
    for _ in range(RUNS_IN_FULL):
        await keeper.crawl(a_chain(10))
    await prune(keeper.database, Retention(), datetime.now(UTC))

    with pytest.raises(Conflict, match=r"of the 10 stores of .* 0 are still kept: crawl .* again"):
        await keeper.finish().accept(held.run_id)
    assert exported(keeper)["run_id"] == good.run_id


async def test_a_held_run_cannot_be_accepted_over_a_later_one(keeper: Keeper) -> None:
    await keeper.crawl(a_chain(100))
    held = await keeper.crawl(a_chain(90))
    later = await keeper.crawl(a_chain(100))

    with pytest.raises(Conflict, match=f"a later run has been published: {later.run_id}"):
        await keeper.finish().accept(held.run_id)


async def test_of_two_held_runs_the_later_one_can_be_accepted_after_the_first(keeper: Keeper) -> None:
    await keeper.crawl(a_chain(10))
    first, second = await keeper.crawl(a_chain(5)), await keeper.crawl(a_chain(4))
    await keeper.finish().accept(first.run_id)
    await keeper.finish().accept(second.run_id)
    assert exported(keeper)["run_id"] == second.run_id


async def test_a_held_run_can_be_accepted_when_the_clock_was_set_back_before_it(keeper: Keeper) -> None:
    await keeper.crawl(a_chain(10))
    real = keeper.clock.now
    keeper.clock.now = lambda: real() - timedelta(hours=1)  # type: ignore[method-assign]
    held = await keeper.crawl(a_chain(5))
    await keeper.finish().accept(held.run_id)
    assert exported(keeper)["run_id"] == held.run_id


async def test_a_limited_run_is_held(keeper: Keeper) -> None:
    held = await keeper.crawl(a_chain(50), limit=5)

    assert held.state is RunState.HELD
    assert await keeper.refs() == set()
    assert not keeper.files.output("csv").exists()


async def test_a_test_run_publishes_nothing_and_says_so(keeper: Keeper) -> None:
    run = await keeper.crawl(a_chain(50), test=True)

    assert (run.state, run.message) == (RunState.COMPLETE, "a test run: nothing is published")
    assert await keeper.refs() == set()


async def test_a_failed_run_leaves_the_good_set(keeper: Keeper) -> None:
    await keeper.crawl(a_chain(20))
    failed = await keeper.crawl({"/list": list_page()})

    assert (failed.state, failed.message) == (RunState.FAILED, "layout changed: phase urls found nothing")
    assert len(await keeper.refs()) == 20


async def test_a_run_killed_before_its_publication_is_finished_by_a_resume(keeper: Keeper) -> None:
    keeper.site.pages = dict(a_chain(30))
    run = await open_run(keeper.runs, "target", RunOptions(), clock=keeper.clock)
    await keeper.service()._crawl.run(run.run_id, keeper.stop)  # and here the power goes
    await keeper.lose(run)
    keeper.site.asked.clear()

    resumed = await keeper.crawl(a_chain(30), resume=True)

    assert (resumed.run_id, resumed.state) == (run.run_id, RunState.COMPLETE)
    assert not keeper.site.asked
    assert len(await keeper.refs()) == 30


async def test_files_that_a_dead_process_did_not_write_are_made_up_for(keeper: Keeper) -> None:
    run = await keeper.crawl(a_chain(30))
    keeper.files.output("json").unlink()
    keeper.files.document(run.run_id).unlink()

    await keeper.finish().catch_up("target")

    assert exported(keeper)["run_id"] == run.run_id
    assert json.loads(keeper.files.document(run.run_id).read_bytes())["status"] == "complete"


async def test_an_imported_set_is_exported_though_no_run_found_it(keeper: Keeper) -> None:
    await keeper.stores.import_baseline("target", stores(3), datetime.now(UTC))
    await keeper.finish().catch_up("target")

    assert len(exported(keeper)["stores"]) == 3


async def test_files_in_line_with_the_database_are_left_alone(keeper: Keeper) -> None:
    await keeper.crawl(a_chain(5))
    before = keeper.files.output("json").stat().st_mtime_ns
    await keeper.finish().catch_up("target")
    await keeper.finish().catch_up("walmart")

    assert keeper.files.output("json").stat().st_mtime_ns == before


async def test_resume_without_anything_to_resume_begins_anew(keeper: Keeper) -> None:
    first = await keeper.crawl(a_chain(5), resume=True)
    second = await keeper.crawl(a_chain(5), resume=True)

    assert first.run_id != second.run_id


async def test_two_runs_of_a_retailer_cannot_be_under_way(keeper: Keeper) -> None:
    await open_run(keeper.runs, "target", RunOptions(), clock=keeper.clock)

    with pytest.raises(Conflict, match="under way"):
        await open_run(keeper.runs, "target", RunOptions(), clock=keeper.clock)


async def test_the_failed_pages_of_a_published_run_are_fetched_again_and_published(keeper: Keeper) -> None:
    first = await keeper.crawl({**a_chain(60), "/store/2": TIMED_OUT})
    keeper.site.asked.clear()
    again = await keeper.crawl(a_chain(60), retry_failed=True)

    assert (again.run_id, again.state) == (first.run_id, RunState.COMPLETE)
    assert dict(keeper.site.paths) == {"/store/2": 1}
    assert len(await keeper.refs()) == 60
    assert await keeper.changes() == [("2", "opened")]


async def test_fetching_failed_pages_again_is_no_second_witness_against_a_store(keeper: Keeper) -> None:
    await keeper.crawl(a_chain(100))
    one_missing = {**a_chain(100), "/list": list_page(*(f"/store/{n}" for n in range(1, 100)))}
    await keeper.crawl({**one_missing, "/store/2": TIMED_OUT})
    await keeper.crawl(one_missing, retry_failed=True)

    assert await keeper.changes() == []
    assert len(await keeper.refs()) == 100


async def test_an_incremental_run_takes_over_what_did_not_change(keeper: Keeper) -> None:
    keeper.site.headers = {"etag": '"1"'}
    await keeper.crawl(a_chain(40))

    async def unchanged(request: Request) -> Page:
        assert request.headers["If-None-Match"] == '"1"'
        return keeper.site.page(request, "", not_modified=True)

    pages: dict[str, Answer] = {**a_chain(41), **{f"/store/{n}": unchanged for n in range(1, 40)}}
    run = await keeper.crawl({**pages, "/store/40": store_page(40, phone="+12185550000")}, incremental=True)

    assert (run.state, run.stores) == (RunState.COMPLETE, 41)
    assert await keeper.changes() == [("41", "opened")]


async def test_an_incremental_run_fetches_only_what_the_list_calls_changed(keeper: Keeper) -> None:
    await keeper.crawl(a_chain(40))
    keeper.site.asked.clear()
    listed = list_page(*(f"/store/{n}" for n in range(1, 41)), lastmod="2020-01-01")

    run = await keeper.crawl({**a_chain(40), "/list": listed}, incremental=True)

    assert dict(keeper.site.paths) == {"/list": 1}
    assert (run.state, run.stores) == (RunState.COMPLETE, 40)


async def test_a_bug_fails_the_run_and_is_raised(keeper: Keeper) -> None:
    async def broken(request: Request) -> Page:
        raise ZeroDivisionError("oh")

    with pytest.raises(ExceptionGroup):
        await keeper.crawl({**a_chain(3), "/store/2": broken})

    [run] = await keeper.runs.list("target")
    assert run.state is RunState.FAILED
    assert "ZeroDivisionError" in run.message
    assert "run_broke" in keeper.log.names("error")


async def test_a_run_of_somebody_else_is_left_alone(keeper: Keeper) -> None:
    run = await open_run(keeper.runs, "target", RunOptions(), clock=keeper.clock)
    await keeper.runs.move(run.run_id, [RunState.PENDING], RunState.RUNNING, now=datetime.now(UTC))

    with pytest.raises(Conflict):
        await keeper.service().run(run.run_id, keeper.stop)

    assert (await keeper.runs.get(run.run_id)).state is RunState.RUNNING


async def test_a_stopped_run_is_not_finished(keeper: Keeper) -> None:
    keeper.site.on_request = lambda request: keeper.stop.set() if len(keeper.site.asked) == 50 else None
    run = await keeper.crawl(a_chain(200))
    keeper.stop = asyncio.Event()

    assert (run.state, await keeper.refs()) == (RunState.STOPPED, set())
    resumed = await keeper.crawl(a_chain(200), resume=True)
    assert (resumed.state, len(await keeper.refs())) == (RunState.COMPLETE, 200)
    assert set(keeper.site.paths.values()) == {1}


async def test_holiday_hours_are_noted_and_not_published(keeper: Keeper) -> None:
    await keeper.crawl(chain(20, hours="Mo-Su 08:00-22:00"))
    run = await keeper.crawl(chain(20, hours="Mo-Su 07:00-24:00"))

    assert run.message.startswith("20 of 20 stores show other hours at once: holiday timetable?")
    assert {store["hours"] for store in exported(keeper)["stores"]} == {"Mo-Su 08:00-22:00"}
    assert await keeper.changes() == []

    await keeper.crawl(chain(20, hours="Mo-Su 07:00-24:00"))
    assert {kind for _, kind in await keeper.changes()} == {"hours"}


async def test_every_end_is_told_as_an_event(keeper: Keeper) -> None:
    run = await keeper.crawl(a_chain(5))
    told = [event.data for event in await keeper.events.after(0) if event.kind == "run"]

    assert told[-1]["run_id"] == run.run_id
    assert told[-1]["status"] == "complete"
