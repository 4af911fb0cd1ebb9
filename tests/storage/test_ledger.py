"""The book of purchases: one for each restock, and what happened stays written."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from tests.storage.conftest import Open
from tests.storage_builders import NOON, minutes

from shopwatch.domain.errors import NotFound
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Purchase, PurchaseState
from shopwatch.domain.watch import Watch
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.ledger import Entry, SqlLedger

RESERVED, CARTED, PLACING = PurchaseState.RESERVED, PurchaseState.CARTED, PurchaseState.PLACING
PLACED = PurchaseState.PLACED
WATCH = Watch(retailer="target", sku="89542109", quantity=2, group="consoles")


async def reserved(ledger: SqlLedger, restock_id: int = 1, *, at: int = 0, live: bool = True) -> Purchase:
    purchase = await ledger.reserve(restock_id, WATCH, live=live, now=NOON + minutes(at))
    assert purchase is not None
    return purchase


async def moved(ledger: SqlLedger, after: PurchaseState, *, restock_id: int, at: int = 0) -> Purchase:
    purchase = await reserved(ledger, restock_id, at=at)
    assert await ledger.move(purchase.id, RESERVED, after, now=NOON + minutes(at), facts={})
    return await ledger.get(purchase.id)


async def test_a_reservation_remembers_what_is_to_be_bought(database: Database) -> None:
    ledger = SqlLedger(database)
    purchase = await reserved(ledger, 7)
    assert await ledger.get(purchase.id) == purchase
    assert purchase == Purchase(
        id=purchase.id,
        restock_id=7,
        key=WATCH.key,
        state=RESERVED,
        quantity=2,
        group="consoles",
        live=True,
        created_at=NOON,
        updated_at=NOON,
    )


async def test_a_restock_is_reserved_once_whatever_became_of_it(database: Database) -> None:
    ledger = SqlLedger(database)
    await moved(ledger, PurchaseState.FAILED, restock_id=1)
    assert await ledger.reserve(1, WATCH, live=True, now=NOON) is None
    assert await ledger.reserve(2, WATCH, live=True, now=NOON) is not None


async def test_of_many_that_reserve_a_restock_one_may_buy(open_database: Open) -> None:
    ledgers = [SqlLedger(open_database()) for _ in range(6)]
    for restock_id in range(1, 21):
        tries = (ledger.reserve(restock_id, WATCH, live=True, now=NOON) for ledger in ledgers)
        won = [purchase for purchase in await asyncio.gather(*tries) if purchase]
        assert [purchase.restock_id for purchase in won] == [restock_id]


async def test_of_many_that_move_a_purchase_one_does(open_database: Open) -> None:
    ledgers = [SqlLedger(open_database()) for _ in range(6)]
    for restock_id in range(1, 21):
        purchase = await reserved(ledgers[0], restock_id)
        tries = (ledger.move(purchase.id, RESERVED, PLACING, now=NOON, facts={}) for ledger in ledgers)
        assert sorted(await asyncio.gather(*tries)) == [False] * 5 + [True]
        assert len(await ledgers[0].entries(purchase.id)) == 2


async def test_the_facts_of_each_step_are_in_the_book_and_on_the_purchase(database: Database) -> None:
    ledger = SqlLedger(database)
    purchase = await reserved(ledger)
    unit, total = Money(4999), Money(10_598)
    assert await ledger.move(purchase.id, RESERVED, CARTED, now=NOON + minutes(1), facts={"unit_price": unit})
    placed = {
        "total": total,
        "order_number": "A-1",
        "legs_ms": {"cart": 812.5, "place": 90},
        "page": "thanks",
    }
    assert await ledger.move(purchase.id, CARTED, PLACED, now=NOON + minutes(2), facts=placed)
    after = await ledger.get(purchase.id)
    assert (after.state, after.unit_price, after.total, after.order_number) == (PLACED, unit, total, "A-1")
    assert after.legs_ms == (("cart", 812.5), ("place", 90.0))
    assert (after.created_at, after.updated_at) == (NOON, NOON + minutes(2))
    entries = await ledger.entries(purchase.id)
    assert [(entry.before, entry.after) for entry in entries] == [
        (None, RESERVED),
        (RESERVED, CARTED),
        (CARTED, PLACED),
    ]
    assert entries[2] == Entry(
        at=NOON + minutes(2),
        before=CARTED,
        after=PLACED,
        facts={
            "total": {"cents": 10_598, "currency": "USD"},
            "order_number": "A-1",
            "legs_ms": {"cart": 812.5, "place": 90},
            "page": "thanks",
        },
    )


async def test_all_reasons_of_a_refusal_are_kept(database: Database) -> None:
    ledger = SqlLedger(database)
    purchase = await reserved(ledger)
    reasons = ("the emergency stop is on", "no browser has confirmed it")
    await ledger.move(purchase.id, RESERVED, PurchaseState.REFUSED, now=NOON, facts={"reasons": reasons})
    assert (await ledger.get(purchase.id)).reasons == reasons


async def test_a_purchase_that_is_elsewhere_is_not_moved_and_leaves_no_line(database: Database) -> None:
    ledger = SqlLedger(database)
    purchase = await reserved(ledger)
    assert not await ledger.move(purchase.id, PLACING, PLACED, now=NOON, facts={"order_number": "A-1"})
    assert await ledger.get(purchase.id) == purchase
    assert len(await ledger.entries(purchase.id)) == 1
    assert not await ledger.move(999, PLACING, PLACED, now=NOON, facts={})


@pytest.mark.parametrize(
    "statement", ["DELETE FROM purchase_entries", "UPDATE purchase_entries SET state = 'placed'"]
)
async def test_no_line_of_the_book_can_be_changed_or_taken_out(database: Database, statement: str) -> None:
    ledger = SqlLedger(database)
    purchase = await reserved(ledger)
    with pytest.raises(sa.exc.DBAPIError, match="the ledger is append-only"):
        await database.write(lambda connection: connection.execute(sa.text(statement)).rowcount)
    assert [entry.after for entry in await ledger.entries(purchase.id)] == [RESERVED]


async def test_what_counts_against_the_limits(database: Database) -> None:
    ledger = SqlLedger(database)
    for restock_id, state in enumerate(PurchaseState, start=1):
        if state is RESERVED:
            await reserved(ledger, restock_id)
        else:
            await moved(ledger, state, restock_id=restock_id)
    counted = {purchase.state for purchase in await ledger.counted_since(NOON)}
    open_ = {purchase.state for purchase in await ledger.unresolved()}
    assert counted == {RESERVED, CARTED, PLACING, PLACED, PurchaseState.AMBIGUOUS}
    assert open_ == {RESERVED, CARTED, PLACING, PurchaseState.AMBIGUOUS}


async def test_a_purchase_begun_before_midnight_and_placed_after_counts_today(database: Database) -> None:
    ledger = SqlLedger(database)
    await moved(ledger, PLACED, restock_id=1, at=-60)
    purchase = await reserved(ledger, 2, at=-1)
    await ledger.move(purchase.id, RESERVED, PLACED, now=NOON + minutes(1), facts={})
    assert [one.restock_id for one in await ledger.counted_since(NOON)] == [2]


async def test_purchases_are_paged_from_the_last(database: Database) -> None:
    ledger = SqlLedger(database)
    for restock_id in range(1, 5):
        await reserved(ledger, restock_id)
    first = await ledger.recent(limit=3)
    rest = await ledger.recent(limit=3, before_id=first[-1].id)
    assert [purchase.restock_id for purchase in [*first, *rest]] == [4, 3, 2, 1]


async def test_a_purchase_that_does_not_exist_is_said_not_to(database: Database) -> None:
    with pytest.raises(NotFound, match="There is no purchase 9"):
        await SqlLedger(database).get(9)


async def test_every_step_is_an_event(database: Database) -> None:
    await moved(SqlLedger(database), PurchaseState.REHEARSED, restock_id=1)
    told = [(event.kind, event.data["state"]) for event in await SqlEvents(database).after(0)]
    assert told == [("purchase", "reserved"), ("purchase", "rehearsed")]
