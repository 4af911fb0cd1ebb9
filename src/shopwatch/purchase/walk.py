"""The steps of one purchase in their order; without it a click could come before its line in the book.

The order is the safety: what a step may cost is on the disk before the step. ``placing`` is committed before
the only click that spends, so whoever finds it after a crash knows that money may be gone, and never clicks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import TypeVar

import structlog

from shopwatch.domain.cart import Cart, NotSoldWhy, Placement
from shopwatch.domain.errors import Blocked, HandOver, NotSold, RetailerError, Unusable
from shopwatch.domain.purchase import Allow, PurchaseState
from shopwatch.domain.stock import Observation
from shopwatch.domain.watch import Watch
from shopwatch.ports import Checkout
from shopwatch.purchase.again import again_after_s
from shopwatch.purchase.guard import Case, decide
from shopwatch.purchase.means import Means
from shopwatch.purchase.unless import Ended, dismiss, unless

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")
_TAKE_OUT_S = 30.0
_TAKE_OUT_ENDING_S = 4.0  #: once the monitor stops: it has ten seconds in all
_STOPPED = "the emergency stop is on"
_ENDING = "the monitor stops"


class _Refused(Exception):
    """The guard, or the cart itself, says no: nothing is clicked any more."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


class Walk:
    """The steps of one purchase, and where in the ledger it stands."""

    def __init__(
        self,
        means: Means,
        watch: Watch,
        seen: Observation,
        *,
        live: bool,
        purchase_limit: int | None,
        ending: asyncio.Event,
    ) -> None:
        self._means = means
        self._ending = ending
        self._watch = watch
        self._seen = seen
        self._live = live
        self._purchase_limit = purchase_limit
        self._id = 0
        self._state = PurchaseState.RESERVED
        self._added = False  #: into an empty cart, by us
        self._failed = 0  #: walks of this purchase
        self._legs_ms: dict[str, float] = {}

    def allow(self, cart: Cart | None = None, *, last_click: bool = False) -> Allow:
        return lambda others: decide(self._case(cart, others, last_click=last_click)).refusals

    async def run(self, purchase_id: int) -> None:
        self._id = purchase_id
        try:
            async with asyncio.timeout(self._means.patience_s):
                await self._walks()
        except _Refused as refused:
            await self._end(PurchaseState.REFUSED, refused.reasons)
        except (RetailerError, Unusable) as error:
            self._tell_sessions(error)
            await self._end(PurchaseState.FAILED, (_reason(error),))
        except TimeoutError:
            await self._end(PurchaseState.FAILED, (f"not done within {self._means.patience_s:g} s",))
        finally:  # cancelled, or a bug: what is known is still written
            if not self._state.is_final:
                await asyncio.shield(self._end(PurchaseState.FAILED, ("the walk was broken off",)))

    async def _walks(self) -> None:
        """The way, walked again while what stops it may pass and nothing was clicked that buys."""
        while not self._state.is_final:
            try:
                async with AsyncExitStack() as stack:
                    tab = self._means.checkouts.walk(self._watch.retailer)
                    await self._walk(await self._unless_ending(stack.enter_async_context(tab)))
                break
            except (RetailerError, Unusable) as error:
                self._failed += 1
                wait_s = again_after_s(error, self._state, self._failed)
                if wait_s is None:
                    raise
                await self._note(_reason(error), wait_s)
            await self._unless_ending(self._means.wait(wait_s))

    async def _walk(self, checkout: Checkout) -> None:
        try:
            await self._steps(checkout)
        except _Refused as refused:
            await self._end(PurchaseState.REFUSED, refused.reasons)
        except (RetailerError, Unusable) as error:
            if not self._live and self._is_last(error):
                await self._take_out(checkout)
            raise
        if self._state in (PurchaseState.REHEARSED, PurchaseState.REFUSED):
            await self._take_out(checkout)

    async def _take_out(self, checkout: Checkout) -> None:
        """What this walk alone has put into the cart would stand in the way of the next purchase.

        After a failure it stays, but for a rehearsal's: the person may want to go on by hand.
        """
        if not self._added or self._means.stop.is_on():
            return
        try:
            async with asyncio.timeout(_TAKE_OUT_ENDING_S if self._ending.is_set() else _TAKE_OUT_S):
                await checkout.take_out(self._watch)
        except (RetailerError, Unusable, TimeoutError) as error:
            log.warning("cart_not_cleared", id=self._id, reason=str(error))

    def _is_last(self, error: RetailerError | Unusable) -> bool:
        """Whether this ends the purchase, at a site that may still be asked."""
        again_s = again_after_s(error, self._state, self._failed + 1)
        return again_s is None and not isinstance(error, Blocked)

    async def _note(self, reason: str, wait_s: float) -> None:
        """What stopped a walk that is tried again is an entry of its own."""
        self._raise_if_stopped()
        await self._move(self._state, tried=reason, again_after_s=wait_s)

    async def _steps(self, checkout: Checkout) -> None:
        self._seen = await self._leg("look", checkout.look(self._watch))
        self._check(None)
        cart = await self._leg("cart", checkout.cart())
        if not cart.lines:
            self._check(None)
            self._added = True
            await self._leg("add", checkout.add(self._watch))
            cart = await self._leg("read_back", checkout.cart())
            if not cart.lines:
                raise _Refused("nothing came into the cart")
        self._check(cart)
        await self._move(PurchaseState.CARTED, unit_price=cart.lines[0].unit_price, total=cart.total)
        cart = await self._leg("check_out", checkout.check_out())
        if self._live:
            await self._buy(checkout, cart)
        else:
            self._rehearse(cart)
            await self._end(PurchaseState.REHEARSED, (), total=cart.total)

    async def _buy(self, checkout: Checkout, cart: Cart) -> None:
        allowed = self.allow(cart, last_click=True)
        await self._move(PurchaseState.PLACING, allow=allowed, total=cart.total)
        if self._state is not PurchaseState.PLACING:
            return
        self._raise_if_stopped()
        placement = await self._leg("place", checkout.place(), free=True)
        await self._settle(placement)

    async def _settle(self, placement: Placement) -> None:
        if not placement.confirmed:
            await self._end(PurchaseState.AMBIGUOUS, (f"after the click: {placement.shown}",))
            return
        facts = {"order_number": placement.order_number} if placement.order_number else {}
        await self._end(PurchaseState.PLACED, (), **facts)

    def _rehearse(self, cart: Cart) -> None:
        """Would the last click have been allowed, but for test mode?"""
        case = self._case(cart, (), last_click=True, live=True)
        self._raise_for(decide(case).refusals)

    def _check(self, cart: Cart | None) -> None:
        """Before every click: the stop, the age and price of what was seen, the session, the cart."""
        self._raise_for(decide(self._case(cart, (), last_click=False)).refusals)

    @staticmethod
    def _raise_for(refusals: tuple[str, ...]) -> None:
        if refusals:
            raise _Refused(*refusals)

    def _case(
        self,
        cart: Cart | None,
        others: object,
        *,
        last_click: bool,
        live: bool | None = None,
    ) -> Case:
        means, terms = self._means, self._means.terms()
        return Case(
            watch=self._watch,
            observation=self._seen,
            limits=terms.limits,
            now=means.clock.now(),
            # Live at the reservation and live now: a switch to test mode on the way stops it.
            live=(self._live and terms.live) if live is None else live,
            last_click=last_click,
            emergency_stop=means.stop.is_on(),
            session_healthy=means.sessions.healthy(self._watch.retailer),
            others=tuple(others) if isinstance(others, list | tuple) else (),
            purchase_limit=self._purchase_limit,
            cart=cart,
            ship_to_zip=terms.ship_to_zip,
            card_last_four=terms.card_last_four,
        )

    async def _leg(self, name: str, step: Awaitable[Answer], *, free: bool = False) -> Answer:
        """One step and its time. ``free``: the stop was looked at just before, and it is never broken off."""
        started = self._means.clock.monotonic()
        if not free and self._means.stop.is_on():
            dismiss(step)
            raise _Refused(_STOPPED)
        try:
            return await (step if free else self._unless_ending(step))
        finally:
            self._legs_ms[name] = round((self._means.clock.monotonic() - started) * 1000, 1)

    async def _unless_ending(self, step: Awaitable[Answer]) -> Answer:
        try:
            return await unless(self._ending, step)
        except Ended:
            raise _Refused(_ENDING) from None

    def _raise_if_stopped(self) -> None:
        if self._means.stop.is_on():
            raise _Refused(_STOPPED)
        if self._ending.is_set():
            raise _Refused(_ENDING)

    async def _move(self, after: PurchaseState, *, allow: Allow | None = None, **facts: object) -> None:
        """One step in the ledger; refused inside the transaction, or taken over by another, it ends here."""
        known = {name: value for name, value in facts.items() if value is not None}
        moving = asyncio.ensure_future(
            self._means.ledger.move(
                self._id,
                self._state,
                after,
                now=self._means.clock.now(),
                facts=known | {"legs_ms": dict(self._legs_ms)},
                allow=allow,
            )
        )
        try:
            await _unbroken(moving)
        finally:  # broken off, too: only who knows what the book wrote can write how this ended
            if moving.done() and moving.exception() is None:
                await self._stands(after, moved=moving.result())

    async def _stands(self, after: PurchaseState, *, moved: bool) -> None:
        self._state = after if moved else (await self._means.ledger.get(self._id)).state
        if not moved and not self._state.is_final:
            self._state = PurchaseState.FAILED
            log.error("purchase_taken_over", id=self._id)

    async def _end(self, state: PurchaseState, reasons: tuple[str, ...], **facts: object) -> None:
        """The last line. After the commit of ``placing`` only a refusal before the click is not ambiguous."""
        if self._state.is_final:
            return
        if self._state is PurchaseState.PLACING and state is PurchaseState.FAILED:
            state = PurchaseState.AMBIGUOUS
        before, self._state = self._state, state
        written = facts | {"legs_ms": dict(self._legs_ms)} | ({"reasons": reasons} if reasons else {})
        now = self._means.clock.now()
        moved = await _unbroken(self._means.ledger.move(self._id, before, state, now=now, facts=written))
        if not moved and state is PurchaseState.PLACED:  # somebody gave us up for dead meanwhile
            await self._means.ledger.move(
                self._id, PurchaseState.AMBIGUOUS, state, now=now, facts=written | {"reasons": ()}
            )

    def _tell_sessions(self, error: RetailerError | Unusable) -> None:
        is_session = isinstance(error, NotSold) and error.why == NotSoldWhy.SESSION
        is_challenge = isinstance(error, Blocked) and error.challenge
        if isinstance(error, HandOver) or is_session or is_challenge:
            self._means.sessions.hand_over(self._watch.retailer, _reason(error))


def _reason(error: RetailerError | Unusable) -> str:
    return error.reason if isinstance(error, RetailerError) else str(error)


async def _unbroken(writing: Awaitable[bool]) -> bool:
    """The book finishes what it was asked to write, also when who asked is broken off meanwhile."""
    whole = asyncio.ensure_future(writing)
    try:
        return await asyncio.shield(whole)
    except asyncio.CancelledError:
        await asyncio.wait([whole])
        raise
