"""What a dead process left, and what the order history says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from tests.scripted_checkout import LIVE, NOON, WATCH, Till, seen, till
from tests.storage.conftest import Open

from shopwatch.domain.cart import OrderLine, PastOrder, Placement
from shopwatch.domain.errors import Conflict, Invalid, NotFound, Unreachable, Unusable
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Purchase, PurchaseState
from shopwatch.purchase.reconcile import ReadingPace, reconcile, resolve
from shopwatch.purchase.recovery import recover
from shopwatch.storage.ledger import SqlLedger, _row
from shopwatch.storage.stock_tables import purchases

S = PurchaseState
DEAD, ALIVE = "here:1:1.0", "here:2:1.0"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(open_database: Open, tmp_path: Path) -> Till:
    return till(SqlLedger(open_database()), tmp_path)


async def left(desk: Till, state: PurchaseState, *, owner: str = DEAD, restock_id: int = 1) -> Purchase:
    purchase = await desk.ledger.reserve(
        restock_id, WATCH, live=True, now=desk.clock.now(), facts={"owner": owner}
    )
    assert purchase is not None
    if state is not S.RESERVED:
        await desk.ledger.move(purchase.id, S.RESERVED, state, now=desk.clock.now(), facts={})
    return await desk.ledger.get(purchase.id)


def is_dead(token: str) -> bool:
    return token == DEAD


def order(
    number: str = "102003", *, at: datetime | None = NOON, sku: str = "1", quantity: int = 1
) -> PastOrder:
    return PastOrder(
        number=number, placed_at=at, lines=(OrderLine(sku=sku, quantity=quantity),), total=Money(5399)
    )


@pytest.mark.parametrize(
    ("state", "after"), [(S.RESERVED, S.FAILED), (S.CARTED, S.FAILED), (S.PLACING, S.AMBIGUOUS)]
)
async def test_a_dead_process_left_a_failure_before_the_click_and_doubt_after(
    desk: Till, state: PurchaseState, after: PurchaseState
) -> None:
    purchase = await left(desk, state)
    found = await recover(desk.ledger, desk.clock, is_dead=is_dead)
    assert (await desk.ledger.get(purchase.id)).state is after
    assert [one.id for one in found] == ([purchase.id] if after is S.AMBIGUOUS else [])


@pytest.mark.parametrize("state", [S.RESERVED, S.CARTED, S.PLACING])
async def test_the_walk_of_a_living_process_is_left_alone(desk: Till, state: PurchaseState) -> None:
    purchase = await left(desk, state, owner=ALIVE)
    await recover(desk.ledger, desk.clock, is_dead=is_dead)
    assert (await desk.ledger.get(purchase.id)).state is state


async def test_a_walk_longer_than_any_walk_is_given_up_wherever_it_ran(desk: Till) -> None:
    purchase = await left(desk, S.PLACING, owner="elsewhere:2:1.0")
    desk.clock.move(901)
    await recover(desk.ledger, desk.clock, is_dead=is_dead)
    assert (await desk.ledger.get(purchase.id)).state is S.AMBIGUOUS


async def test_what_has_ended_is_not_touched(desk: Till) -> None:
    purchase = await left(desk, S.AMBIGUOUS)
    desk.clock.move(9000)
    assert await recover(desk.ledger, desk.clock, is_dead=is_dead) == []
    assert await desk.ledger.get(purchase.id) == purchase


async def test_its_order_in_the_history_makes_it_placed(desk: Till) -> None:
    purchase = await left(desk, S.AMBIGUOUS)
    desk.shop.orders_book = [order("7", sku="9"), order("8")]
    (placed,) = await reconcile(desk.ledger, desk.shop, desk.clock)
    assert (placed.id, placed.state, placed.order_number) == (purchase.id, S.PLACED, "8")
    assert placed.total == Money(5399)


@pytest.mark.parametrize(
    "other",
    [
        order(sku="9"),
        order(quantity=2),
        order(at=NOON - timedelta(minutes=3)),
        order(at=NOON + timedelta(minutes=16)),
        order(at=None),
        replace(order(), lines=()),
        replace(order(), lines=(OrderLine(sku="1", quantity=1), OrderLine(sku="9", quantity=1))),
    ],
)
async def test_another_order_is_not_taken_for_it(desk: Till, other: PastOrder) -> None:
    await left(desk, S.AMBIGUOUS)
    desk.shop.orders_book = [other]
    assert await reconcile(desk.ledger, desk.shop, desk.clock) == []


async def test_an_order_is_one_purchases_only(desk: Till) -> None:
    await left(desk, S.AMBIGUOUS, restock_id=1)
    await left(desk, S.AMBIGUOUS, restock_id=2)
    desk.shop.orders_book = [order()]
    assert len(await reconcile(desk.ledger, desk.shop, desk.clock)) == 1
    assert await reconcile(desk.ledger, desk.shop, desk.clock) == []


async def test_however_much_was_refused_since_an_order_is_one_purchases_only(desk: Till) -> None:
    await left(desk, S.AMBIGUOUS, restock_id=1)
    await left(desk, S.AMBIGUOUS, restock_id=2)
    desk.shop.orders_book = [order()]
    assert len(await reconcile(desk.ledger, desk.shop, desk.clock)) == 1
    refused = _row(0, WATCH, live=True, now=desk.clock.now()) | {"state": S.REFUSED.value}
    rows = [refused | {"restock_id": number} for number in range(3, 603)]
    assert isinstance(desk.ledger, SqlLedger)
    await desk.ledger._database.write(lambda connection: connection.execute(purchases.insert(), rows))

    assert await reconcile(desk.ledger, desk.shop, desk.clock) == []


async def test_two_orders_that_fit_are_for_a_person_to_tell_apart(desk: Till) -> None:
    purchase = await left(desk, S.AMBIGUOUS)
    desk.shop.orders_book = [order("1"), order("2")]
    assert await reconcile(desk.ledger, desk.shop, desk.clock) == []
    assert (await desk.ledger.get(purchase.id)).reasons == ("2 orders in the history may be this one",)


async def test_absence_is_no_proof_and_is_said_once(desk: Till) -> None:
    purchase = await left(desk, S.AMBIGUOUS)
    await reconcile(desk.ledger, desk.shop, desk.clock)
    assert (await desk.ledger.get(purchase.id)).reasons == ()
    desk.clock.move(601)
    for _ in range(3):
        await reconcile(desk.ledger, desk.shop, desk.clock)
    after = await desk.ledger.get(purchase.id)
    assert after.state is S.AMBIGUOUS
    assert len(after.reasons) == 1
    assert "purchases resolve" in after.reasons[0]


async def test_an_order_that_shows_late_is_still_found(desk: Till) -> None:
    await left(desk, S.AMBIGUOUS)
    desk.clock.move(700)
    await reconcile(desk.ledger, desk.shop, desk.clock)
    desk.shop.orders_book = [order()]
    (placed,) = await reconcile(desk.ledger, desk.shop, desk.clock)
    assert (placed.state, placed.reasons) == (S.PLACED, ())


@pytest.mark.parametrize("error", [Unreachable("https://x", "HTTP 503"), Unusable("no browser was found")])
async def test_a_history_that_cannot_be_read_changes_nothing(desk: Till, error: Exception) -> None:
    purchase = await left(desk, S.AMBIGUOUS)

    class Shut:
        async def orders(self, retailer: str) -> list[PastOrder]:
            raise error

    assert await reconcile(desk.ledger, Shut(), desk.clock) == []
    assert await desk.ledger.get(purchase.id) == purchase


async def test_thanks_for_an_order_that_is_in_no_history_become_ambiguous(desk: Till) -> None:
    desk.shop.takes_orders = False
    desk.shop.placement = Placement(confirmed=True, shown="/order-confirmation", order_number="666")
    purchase = await desk.buyer().buy(1, WATCH, seen(WATCH, desk.clock))
    assert purchase is not None
    assert purchase.state is S.PLACED
    assert await reconcile(desk.ledger, desk.shop, desk.clock) == []
    assert (await desk.ledger.get(purchase.id)).state is S.PLACED
    desk.clock.move(601)
    (phantom,) = await reconcile(desk.ledger, desk.shop, desk.clock)  # so that somebody is told
    assert (phantom.id, phantom.state) == (purchase.id, S.AMBIGUOUS)
    assert "look yourself" in phantom.reasons[0]
    assert await reconcile(desk.ledger, desk.shop, desk.clock) == [], "once"


async def test_an_order_seen_in_the_history_is_not_looked_up_again(desk: Till) -> None:
    purchase = await desk.buyer().buy(1, WATCH, seen(WATCH, desk.clock))
    assert purchase is not None
    await reconcile(desk.ledger, desk.shop, desk.clock)
    desk.shop.orders_book.clear()  # ten orders later it is on another page
    desk.clock.move(700)
    await reconcile(desk.ledger, desk.shop, desk.clock)
    assert (await desk.ledger.get(purchase.id)).state is S.PLACED


@pytest.mark.parametrize(("placed", "state"), [(True, S.PLACED), (False, S.FAILED)])
async def test_a_persons_word_settles_it_and_history_does_not_undo_it(
    desk: Till, placed: bool, state: PurchaseState
) -> None:
    purchase = await left(desk, S.AMBIGUOUS)
    number = "A-1" if placed else None
    after = await resolve(desk.ledger, purchase.id, placed=placed, order_number=number, now=desk.clock.now())
    assert (after.state, after.order_number) == (state, number)
    desk.clock.move(700)
    await reconcile(desk.ledger, desk.shop, desk.clock)
    assert (await desk.ledger.get(purchase.id)).state is state


async def test_once_resolved_as_not_placed_the_product_can_be_bought_again(desk: Till) -> None:
    purchase = await left(desk, S.AMBIGUOUS)
    await resolve(desk.ledger, purchase.id, placed=False, order_number=None, now=desk.clock.now())
    desk.terms = replace(LIVE, limits=replace(LIVE.limits, max_group_purchases=1))
    again = await desk.buyer().buy(2, WATCH, seen(WATCH, desk.clock))
    assert again is not None
    assert again.state is S.PLACED


async def test_only_an_ambiguous_purchase_can_be_resolved(desk: Till) -> None:
    purchase = await left(desk, S.CARTED)
    with pytest.raises(Conflict, match="is carted; only an ambiguous one"):
        await resolve(desk.ledger, purchase.id, placed=True, order_number=None, now=NOON)
    with pytest.raises(NotFound):
        await resolve(desk.ledger, 99, placed=True, order_number=None, now=NOON)
    with pytest.raises(Invalid):
        await resolve(desk.ledger, purchase.id, placed=False, order_number="A", now=NOON)


def test_a_history_is_read_each_minute_at_first_and_ever_more_seldom_after() -> None:
    pace = ReadingPace()
    minutes = [one for one in range(1, 24 * 60) if pace.is_due("target", NOON, NOON + one * MINUTE)]
    assert minutes[:10] == list(range(1, 11))
    gaps = [after - before for before, after in pairwise(minutes)]
    assert gaps == sorted(gaps)
    assert 60 <= gaps[-1] <= 144
    assert len(minutes) < 80


def test_a_younger_purchase_or_a_clock_set_back_is_not_kept_waiting() -> None:
    pace = ReadingPace()
    day_later = NOON + timedelta(days=1)
    assert pace.is_due("target", NOON, day_later)
    assert not pace.is_due("target", NOON, day_later + MINUTE)
    assert pace.is_due("walmart", NOON, day_later + MINUTE)
    assert pace.is_due("target", day_later, day_later + MINUTE)
    assert pace.is_due("target", NOON, day_later - timedelta(hours=1))


async def test_a_history_that_is_not_due_is_not_read(desk: Till) -> None:
    await left(desk, S.AMBIGUOUS)
    desk.clock.move(3600)
    pace = ReadingPace()
    assert await reconcile(desk.ledger, desk.shop, desk.clock, pace) == []
    desk.shop.orders_book = [order()]
    assert await reconcile(desk.ledger, desk.shop, desk.clock, pace) == []
    desk.clock.move(600)
    assert len(await reconcile(desk.ledger, desk.shop, desk.clock, pace)) == 1
