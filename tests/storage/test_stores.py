"""The last good set: replaced as a whole by a publication, or left as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.storage.conftest import Open
from tests.storage_builders import NOON, minutes, page, store

from shopwatch.domain.errors import Conflict
from shopwatch.domain.hours import DatedHours
from shopwatch.domain.run import RunOptions, RunState
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.ports import BASELINE, Fetched, KnownStore, Publication, StoreChange
from shopwatch.storage.database import Database
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.runs import SqlRuns
from shopwatch.storage.stores import SqlStores, distance_miles

FULL = Store(
    retailer="att",
    ref="0042",
    name="AT&T Store – Chicago",
    kind="Experience Store",
    dealer="Prime LLC",
    corporate=False,
    address=("1 N State St", "Suite 2"),
    city="Chicago",
    state="IL",
    postcode="02134",
    phone="+13125550100",
    lat=41.8827,
    lon=-87.6278,
    hours="Mo-Fr 10:00-20:00; Su closed",
    dated_hours=(
        DatedHours(date="2026-12-25", intervals=()),
        DatedHours(date="2026-12-24", intervals=((600, 960),)),
    ),
    services=("repair", "trade-in"),
    status=StoreStatus.OPEN,
    url="https://att.test/stores/0042",
    opened_on="2020-01-02",
)


async def crawled(database: Database, stores: Sequence[Store], *, at: int = 0) -> str:
    """A finished run with these stores, one page each."""
    runs, frontier = SqlRuns(database), SqlFrontier(database)
    run = await runs.create("att", RunOptions(), NOON + minutes(at))
    await runs.move(run.run_id, [RunState.PENDING], RunState.RUNNING, now=NOON + minutes(at))
    await frontier.add(run.run_id, [page(one.ref) for one in stores])
    rows = await frontier.take(run.run_id, "extract", 10_000, NOON)
    await frontier.commit(
        run.run_id, [Fetched(row=row, stores=(one,)) for row, one in zip(rows, stores, strict=True)]
    )
    return run.run_id


def known(one: Store, *, at: int = 0, **more: object) -> KnownStore:
    when = NOON + minutes(at)
    return replace(KnownStore(store=one, first_seen=when, last_seen=when), **more)  # type: ignore[arg-type]


def change(ref: str, kind: str, run_id: str = "att_1") -> StoreChange:
    return StoreChange(
        at=NOON,
        retailer="att",
        ref=ref,
        kind=kind,
        run_id=run_id,
        before={"phone": None},
        after={"phone": "+1"},
    )


async def test_every_field_of_a_store_comes_back_as_it_was(database: Database) -> None:
    run_id = await crawled(database, [FULL])
    await SqlRuns(database).publish(run_id, NOON)
    assert await SqlStores(database).all("att") == [FULL]


async def test_without_a_publication_the_runs_stores_become_the_set(database: Database) -> None:
    runs, stores = SqlRuns(database), SqlStores(database)
    await runs.publish(await crawled(database, [store("1"), store("2")]), NOON)
    second = await crawled(database, [store("2"), store("3")], at=60)
    await runs.publish(second, NOON + minutes(60))
    assert await stores.known("att") == [
        known(store("2"), at=60, first_seen=NOON),
        known(store("3"), at=60),
    ]
    assert await stores.age("att") == (second, NOON + minutes(60))
    assert await stores.changes("att") == []
    assert (await runs.get(second)).state is RunState.COMPLETE


async def test_a_publication_is_the_set_from_then_on(database: Database) -> None:
    runs, stores = SqlRuns(database), SqlStores(database)
    told = Publication(
        known=(
            known(store("1"), missed_runs=1),
            known(store("2"), pending_hours="Mo-Su 09:00-18:00"),
            known(store("3"), closed_at=NOON),
        ),
        changes=(change("3", "closed"), change("2", "phone")),
        note="holiday timetable?",
    )
    run_id = await crawled(database, [store("2")])
    await runs.publish(run_id, NOON, told)
    assert await stores.known("att") == list(told.known)
    assert [one.ref for one in await stores.all("att")] == ["1", "2"]
    assert await stores.changes("att") == [change("2", "phone"), change("3", "closed")]
    assert (await runs.get(run_id)).message == "holiday timetable?"
    assert await stores.counts() == {"att": 2}


async def test_other_retailers_sets_are_not_touched(database: Database) -> None:
    stores = SqlStores(database)
    await stores.import_baseline("verizon", [store("1", retailer="verizon")], NOON)
    await SqlRuns(database).publish(await crawled(database, [store("1")]), NOON)
    assert [one.retailer for one in await stores.all("verizon")] == ["verizon"]
    assert await stores.age("target") is None


async def test_a_run_is_published_once(database: Database) -> None:
    runs = SqlRuns(database)
    run_id = await crawled(database, [store("1")])
    await runs.publish(run_id, NOON)
    with pytest.raises(Conflict, match="cannot be published: it is published already"):
        await runs.publish(run_id, NOON)
    with pytest.raises(Conflict, match="cannot be held"):
        await runs.hold(run_id, ["late doubts"], NOON)


async def test_a_stopped_run_is_not_published(database: Database) -> None:
    runs = SqlRuns(database)
    run_id = await crawled(database, [store("1")])
    await runs.move(run_id, [RunState.RUNNING], RunState.STOPPED, now=NOON)
    with pytest.raises(Conflict, match="or not finished"):
        await runs.publish(run_id, NOON)
    assert await SqlStores(database).all("att") == []


async def test_a_held_run_can_be_accepted_but_not_over_a_later_one(database: Database) -> None:
    runs, stores = SqlRuns(database), SqlStores(database)
    held = await crawled(database, [store("held")])
    await runs.hold(held, ["40 % fewer stores"], NOON)
    later = await crawled(database, [store("later")], at=60)
    await runs.publish(later, NOON + minutes(60))
    with pytest.raises(Conflict, match=f"the later run {later} is published already"):
        await runs.publish(held, NOON + minutes(90))
    assert (await runs.get(held)).state is RunState.HELD
    held_too = await crawled(database, [store("accepted")], at=120)
    await runs.hold(held_too, ["no phone"], NOON + minutes(130))
    await runs.publish(held_too, NOON + minutes(180))
    after = await runs.get(held_too)
    assert [one.ref for one in await stores.all("att")] == ["accepted"]
    assert (after.gate_reasons, after.completed_at) == (("no phone",), NOON + minutes(130))
    assert after.published_at == NOON + minutes(180)


async def test_of_two_people_who_accept_a_run_one_does(open_database: Open) -> None:
    several = [SqlRuns(open_database()) for _ in range(4)]
    database = open_database()
    for repetition in range(10):
        run_id = await crawled(database, [store("1")], at=repetition)
        publication = Publication(known=(known(store("1")),), changes=(change("1", "phone", run_id),))
        tries = (runs.publish(run_id, NOON, publication) for runs in several)
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(outcome is None for outcome in outcomes) == 1
        assert len(await SqlStores(database).changes("att")) == repetition + 1


async def test_a_page_not_modified_gives_the_store_as_the_page_had_it_not_as_the_set_believes(
    database: Database,
) -> None:
    """Hours in doubt are held back from the set; the page's own hours must come again to be believed."""
    believed, on_page = store("1", hours="Mo-Su 10:00-20:00"), store("1", hours="Mo-Su 12:00-16:00")
    runs, frontier = SqlRuns(database), SqlFrontier(database)
    run_id = await crawled(database, [on_page])
    publication = Publication(known=(known(believed, pending_hours="Mo-Su 12:00-16:00"),))
    await runs.publish(run_id, NOON, publication)
    run = await runs.create("att", RunOptions(incremental=True), NOON + minutes(60))
    await frontier.add(run.run_id, [page("1")])
    (row,) = await frontier.take(run.run_id, "extract", 10, NOON + minutes(60))
    await frontier.commit(run.run_id, [Fetched(row=row, not_modified=True)])
    assert [one async for one in runs.stores(run.run_id)] == [on_page]
    assert await SqlStores(database).all("att") == [believed]


async def test_of_an_imported_set_every_page_is_still_to_be_read(database: Database) -> None:
    await SqlStores(database).import_baseline("att", [store("1", url=page("1").url)], NOON)
    assert await SqlStores(database).age("att") == (BASELINE, NOON)
    run = await SqlRuns(database).create("att", RunOptions(incremental=True), NOON + minutes(60))
    await SqlFrontier(database).add(run.run_id, [page("1")])
    (row,) = await SqlFrontier(database).take(run.run_id, "extract", 10, NOON + minutes(60))
    assert row.seen_at is None


async def test_the_change_feed_is_paged_from_the_last(database: Database) -> None:
    changes = tuple(change(str(number), "phone") for number in range(5))
    run_id = await crawled(database, [store("1")])
    await SqlRuns(database).publish(run_id, NOON, Publication(known=(), changes=changes))
    stores = SqlStores(database)
    first = await stores.changes("att", limit=3)
    rest = await stores.changes("att", limit=3, before_id=first[-1].id)
    assert [one.ref for one in [*first, *rest]] == ["4", "3", "2", "1", "0"]


async def test_a_run_of_thousands_of_stores_is_streamed_in_order(database: Database) -> None:
    refs = [f"{number:05}" for number in range(2_100)]
    run_id = await crawled(database, [store(ref) for ref in refs])
    assert [one.ref async for one in SqlRuns(database).stores(run_id)] == refs


# --- near --------------------------------------------------------------------------------------------------

CHICAGO = (41.8781, -87.6298)


def at(ref: str, lat: float, lon: float) -> Store:
    return store(ref, lat=lat, lon=lon)


async def test_stores_near_a_place_come_nearest_first_with_their_distance(database: Database) -> None:
    stores = SqlStores(database)
    await stores.import_baseline(
        "att",
        [
            at("evanston", 42.0451, -87.6877),
            at("loop", 41.8827, -87.6278),
            at("milwaukee", 43.0389, -87.9065),
            store("nowhere"),
        ],
        NOON,
    )
    near = await stores.near(*CHICAGO, 15, ["att", "target"])
    assert [(one.ref, round(miles, 1)) for one, miles in near] == [("loop", 0.3), ("evanston", 11.9)]
    assert await stores.near(*CHICAGO, 15, ["target"]) == []
    assert await stores.near(*CHICAGO, 15, []) == []


async def test_a_closed_store_is_not_near(database: Database) -> None:
    closed = known(at("1", *CHICAGO), closed_at=NOON)
    run_id = await crawled(database, [store("1")])
    await SqlRuns(database).publish(run_id, NOON, Publication(known=(closed,)))
    assert await SqlStores(database).near(*CHICAGO, 15, ["att"]) == []


@pytest.mark.parametrize("lat", [0.0, 41.8781, 71.3])
async def test_the_box_that_is_searched_never_cuts_off_what_is_near_enough(
    database: Database, lat: float
) -> None:
    """One store on each side, just within the radius."""
    north, east = 14.9 / 69.2, 14.9 / distance_miles(lat, 0, lat, 1)
    sides = [(north, 0.0), (-north, 0.0), (0.0, east), (0.0, -east)]
    baseline = [at(str(number), lat + up, -100 + right) for number, (up, right) in enumerate(sides)]
    stores = SqlStores(database)
    await stores.import_baseline("att", baseline, NOON)
    assert len(await stores.near(lat, -100, 15, ["att"])) == 4
