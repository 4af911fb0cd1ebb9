"""The walk: what is written before what is clicked, and how each thing that goes wrong ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.scripted_checkout import LIMITS, LIVE, WATCH, Shop, Till, seen, till
from tests.storage.conftest import Open

from shopwatch.domain.cart import CartLine, NotSoldWhy, Placement
from shopwatch.domain.errors import Blocked, HandOver, LayoutChanged, NotSold, Unreachable
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Allow, Purchase, PurchaseState
from shopwatch.domain.stock import Availability, Offer, Source
from shopwatch.purchase.means import Terms
from shopwatch.storage.ledger import SqlLedger

S = PurchaseState
WAY = ["look", "cart", "add", "cart", "check_out", "place"]


@pytest.fixture
def desk(open_database: Open, tmp_path: Path) -> Till:
    return till(SqlLedger(open_database()), tmp_path)


async def bought(desk: Till, restock_id: int = 1, **change: Any) -> Purchase:
    purchase = await desk.buyer().buy(restock_id, WATCH, seen(WATCH, desk.clock, **change))
    assert purchase is not None
    return purchase


async def test_more_than_the_site_sells_to_a_shopper_is_refused_before_anything_is_clicked(
    desk: Till,
) -> None:
    two = replace(WATCH, quantity=2)
    purchase = await desk.buyer().buy(1, two, seen(two, desk.clock), purchase_limit=1)
    assert purchase is not None
    assert purchase.state is S.REFUSED
    assert "2 wanted, but the site sells 1 to a shopper" in purchase.reasons
    assert desk.shop.steps == []


async def states(desk: Till, purchase: Purchase) -> list[PurchaseState]:
    return [entry.after for entry in await desk.ledger.entries(purchase.id)]


def at(step: str, act: Callable[[], object]) -> Callable[[str], Any]:
    """Do something when the shop comes to a step."""

    async def before(name: str) -> None:
        if name == step:
            act()

    return before


def fails(error: Exception) -> Callable[[], object]:
    def act() -> None:
        raise error

    return act


async def test_a_good_walk_ends_placed_with_one_order(desk: Till) -> None:
    purchase = await bought(desk)
    assert purchase.state is S.PLACED
    assert await states(desk, purchase) == [S.RESERVED, S.CARTED, S.PLACING, S.PLACED]
    assert [order.number for order in desk.shop.orders_book] == [purchase.order_number]
    assert (purchase.unit_price, purchase.total) == (Money(4999), Money(5399))
    assert desk.shop.steps == WAY
    assert [name for name, _ in purchase.legs_ms] == [
        "look",
        "cart",
        "add",
        "read_back",
        "check_out",
        "place",
    ]


async def test_placing_is_in_the_book_before_the_click(desk: Till) -> None:
    known: list[PurchaseState] = []

    async def before(name: str) -> None:
        if name == "place":
            known.extend(one.state for one in await desk.ledger.unresolved())

    desk.shop.before = before
    await bought(desk)
    assert known == [S.PLACING]


async def test_test_mode_walks_to_the_last_click_and_no_further(desk: Till) -> None:
    desk.terms = replace(LIVE, live=False)
    purchase = await bought(desk)
    assert purchase.state is S.REHEARSED
    assert not purchase.live
    assert desk.shop.steps == [*WAY[:-1], "take_out"]
    assert (desk.shop.orders_book, desk.shop.lines) == ([], [])
    assert dict(purchase.legs_ms).keys() == {"look", "cart", "add", "read_back", "check_out"}


async def test_a_rehearsal_tells_what_would_have_refused_the_last_click(desk: Till) -> None:
    desk.terms = replace(LIVE, live=False)
    desk.shop.page = {"ship_to_zip": "10001", "card_last_four": "9999"}
    purchase = await bought(desk)
    assert purchase.state is S.REFUSED
    assert purchase.reasons == (
        "the address is not the configured one",
        "the card is not the configured one",
    )


async def test_the_defaults_buy_nothing(desk: Till) -> None:
    desk.terms = Terms()
    purchase = await bought(desk)
    assert purchase.state is S.REFUSED
    assert "no max_order_total is set" in purchase.reasons
    assert desk.shop.steps == []


async def test_all_reasons_are_written_before_anything_is_opened(desk: Till) -> None:
    desk.stop.set("x")
    desk.sessions.is_healthy = False
    purchase = await bought(desk, source=Source.API, offer=Offer(price=Money(9999)))
    assert purchase.reasons == (
        "the emergency stop is on",
        "no browser has confirmed it",
        "$99.99 is over $50.00",
        "a total of $99.99 is over $60.00",
        "the session is not signed in",
    )
    assert await states(desk, purchase) == [S.REFUSED]
    assert desk.shop.steps == []


async def test_a_restock_that_another_has_is_left_alone(desk: Till) -> None:
    await bought(desk)
    assert await desk.buyer().buy(1, WATCH, seen(WATCH, desk.clock)) is None
    assert len(desk.shop.orders_book) == 1


@pytest.mark.parametrize("step", ["look", "cart", "add", "check_out"])
async def test_the_emergency_stop_ends_it_at_every_step(desk: Till, step: str) -> None:
    desk.shop.before = at(step, lambda: desk.stop.set("x"))
    purchase = await bought(desk)
    assert purchase.state is S.REFUSED
    assert purchase.reasons[0] == "the emergency stop is on"
    assert desk.shop.orders_book == []
    assert "place" not in desk.shop.steps


async def test_the_emergency_stop_between_the_book_and_the_click_ends_it_too(desk: Till) -> None:
    class Late(SqlLedger):
        async def move(self, purchase_id: int, before: S, after: S, **rest: Any) -> bool:
            moved = await super().move(purchase_id, before, after, **rest)
            if after is S.PLACING:
                desk.stop.set("x")
            return moved

    assert isinstance(desk.ledger, SqlLedger)
    desk.ledger = Late(desk.ledger._database)
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.REFUSED, ("the emergency stop is on",))
    assert "place" not in desk.shop.steps


async def test_a_switch_to_test_mode_on_the_way_ends_it(desk: Till) -> None:
    def switch() -> None:
        desk.terms = replace(LIVE, live=False)

    desk.shop.before = at("check_out", switch)
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.REFUSED, ("this is test mode",))
    assert desk.shop.orders_book == []


async def test_a_limit_lowered_on_the_way_counts(desk: Till) -> None:
    def lower() -> None:
        desk.terms = replace(LIVE, limits=replace(LIMITS, max_order_total=Money(5000)))

    desk.shop.before = at("check_out", lower)
    purchase = await bought(desk)
    assert purchase.reasons == ("a total of $53.99 is over $50.00",)


@pytest.mark.parametrize(
    "lines",
    [
        [CartLine(sku="9", quantity=1, unit_price=Money(100))],
        [CartLine(sku="1", quantity=2, unit_price=Money(4999))],
        [
            CartLine(sku="1", quantity=1, unit_price=Money(4999)),
            CartLine(sku="9", quantity=1, unit_price=None),
        ],
    ],
)
async def test_what_is_foreign_in_the_cart_is_neither_bought_nor_removed(
    desk: Till, lines: list[CartLine]
) -> None:
    desk.shop.lines = list(lines)
    purchase = await bought(desk)
    assert purchase.state is S.REFUSED
    assert any(reason.startswith("the cart holds") for reason in purchase.reasons)
    assert desk.shop.lines == lines
    assert "add" not in desk.shop.steps


async def test_what_lies_in_the_cart_exactly_as_wanted_is_not_added_again(desk: Till) -> None:
    desk.shop.lines = [CartLine(sku="1", quantity=1, unit_price=Money(4999))]
    assert (await bought(desk)).state is S.PLACED
    assert "add" not in desk.shop.steps


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ({"page_total": Money(5400)}, "the page says $54.00, the cart $53.99"),
        ({"page_total": None}, "the page shows no total"),
        ({"total": Money(6001), "page_total": Money(6001)}, "a total of $60.01 is over $60.00"),
        ({"ship_to_zip": "10001"}, "the address is not the configured one"),
        ({"card_last_four": None}, "the card is not the configured one"),
        ({"cannot_order": ("an add-on",)}, "an add-on"),
        ({"lines": ()}, "the cart holds 0 lines, not 1"),
    ],
)
async def test_a_strange_checkout_page_is_refused(desk: Till, page: dict[str, Any], reason: str) -> None:
    desk.shop.page = page
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.REFUSED, (reason,))
    assert desk.shop.orders_book == []


async def test_a_click_that_puts_nothing_into_the_cart_is_said_so(desk: Till) -> None:
    async def after(name: str) -> None:
        if name == "add":
            desk.shop.lines.clear()

    desk.shop.after = after
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.REFUSED, ("nothing came into the cart",))


async def test_a_price_that_rises_in_the_cart_is_refused(desk: Till) -> None:
    desk.shop.price = Money(5001)
    assert (await bought(desk)).reasons == ("the cart's price $50.01 is over $50.00",)


async def test_a_page_that_no_longer_sells_it_is_refused(desk: Till) -> None:
    desk.shop.look_change = {"availability": Availability.OUT_OF_STOCK, "pickup": Availability.OUT_OF_STOCK}
    assert (await bought(desk)).reasons == ("it is out of stock",)
    assert "add" not in desk.shop.steps


@pytest.mark.parametrize(
    "error",
    [
        NotSold("https://x/cart", "sold out when it was put into the cart", why=NotSoldWhy.SOLD_OUT),
        NotSold("https://x/cart", "the purchase limit is reached", why=NotSoldWhy.LIMIT),
        NotSold("https://x/cart", "too many shoppers at once (429)", why=NotSoldWhy.THROTTLED),
        LayoutChanged("https://x/checkout", "the checkout page is not ready"),
        Blocked("https://x", "HTTP 403", status=403),
        Unreachable("https://x", "the browser failed"),
    ],
)
@pytest.mark.parametrize("step", ["look", "add", "check_out"])
async def test_what_fails_before_the_click_is_failed_with_its_reason(
    desk: Till, step: str, error: Unreachable
) -> None:
    desk.shop.before = at(step, fails(error))
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.FAILED, (error.reason,))
    assert desk.shop.orders_book == []
    assert desk.sessions.is_healthy


@pytest.mark.parametrize(
    "error",
    [
        HandOver("https://x/checkout", "the checkout asks for the card's security code"),
        NotSold("https://x/cart", "the site does not accept the session", why=NotSoldWhy.SESSION),
        Blocked("https://x/p", "the page shows a test for humans", challenge=True, status=200),
    ],
)
async def test_where_a_person_is_needed_the_session_says_so(desk: Till, error: HandOver | NotSold) -> None:
    desk.shop.before = at("check_out", fails(error))
    assert (await bought(desk)).state is S.FAILED
    assert desk.sessions.asked == [error.reason]
    assert (await bought(desk, 2)).reasons == ("the session is not signed in",)


async def test_an_unclear_page_after_the_click_is_ambiguous_and_blocks(desk: Till) -> None:
    desk.shop.placement = Placement(confirmed=False, shown="/checkout, no answer, TimeoutError")
    purchase = await bought(desk)
    assert purchase.state is S.AMBIGUOUS
    assert purchase.reasons == ("after the click: /checkout, no answer, TimeoutError",)
    again = await bought(desk, 2)
    assert again.state is S.REFUSED
    assert f"purchase {purchase.id} of it is not resolved" in again.reasons
    assert desk.shop.steps.count("place") == 1


async def test_an_error_at_the_click_is_ambiguous_never_failed(desk: Till) -> None:
    desk.shop.before = at("place", fails(Unreachable("https://x", "the browser failed")))
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.AMBIGUOUS, ("the browser failed",))


async def test_a_walk_without_end_is_ended(desk: Till) -> None:
    forever = asyncio.Event()

    async def before(name: str) -> None:
        if name == "check_out":
            await forever.wait()

    desk.shop.before, desk.patience_s = before, 0.2
    assert (await bought(desk)).reasons == ("not done within 0.2 s",)


async def test_a_walk_broken_off_while_the_book_writes_is_not_left_open(desk: Till) -> None:
    writing, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    class Slow(SqlLedger):
        async def move(self, *given: Any, allow: Allow | None = None, **rest: Any) -> bool:
            def slowly(others: Sequence[Purchase]) -> Sequence[str]:
                loop.call_soon_threadsafe(writing.set)
                assert go_on.wait(60)
                return allow(others) if allow else ()

            return await super().move(*given, allow=slowly if allow else None, **rest)

    assert isinstance(desk.ledger, SqlLedger)
    desk.ledger = Slow(desk.ledger._database)
    task = asyncio.create_task(desk.buyer().buy(1, WATCH, seen(WATCH, desk.clock)))
    await writing.wait()  # the last leave before the click is being written
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [one.state for one in await desk.ledger.recent()] == [S.AMBIGUOUS]
    assert "place" not in desk.shop.steps


async def test_an_order_is_written_even_if_this_is_broken_off_before_the_book_comes_to_it(desk: Till) -> None:
    asked, go_on = asyncio.Event(), threading.Event()

    class Busy(SqlLedger):
        async def move(self, purchase_id: int, before: S, after: S, **rest: Any) -> bool:
            if after is not S.PLACED:
                return await super().move(purchase_id, before, after, **rest)
            busy = asyncio.ensure_future(self._database.write(lambda _: go_on.wait(60)))
            await asyncio.sleep(0)  # it stands before us in the line
            asyncio.get_running_loop().call_soon(asked.set)  # once we wait, too
            moved = await super().move(purchase_id, before, after, **rest)
            await busy
            return moved

    assert isinstance(desk.ledger, SqlLedger)
    desk.ledger = Busy(desk.ledger._database)
    task = asyncio.create_task(desk.buyer().buy(1, WATCH, seen(WATCH, desk.clock)))
    await asked.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [one.state for one in await desk.ledger.recent()] == [S.PLACED]


@pytest.mark.parametrize(("step", "state"), [("check_out", S.FAILED), ("place", S.AMBIGUOUS)])
async def test_a_cancelled_walk_still_writes_how_it_stands(
    desk: Till, step: str, state: PurchaseState
) -> None:
    reached, forever = asyncio.Event(), asyncio.Event()

    async def before(name: str) -> None:
        if name == step:
            reached.set()
            await forever.wait()

    desk.shop.before = before
    task = asyncio.create_task(desk.buyer().buy(1, WATCH, seen(WATCH, desk.clock)))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [one.state for one in await desk.ledger.recent()] == [state]


async def test_old_news_is_looked_at_anew_before_the_cart(desk: Till) -> None:
    """Fresh is what the buyer's own look says, not what was known a walk ago."""
    desk.shop.before = at("look", lambda: desk.clock.move(25))
    assert (await bought(desk)).state is S.PLACED


async def test_a_look_that_grows_old_before_the_click_is_refused(desk: Till) -> None:
    desk.shop.before = at("check_out", lambda: desk.clock.move(31))
    assert (await bought(desk)).reasons == ("seen 31 s ago",)


async def test_what_a_walk_put_in_and_may_not_buy_is_taken_out_for_the_next(desk: Till) -> None:
    desk.shop.price = Money(5001)
    assert (await bought(desk)).state is S.REFUSED
    assert desk.shop.lines == []
    desk.shop.price = Money(4999)
    assert (await bought(desk, 2)).state is S.PLACED


async def test_what_lay_in_the_cart_before_is_not_taken_out(desk: Till) -> None:
    desk.terms = replace(LIVE, live=False)
    desk.shop.lines = [CartLine(sku="1", quantity=1, unit_price=Money(4999))]
    assert (await bought(desk)).state is S.REHEARSED
    assert "take_out" not in desk.shop.steps


async def test_where_the_site_failed_it_stays_for_the_person_to_go_on(desk: Till) -> None:
    desk.shop.before = at("check_out", fails(HandOver("https://x", "the card's security code")))
    assert (await bought(desk)).state is S.FAILED
    assert len(desk.shop.lines) == 1


async def test_where_a_rehearsal_failed_it_is_taken_out_for_nobody_goes_on(desk: Till) -> None:
    desk.terms = replace(LIVE, live=False)
    covered = LayoutChanged("https://x/checkout", "something covers the last button")
    desk.shop.before = at("check_out", fails(covered))
    assert (await bought(desk)).state is S.FAILED
    assert (desk.shop.steps[-1], desk.shop.lines) == ("take_out", [])


async def test_a_site_that_refuses_a_rehearsal_is_left_alone(desk: Till) -> None:
    desk.terms = replace(LIVE, live=False)
    desk.shop.before = at("check_out", fails(Blocked("https://x", "HTTP 403", status=403)))
    assert (await bought(desk)).state is S.FAILED
    assert "take_out" not in desk.shop.steps


async def test_while_the_emergency_stop_is_on_nothing_is_taken_out_either(desk: Till) -> None:
    desk.shop.before = at("check_out", lambda: desk.stop.set("x"))
    assert (await bought(desk)).state is S.REFUSED
    assert "take_out" not in desk.shop.steps


async def test_a_cart_that_cannot_be_cleared_changes_no_verdict(desk: Till) -> None:
    desk.terms = replace(LIVE, live=False)
    desk.shop.before = at("take_out", fails(Unreachable("https://x", "HTTP 503")))
    assert (await bought(desk)).state is S.REHEARSED


BUSY = NotSold("https://x/checkout", "the checkout is overrun", why=NotSoldWhy.THROTTLED)


@pytest.mark.parametrize("step", ["look", "cart", "add", "check_out"])
@pytest.mark.parametrize("error", [BUSY, Unreachable("https://x", "HTTP 503")])
async def test_what_may_pass_is_walked_again_within_the_one_reservation(
    desk: Till, step: str, error: Unreachable
) -> None:
    left = [error, error]

    async def before(name: str) -> None:
        if name == step and left:
            raise left.pop()

    desk.shop.before = before
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.PLACED, ())
    assert len(desk.shop.orders_book) == 1
    assert desk.waits == [1.0, 3.0]
    tried = [
        entry.facts["tried"] for entry in await desk.ledger.entries(purchase.id) if "tried" in entry.facts
    ]
    assert tried == [error.reason] * 2


async def test_it_is_walked_four_times_and_no_more(desk: Till) -> None:
    desk.shop.before = at("check_out", fails(BUSY))
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.FAILED, (BUSY.reason,))
    assert desk.waits == [1.0, 3.0, 8.0]
    assert desk.shop.steps.count("add") == 1, "what lies in the cart as wanted is not added again"


@pytest.mark.parametrize(
    "error",
    [
        NotSold("https://x", "sold out", why=NotSoldWhy.SOLD_OUT),
        NotSold("https://x", "the limit", why=NotSoldWhy.LIMIT),
        HandOver("https://x", "a code"),
        LayoutChanged("https://x", "another page"),
        Blocked("https://x", "HTTP 403"),
    ],
)
async def test_what_does_not_pass_by_itself_is_not_tried_again(desk: Till, error: Blocked) -> None:
    desk.shop.before = at("check_out", fails(error))
    assert (await bought(desk)).state is S.FAILED
    assert desk.waits == []


async def test_nothing_is_tried_again_once_the_click_was_written_down(desk: Till) -> None:
    desk.shop.before = at("place", fails(Unreachable("https://x", "the browser failed")))
    assert (await bought(desk)).state is S.AMBIGUOUS
    assert desk.waits == []


async def test_the_emergency_stop_ends_the_trying(desk: Till) -> None:
    desk.shop.before = at("check_out", fails(BUSY))

    async def wait(seconds: float) -> None:
        desk.stop.set("x")

    desk.wait = wait  # type: ignore[method-assign]
    assert (await bought(desk)).reasons == ("the emergency stop is on",)
    assert desk.shop.steps.count("look") == 1


async def test_a_limit_lowered_between_two_walks_counts(desk: Till) -> None:
    desk.shop.before = at("add", fails(BUSY))

    async def wait(seconds: float) -> None:
        desk.terms = replace(LIVE, limits=replace(LIMITS, max_order_total=Money(100)))

    desk.wait = wait  # type: ignore[method-assign]
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.REFUSED, ("a total of $49.99 is over $1.00",))


async def test_given_up_for_dead_between_two_walks_it_is_not_walked_again(desk: Till) -> None:
    async def before(name: str) -> None:
        if name == "check_out":
            for one in await desk.ledger.unresolved():
                await desk.ledger.move(one.id, one.state, S.FAILED, now=desk.clock.now(), facts={})
            raise BUSY

    desk.shop.before = before
    assert (await bought(desk)).state is S.FAILED
    assert desk.shop.steps.count("look") == 1


async def test_given_up_for_dead_and_confirmed_after_all_it_is_placed(desk: Till) -> None:
    async def after(name: str) -> None:
        if name == "place":
            for one in await desk.ledger.unresolved():
                await desk.ledger.move(one.id, one.state, S.AMBIGUOUS, now=desk.clock.now(), facts={})

    desk.shop.after = after
    purchase = await bought(desk)
    assert (purchase.state, purchase.reasons) == (S.PLACED, ())


async def test_given_up_for_dead_before_the_click_nothing_is_clicked(desk: Till) -> None:
    async def before(name: str) -> None:
        if name == "check_out":
            for one in await desk.ledger.unresolved():
                await desk.ledger.move(one.id, one.state, S.FAILED, now=desk.clock.now(), facts={})

    desk.shop.before = before
    assert (await bought(desk)).state is S.FAILED
    assert "place" not in desk.shop.steps


@pytest.mark.parametrize("repetition", range(3))
async def test_two_live_monitors_and_one_restock_make_one_order(
    desk: Till, open_database: Open, repetition: int
) -> None:
    other = Shop(clock=desk.clock, orders_book=desk.shop.orders_book)
    both = [desk.buyer(), desk.buyer(SqlLedger(open_database()), other)]
    walks = [buyer.buy(repetition + 1, WATCH, seen(WATCH, desk.clock)) for buyer in both]
    ended = await asyncio.gather(*walks)
    assert sorted(one.state.value for one in ended if one) == ["placed"]
    assert len(desk.shop.orders_book) == 1


async def test_two_live_monitors_with_room_for_one_buy_one_of_two_restocks(
    desk: Till, open_database: Open
) -> None:
    desk.terms = replace(LIVE, limits=replace(LIMITS, max_daily_purchases=1))
    other = Shop(clock=desk.clock, orders_book=desk.shop.orders_book)
    both = [desk.buyer(), desk.buyer(SqlLedger(open_database()), other)]
    walks = [buyer.buy(number, WATCH, seen(WATCH, desk.clock)) for number, buyer in enumerate(both, 1)]
    ended = await asyncio.gather(*walks)
    assert sorted(one.state.value for one in ended if one) == ["placed", "refused"]
    assert len(desk.shop.orders_book) == 1


async def walked(desk: Till, ending: asyncio.Event) -> Purchase:
    async with asyncio.timeout(20):
        purchase = await desk.buyer().buy(1, WATCH, seen(WATCH, desk.clock), ending=ending)
    assert purchase is not None
    return purchase


@pytest.mark.parametrize("step", ["look", "cart", "add", "check_out"])
async def test_when_the_monitor_stops_a_step_before_the_last_click_is_broken_off(
    desk: Till, step: str
) -> None:
    ending = asyncio.Event()

    async def before(name: str) -> None:
        if name == step:
            ending.set()
            await asyncio.Event().wait()

    desk.shop.before = before
    purchase = await walked(desk, ending)
    assert (purchase.state, purchase.reasons) == (S.REFUSED, ("the monitor stops",))
    assert desk.shop.orders_book == []
    assert desk.shop.lines == [], "what we had put into the cart is taken out"


async def test_when_the_monitor_stops_just_before_the_last_click_it_is_not_made(desk: Till) -> None:
    ending = asyncio.Event()
    desk.shop.before = at("check_out", ending.set)
    purchase = await walked(desk, ending)
    assert (purchase.state, purchase.reasons) == (S.REFUSED, ("the monitor stops",))
    assert "place" not in desk.shop.steps


async def test_when_the_monitor_stops_a_last_click_that_was_made_is_waited_for(desk: Till) -> None:
    ending = asyncio.Event()

    async def after(name: str) -> None:
        if name == "place":
            ending.set()
            await asyncio.sleep(0)  # whoever would break it off has its turn

    desk.shop.after = after
    purchase = await walked(desk, ending)
    assert purchase.state is S.PLACED
    assert len(desk.shop.orders_book) == 1


async def test_when_the_monitor_stops_nothing_is_begun_and_no_walk_is_waited_for(desk: Till) -> None:
    ending = asyncio.Event()

    async def wait(seconds: float) -> None:
        ending.set()
        await asyncio.Event().wait()

    desk.wait = wait  # type: ignore[method-assign]
    desk.shop.before = at("look", fails(Unreachable("https://x", "HTTP 503")))
    assert (await walked(desk, ending)).reasons == ("the monitor stops",)
    assert desk.shop.steps == ["look"]
    later = await desk.buyer().buy(2, WATCH, seen(WATCH, desk.clock), ending=ending)
    assert later is not None
    assert (later.state, later.reasons) == (S.REFUSED, ("the monitor stops",))
    assert desk.shop.steps == ["look"]
