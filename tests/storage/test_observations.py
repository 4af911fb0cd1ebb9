"""A change of stock: decided by the database, once, with everything that follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.storage_builders import IN_STOCK, NOON, OUT, believe, minutes, seen

from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Evidence, Observation
from shopwatch.domain.stock_state import Alert, AlertKind, StockState, Transition
from shopwatch.ports import CheckTally
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox
from shopwatch.storage.stock_tables import (
    price_points,
    product_hours,
    restocks,
    retailer_minutes,
    stock_changes,
)

KEY = ("target", "89542109")


async def rows(database: Database, table: sa.Table) -> list[dict[str, object]]:
    def work(connection: sa.Connection) -> list[dict[str, object]]:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]

    return await database.read(work)


async def test_a_product_never_seen_gets_its_state_on_the_first_record(database: Database) -> None:
    observations = SqlObservations(database)
    changes = await observations.record([seen(price="17.99")], believe)
    state = (await observations.load())[KEY]
    assert changes[0].before == StockState(key=KEY)
    assert changes[0].after == state
    assert (state.version, state.availability, state.price) == (1, IN_STOCK, Money(1799))
    assert state.since == NOON


async def test_every_field_of_a_state_comes_back_as_it_was(database: Database) -> None:
    state = StockState(
        key=KEY,
        version=1,
        availability=Availability.LIMITED,
        pickup=Availability.PREORDER,
        in_store=Availability.UNKNOWN,
        price=Money(100, "CAD"),
        regular_price=Money(200),
        sold_by="Käufer GmbH",
        title="Ein Ding",
        purchase_limit=2,
        image_url="https://example.test/a.png",
        since=NOON,
        last_checked=NOON + minutes(1),
        last_restock=NOON - minutes(1),
        held={"price": 1, "why": ["outlier"]},
    )
    observations = SqlObservations(database)
    await observations.record([seen()], lambda before, observation: Transition(after=state))
    assert await observations.load() == {KEY: state}


async def test_what_decides_for_nothing_writes_nothing(database: Database) -> None:
    assert await SqlObservations(database).record([seen()], lambda before, observation: None) == []
    assert await rows(database, stock_changes) == []


async def test_a_restock_its_alert_history_price_and_event_commit_together(database: Database) -> None:
    change = (await SqlObservations(database).record([seen(evidence={"status": "IN_STOCK"})], believe))[0]
    (restock,) = await rows(database, restocks)
    (history,) = await rows(database, stock_changes)
    (point,) = await rows(database, price_points)
    (alert,) = await SqlOutbox(database).rows()
    kinds = [event.kind for event in await SqlEvents(database).after(0)]
    assert change.restock_id == restock["id"] == history["restock_id"]
    assert restock["observation"]["evidence"]["seen"] == {"status": "IN_STOCK"}  # type: ignore[index]
    assert (history["was"], history["availability"], history["price_cents"]) == ("unknown", "in_stock", 4999)
    assert (point["price_cents"], point["at"]) == (4999, NOON)
    assert alert.alert.key == f"restock:{change.restock_id}"
    assert alert.alert.facts == {"page": f"/restocks/{change.restock_id}"}
    assert sorted(kinds) == ["alert", "stock"]


async def test_a_decision_that_raises_leaves_no_trace(database: Database) -> None:
    def decide(before: StockState, observation: Observation) -> Transition | None:
        if observation.product.sku == "2":
            raise ZeroDivisionError
        return believe(before, observation)

    observations = SqlObservations(database)
    with pytest.raises(ZeroDivisionError):
        await observations.record([seen(sku="1"), seen(sku="2")], decide)
    assert await observations.load() == {}
    assert await rows(database, restocks) == []
    assert await SqlOutbox(database).rows() == []


async def test_several_looks_at_one_product_in_a_batch_are_decided_one_after_the_other(
    database: Database,
) -> None:
    looks = [
        seen(OUT),
        seen(at=NOON + minutes(1)),
        seen(OUT, at=NOON + minutes(2)),
        seen(at=NOON + minutes(3)),
    ]
    changes = await SqlObservations(database).record(looks, believe)
    assert [change.before.availability for change in changes] == ["unknown", OUT, IN_STOCK, OUT]
    assert [change.is_restock for change in changes] == [False, True, False, True]


async def test_changes_come_back_in_the_order_of_the_observations(database: Database) -> None:
    skus = ["3", "1", "2"]
    changes = await SqlObservations(database).record([seen(sku=sku) for sku in skus], believe)
    assert [change.after.key[1] for change in changes] == skus


async def test_a_restock_ends_when_the_product_can_no_longer_be_had(database: Database) -> None:
    observations = SqlObservations(database)
    await observations.record([seen(pickup=IN_STOCK)], believe)
    await observations.record([seen(OUT, pickup=IN_STOCK, at=NOON + minutes(1))], believe)
    assert [row["ended_at"] for row in await rows(database, restocks)] == [None]
    await observations.record([seen(OUT, at=NOON + minutes(2))], believe)
    assert [row["ended_at"] for row in await rows(database, restocks)] == [NOON + minutes(2)]


async def test_restocks_of_one_batch_end_each_other_and_the_one_before(database: Database) -> None:
    observations = SqlObservations(database)
    await observations.record([seen()], believe)
    looks = [(OUT, 1), (IN_STOCK, 2), (OUT, 3), (IN_STOCK, 4)]
    batch = [seen(availability, at=NOON + minutes(at)) for availability, at in looks]
    changes = await observations.record([*batch, seen(sku="2", at=NOON + minutes(5))], believe)
    found = await rows(database, restocks)
    begun_and_ended = [(row["sku"], row["at"], row["ended_at"]) for row in found]
    assert begun_and_ended == [
        (KEY[1], NOON, NOON + minutes(1)),
        (KEY[1], NOON + minutes(2), NOON + minutes(3)),
        (KEY[1], NOON + minutes(4), None),
        ("2", NOON + minutes(5), None),
    ]
    assert [change.restock_id for change in changes if change.is_restock] == [row["id"] for row in found[1:]]


async def test_the_id_of_a_restock_is_never_given_twice(database: Database) -> None:
    """It is the key of a purchase: one that is forgotten must not come back as another's."""
    observations = SqlObservations(database)
    (first,) = await observations.record([seen()], believe)
    await database.write(lambda connection: connection.execute(restocks.delete()))
    (second,) = await observations.record([seen(sku="2")], believe)
    assert (second.restock_id or 0) > (first.restock_id or 0)


async def test_what_is_told_as_sold_out_has_ended(database: Database) -> None:
    observations = SqlObservations(database)
    await observations.record([seen(pickup=IN_STOCK)], believe)
    sold_out = Alert(key="sold-out:{restock}", kind=AlertKind.SOLD_OUT)
    change = (
        await observations.record(
            [seen(OUT, pickup=IN_STOCK, at=NOON + minutes(1))],
            lambda before, observation: Transition(
                after=replace(before, availability=OUT), is_change=True, alerts=(sold_out,)
            ),
        )
    )[0]
    (restock,) = await rows(database, restocks)
    assert restock["ended_at"] == NOON + minutes(1)
    keys = [row.alert.key for row in await SqlOutbox(database).rows()]
    assert keys[0] == f"sold-out:{restock['id']}"
    assert change.restock_id is None


async def test_a_price_point_is_written_only_when_the_price_moves(database: Database) -> None:
    observations = SqlObservations(database)
    await observations.record([seen(price="10")], believe)
    await observations.record([seen(OUT, price=None, at=NOON + minutes(1))], believe)
    await observations.record([seen(OUT, price="9", at=NOON + minutes(2))], believe)
    assert [row["price_cents"] for row in await rows(database, price_points)] == [1000, 900]


async def test_a_transition_that_is_no_change_leaves_no_history(database: Database) -> None:
    observations = SqlObservations(database)
    await observations.record(
        [seen()], lambda before, observation: Transition(after=replace(before, held={"seen": "once"}))
    )
    assert (await observations.load())[KEY].held == {"seen": "once"}
    assert await rows(database, stock_changes) == []
    assert await SqlEvents(database).last_id() == 0


async def test_details_are_stored_without_a_change_of_version(database: Database) -> None:
    observations = SqlObservations(database)
    await observations.record([seen()], believe)
    known = (await observations.load())[KEY]
    await observations.save_details(
        [replace(known, title="A thing", purchase_limit=1, image_url="https://i")]
    )
    after = (await observations.load())[KEY]
    assert (after.title, after.purchase_limit, after.image_url) == ("A thing", 1, "https://i")
    assert replace(after, title="", purchase_limit=None, image_url=None) == known


async def test_details_of_a_product_never_seen_do_not_stand_in_its_first_looks_way(
    database: Database,
) -> None:
    observations = SqlObservations(database)
    await observations.save_details([StockState(key=KEY, title="A thing", availability=IN_STOCK)])
    assert (await observations.load())[KEY] == StockState(key=KEY, title="A thing")
    (change,) = await observations.record([seen()], believe)
    assert change.is_restock
    assert (await observations.load())[KEY].title == "A thing"


async def test_tallies_add_up_by_the_minute_and_the_hour(database: Database) -> None:
    observations = SqlObservations(database)
    tally = CheckTally(key=KEY, checks=10, unknowns=1, in_stock_checks=3, last_checked=NOON)
    other = replace(tally, key=("target", "2"))
    await observations.checked([tally, other])
    await observations.checked([tally, replace(tally, last_checked=NOON + minutes(1))])
    by_minute = {row["at"]: row["checks"] for row in await rows(database, retailer_minutes)}
    by_hour = {
        row["sku"]: (row["checks"], row["unknowns"], row["in_stock_checks"])
        for row in await rows(database, product_hours)
    }
    minute = NOON.replace(second=0, microsecond=0)
    assert by_minute == {minute: 30, minute + minutes(1): 10}
    assert by_hour == {"89542109": (30, 3, 9), "2": (10, 1, 3)}


async def test_last_checked_moves_forward_only_and_only_with_a_verdict(database: Database) -> None:
    observations = SqlObservations(database)
    await observations.record([seen(), seen(sku="2")], believe)
    late = CheckTally(key=KEY, checks=1, unknowns=0, last_checked=NOON + minutes(5))
    unknown = CheckTally(key=("target", "2"), checks=1, unknowns=1, last_checked=NOON + minutes(5))
    await observations.checked([late, unknown])
    await observations.checked([replace(late, last_checked=NOON)])
    states = await observations.load()
    assert states[KEY].last_checked == NOON + minutes(5)
    assert states["target", "2"].last_checked is None
    await observations.checked([replace(late, last_checked=NOON + minutes(at)) for at in (6, 8, 7)])
    assert (await observations.load())[KEY].last_checked == NOON + minutes(8)


async def test_a_restock_is_completed_once(database: Database) -> None:
    observations = SqlObservations(database)
    (change,) = await observations.record([seen()], believe)
    evidence = Evidence(url="https://example.test/p", status=200, seen={"button": "Add to cart"})
    alert = Alert(key="confirmed:{restock}", kind=AlertKind.CONFIRMED)
    assert change.restock_id is not None
    assert await observations.confirm(change.restock_id, "confirmed", evidence, alert)
    assert not await observations.confirm(change.restock_id, "refuted", None, None)
    (restock,) = await rows(database, restocks)
    assert restock["confirmation"] == "confirmed"
    assert restock["confirmation_evidence"]["seen"] == {"button": "Add to cart"}  # type: ignore[index]
    assert (await SqlOutbox(database).rows())[0].alert.key == f"confirmed:{change.restock_id}"


async def test_what_nobody_confirmed_and_is_still_there_is_told_to_the_next_process(
    database: Database,
) -> None:
    observations = SqlObservations(database)
    looks = [seen(sku=sku, evidence={"status": "IN_STOCK"}) for sku in ("1", "2", "3")]
    changes = await observations.record(looks, believe)
    await observations.confirm(changes[0].restock_id or 0, "confirmed", None, None)
    await observations.record([seen(OUT, sku="2", at=NOON + minutes(1))], believe)
    (left,) = await observations.unconfirmed()
    assert (left.id, left.key, left.at) == (changes[2].restock_id, ("target", "3"), NOON)
    assert left.observation == looks[2]
    await observations.confirm(left.id, "unavailable", None, None)
    assert await observations.unconfirmed() == []
