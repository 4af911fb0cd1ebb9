"""The frontier: a request is done exactly when its stores, its new requests and its counts are."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa
from tests.storage_builders import NOON, failure, minutes, page, recounted, store

from shopwatch.domain.crawling import Request
from shopwatch.domain.errors import ErrorClass
from shopwatch.domain.run import PhaseProgress, RunOptions, RunState
from shopwatch.domain.store import Store
from shopwatch.ports import Fetched, FrontierRow
from shopwatch.storage.database import Database
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.runs import SqlRuns


class Crawl:
    """A run under way, in the few words a test needs."""

    def __init__(self, database: Database, run_id: str) -> None:
        self.run_id = run_id
        self._database = database
        self.frontier = SqlFrontier(database)
        self.runs = SqlRuns(database)

    async def add(self, *requests: Request) -> int:
        return await self.frontier.add(self.run_id, requests)

    async def take(
        self, limit: int = 100, *, now: datetime = NOON, phase: str = "extract"
    ) -> list[FrontierRow]:
        return await self.frontier.take(self.run_id, phase, limit, now)

    async def commit(self, *batch: Fetched) -> None:
        await self.frontier.commit(self.run_id, batch)

    async def recounted(self) -> tuple[PhaseProgress, ...]:
        return await recounted(self._database, self.run_id)

    async def stores(self) -> list[Store]:
        return [one async for one in self.runs.stores(self.run_id)]


async def begin(database: Database, *, at: datetime = NOON, incremental: bool = False) -> Crawl:
    runs = SqlRuns(database)
    run = await runs.create("att", RunOptions(incremental=incremental), at)
    assert await runs.move(run.run_id, [RunState.PENDING], RunState.RUNNING, now=at)
    return Crawl(database, run.run_id)


@pytest.fixture
async def crawl(database: Database) -> Crawl:
    return await begin(database)


def urls(rows: Iterable[FrontierRow]) -> list[str]:
    return [row.request.url.rpartition("/")[2] for row in rows]


def done(row: FrontierRow, *stores: Store, requests: Sequence[Request] = ()) -> Fetched:
    return Fetched(row=row, stores=stores, requests=tuple(requests))


async def test_a_request_comes_back_as_it_was_added(crawl: Crawl) -> None:
    request = Request(
        url="https://att.test/find?q=Käse",
        phase="extract",
        method="POST",
        headers={"accept": "application/json"},
        body='{"zip": "60606"}',
        meta={"state": "IL"},
        accept=frozenset({404, 410}),
    )
    await crawl.add(request)
    (row,) = await crawl.take()
    assert (row.request, row.attempts, row.etag, row.seen_at) == (request, 0, None, None)


async def test_a_request_is_in_a_run_once(crawl: Crawl) -> None:
    assert await crawl.add(page("1"), page("2"), page("1")) == 2
    assert await crawl.add(page("2"), page("3")) == 1
    assert urls(await crawl.take()) == ["1", "2", "3"]
    assert await crawl.add() == 0


async def test_another_run_has_its_own_requests(database: Database, crawl: Crawl) -> None:
    other = await SqlRuns(database).create("verizon", RunOptions(), NOON)
    await crawl.add(page("1"))
    assert await SqlFrontier(database).add(other.run_id, [page("1")]) == 1


async def test_the_oldest_of_the_phase_are_taken_first_and_taking_marks_nothing(crawl: Crawl) -> None:
    await crawl.add(page("1"), page("other", phase="urls"), page("2"), page("3"))
    assert urls(await crawl.take(limit=2)) == ["1", "2"]
    assert urls(await crawl.take(limit=2)) == ["1", "2"]
    assert urls(await crawl.take(phase="urls")) == ["other"]


async def test_a_batch_commits_its_stores_requests_and_counts(crawl: Crawl) -> None:
    await crawl.add(page("1"), page("2"))
    first, second = await crawl.take()
    await crawl.commit(
        done(first, store("11", postcode="02134"), store("12"), requests=[page("3"), page("2")]),
        Fetched(row=second, error=failure("gone")),
    )
    run = await crawl.runs.get(crawl.run_id)
    assert [one.ref for one in await crawl.stores()] == ["11", "12"]
    assert (await crawl.stores())[0].postcode == "02134"
    assert urls(await crawl.take()) == ["3"]
    assert (run.stores, run.requests, run.errors) == (2, 2, 1)
    assert run.errors_by_class == {"gone": 1}
    assert run.last_errors == (failure("gone"),)
    assert run.phases == (PhaseProgress(name="extract", total=3, completed=1, failed=1),)


async def test_phases_are_told_in_the_order_in_which_they_began(crawl: Crawl) -> None:
    await crawl.add(page("a", phase="states"))
    (row,) = await crawl.take(phase="states")
    await crawl.commit(done(row, requests=[page("b", phase="cities"), page("c", phase="areas")]))
    assert [phase.name for phase in await crawl.frontier.progress(crawl.run_id)] == [
        "states",
        "cities",
        "areas",
    ]


async def test_a_batch_committed_twice_counts_once(crawl: Crawl) -> None:
    """A crawler that was given up for lost may come back after another has taken over."""
    await crawl.add(page("1"))
    (row,) = await crawl.take()
    batch = done(row, store("1"), requests=[page("2")])
    await crawl.commit(batch, batch)
    await crawl.commit(Fetched(row=row, error=failure()))
    run = await crawl.runs.get(crawl.run_id)
    assert (run.stores, run.requests, run.errors, run.duplicates) == (1, 1, 0, 0)
    assert run.phases == await crawl.recounted()


async def test_a_request_to_be_tried_again_comes_when_it_is_due(crawl: Crawl) -> None:
    await crawl.add(page("1"), page("2"))
    first, _ = await crawl.take()
    await crawl.commit(Fetched(row=first, error=failure(), retry_at=NOON + minutes(5)))
    assert urls(await crawl.take(now=NOON + minutes(4))) == ["2"]
    assert urls(await crawl.take(now=NOON + minutes(5))) == ["1", "2"]
    assert (await crawl.take(now=NOON + minutes(5)))[0].attempts == 1
    assert await crawl.frontier.next_retry_at(crawl.run_id, "extract") == NOON + minutes(5)
    progress = await crawl.frontier.progress(crawl.run_id)
    assert progress == (PhaseProgress(name="extract", total=2),)


async def test_there_is_no_next_retry_when_nothing_waits_for_one(crawl: Crawl) -> None:
    await crawl.add(page("1"))
    assert await crawl.frontier.next_retry_at(crawl.run_id, "extract") is None


async def test_of_two_stores_with_one_ref_the_richer_stays_whichever_came_first(crawl: Crawl) -> None:
    await crawl.add(page("1"), page("2"), page("3"))
    poor, rich = store("7"), store("7", phone="+13125550100", city="Chicago")
    for row, found in zip(await crawl.take(), (poor, rich, poor), strict=True):
        await crawl.commit(done(row, found))
    run = await crawl.runs.get(crawl.run_id)
    assert await crawl.stores() == [rich]
    assert (run.stores, run.duplicates) == (1, 2)


async def test_duplicates_within_one_batch_are_counted_too(crawl: Crawl) -> None:
    await crawl.add(page("1"), page("2"))
    await crawl.commit(*(done(row, store("7"), store(f"of {row.id}")) for row in await crawl.take()))
    run = await crawl.runs.get(crawl.run_id)
    assert (run.stores, run.duplicates) == (3, 1)


async def test_failed_requests_can_be_tried_once_more_but_not_what_is_gone(crawl: Crawl) -> None:
    await crawl.add(page("1"), page("2"), page("3"))
    first, second, third = await crawl.take()
    await crawl.commit(
        Fetched(row=first, error=failure("time_out")),
        Fetched(row=second, error=failure(ErrorClass.GONE.value)),
        done(third),
    )
    assert await crawl.frontier.retry_failed(crawl.run_id) == 1
    (again,) = await crawl.take()
    assert (urls([again]), again.attempts) == (["1"], 0)
    assert await crawl.frontier.progress(crawl.run_id) == await crawl.recounted()
    assert await crawl.frontier.retry_failed(crawl.run_id) == 0


async def test_the_last_thousand_errors_are_kept_and_all_are_counted(crawl: Crawl) -> None:
    await crawl.add(*(page(str(number)) for number in range(1_050)))
    rows = await crawl.take(limit=2_000)
    for part in (rows[:500], rows[500:]):
        await crawl.commit(
            *(
                Fetched(row=row, error=replace(failure(), message=f"error {row.id - rows[0].id}"))
                for row in part
            )
        )
    errors = await crawl.runs.errors(crawl.run_id, limit=5_000)
    assert [errors[0].message, errors[-1].message, len(errors)] == ["error 50", "error 1049", 1_000]
    assert (await crawl.runs.get(crawl.run_id)).errors_by_class == {"time_out": 1_050}


async def test_a_hostile_page_cannot_end_a_run(crawl: Crawl) -> None:
    await crawl.add(page("\ud800\0"))
    (row,) = await crawl.take()
    error = replace(failure(), message="bad byte \0 and \ud800")
    await crawl.commit(replace(done(row, store("1\0", name="na\0me \ud800")), error=error))
    assert (await crawl.runs.get(crawl.run_id)).last_errors[0].message == "bad byte  and ?"
    assert len(await crawl.stores()) == 1


async def test_the_counts_agree_with_the_rows_whatever_happened(crawl: Crawl) -> None:
    dice = random.Random(7)
    await crawl.add(*(page(f"start {number}") for number in range(9)))
    for step in range(40):
        rows = await crawl.take(now=NOON + minutes(step))
        taken = dice.sample(rows, k=min(len(rows), 4))
        outcomes = [
            done(row, store(f"{dice.randrange(30)}"), requests=[page(f"{dice.randrange(60)}")])
            if dice.random() < 0.6
            else Fetched(
                row=row,
                error=failure(at=NOON),
                retry_at=NOON + minutes(step + 2) if dice.random() < 0.5 else None,
            )
            for row in taken
        ]
        await crawl.commit(*outcomes)
    run = await crawl.runs.get(crawl.run_id)
    assert run.phases == await crawl.recounted()
    assert run.stores == len(await crawl.stores())
    assert run.phases[0].completed + run.phases[0].failed > 15


# --- incremental runs --------------------------------------------------------------------------------------


async def published(database: Database, *stores: Store) -> None:
    """A last good set whose every store came from a page of its own with an ETag."""
    crawl = await begin(database)
    await crawl.add(*(page(one.ref) for one in stores))
    rows = await crawl.take()
    await crawl.commit(
        *(
            replace(done(row, one), etag=f'"{one.ref}"', last_modified="Sat, 17 Jan 2026 04:45:00 GMT")
            for row, one in zip(rows, stores, strict=True)
        )
    )
    await crawl.runs.publish(crawl.run_id, NOON)


async def test_an_incremental_run_knows_what_the_last_good_set_was_made_from(database: Database) -> None:
    await published(database, store("1"))
    crawl = await begin(database, at=NOON + minutes(60), incremental=True)
    await crawl.add(page("1"), page("2"))
    known, fresh = await crawl.take()
    assert (known.etag, known.last_modified) == ('"1"', "Sat, 17 Jan 2026 04:45:00 GMT")
    assert known.seen_at == NOON
    assert (fresh.etag, fresh.last_modified, fresh.seen_at) == (None, None, None)


async def test_a_full_run_asks_for_every_page_whole(database: Database) -> None:
    await published(database, store("1"))
    crawl = await begin(database, at=NOON + minutes(60))
    await crawl.add(page("1"))
    (row,) = await crawl.take()
    assert (row.etag, row.seen_at) == (None, None)


async def test_a_page_not_modified_gives_its_stores_again_run_after_run(database: Database) -> None:
    await published(database, store("1", city="Chicago"))
    for day in (1, 2):
        crawl = await begin(database, at=NOON + minutes(1_440 * day), incremental=True)
        await crawl.add(page("1"))
        (row,) = await crawl.take()
        assert row.etag == '"1"'
        await crawl.commit(Fetched(row=row, not_modified=True, is_asked=False))
        assert (await crawl.runs.get(crawl.run_id)).requests == 0, "nothing was sent"
        assert await crawl.stores() == [store("1", city="Chicago")]
        await crawl.runs.publish(crawl.run_id, NOON + minutes(1_440 * day))


async def test_not_modified_but_forgotten_is_fetched_again_whole(database: Database) -> None:
    """A run published in between may have closed the store: silence would lose it."""
    await published(database, store("1"))
    crawl = await begin(database, at=NOON + minutes(60), incremental=True)
    await crawl.add(page("1"))
    (row,) = await crawl.take()
    await database.write(lambda connection: connection.execute(sa.text("DELETE FROM stores")).rowcount)
    await crawl.commit(Fetched(row=row, not_modified=True))
    (again,) = await crawl.take()
    assert (again.etag, again.seen_at) == (None, None)
    assert (await crawl.runs.get(crawl.run_id)).stores == 0


async def test_what_a_held_run_read_is_not_what_later_runs_ask_about(database: Database) -> None:
    """Its pages are not in the last good set: "not modified since then" would bring back the older store."""
    await published(database, store("1"))
    held = await begin(database, at=NOON + minutes(60))
    await held.add(page("1"))
    (row,) = await held.take()
    await held.commit(replace(done(row, store("1", city="Reno")), etag='"held"'))
    await held.runs.hold(held.run_id, ["40 % fewer stores"], NOON + minutes(70))
    crawl = await begin(database, at=NOON + minutes(120), incremental=True)
    await crawl.add(page("1"))
    assert [row.etag for row in await crawl.take()] == ['"1"']


async def test_a_page_that_names_no_version_any_more_is_not_asked_about_the_old_one(
    database: Database,
) -> None:
    await published(database, store("1"))
    crawl = await begin(database, at=NOON + minutes(60))
    await crawl.add(page("1"))
    (row,) = await crawl.take()
    await crawl.commit(done(row, store("1")))
    await crawl.runs.publish(crawl.run_id, NOON + minutes(60))
    later = await begin(database, at=NOON + minutes(120), incremental=True)
    await later.add(page("1"))
    (row,) = await later.take()
    assert (row.etag, row.last_modified, row.seen_at) == (None, None, NOON + minutes(60))
