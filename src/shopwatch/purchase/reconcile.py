"""Finds out whether an ambiguous purchase is an order; without it every unclear page would need a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from shopwatch.domain.cart import OrderLine, PastOrder
from shopwatch.domain.errors import Conflict, Invalid, RetailerError, Unusable
from shopwatch.domain.purchase import Purchase, PurchaseState
from shopwatch.ports import Clock, Ledger, OrderHistory

log = structlog.get_logger(__name__)

#: The site's clock and ours may differ so much.
_CLOCKS_DIFFER = timedelta(minutes=2)
#: An order of ours is placed within the longest walk, and not hours later by the person's own hand.
_LONGEST = timedelta(minutes=15)
#: An order may show late in the history; only after this its absence is worth a word.
SETTLED_AFTER = timedelta(minutes=10)
_SEEN = "seen_in_history"
BY_A_PERSON = "a person"  #: in the facts of an entry: who wrote it
_PHANTOM = "the site confirmed an order that is not in its history; look yourself"
_ABSENT = "no order in the history; look yourself, then `shopwatch purchases resolve`"


class ReadingPace:
    """Reads a history at every turn while an order may still show in it, then after a tenth of the time."""

    def __init__(self) -> None:
        self._read: dict[str, datetime] = {}

    def is_due(self, retailer: str, begun: datetime, now: datetime) -> bool:
        """``begun``: of the youngest purchase whose order is looked for. What is due counts as read."""
        waited, last = now - begun, self._read.get(retailer, begun)
        if waited > SETTLED_AFTER and last <= now < last + waited / 10:
            return False
        self._read[retailer] = now
        return True


async def reconcile(
    ledger: Ledger, history: OrderHistory, clock: Clock, pace: ReadingPace | None = None
) -> list[Purchase]:
    """Look up every ambiguous purchase in its retailer's order history; returns those whose state changed.

    What is not found stays ambiguous until a person decides: absence is no proof. A purchase the page gave
    thanks for is looked up too: thanks for an order that is not in the history make it ambiguous. A history
    whose turn has not come by ``pace`` is not read.
    """
    waiting = [one for one in await ledger.unresolved() if one.state is PurchaseState.AMBIGUOUS]
    unseen = await _unseen(ledger, clock.now())
    changed: list[Purchase] = []
    begins = [purchase.created_at for purchase in [*waiting, *unseen]]
    since = min(begins, default=clock.now()) - _LONGEST  # an order of before is none of theirs
    for retailer in sorted({purchase.key[0] for purchase in [*waiting, *unseen]}):
        youngest = max(one.created_at for one in [*waiting, *unseen] if one.key[0] == retailer)
        if pace is not None and not pace.is_due(retailer, youngest, clock.now()):
            continue
        try:
            orders = await history.orders(retailer)
        except (RetailerError, Unusable) as error:  # a site in trouble, or no browser to look with
            log.warning("order_history_unread", retailer=retailer, reason=str(error))
            continue
        taken = {one.order_number for one in await ledger.counted_since(since) if one.order_number}
        changed += [
            await ledger.get(one.id)
            for one in unseen
            if one.key[0] == retailer and await _is_phantom(ledger, one, orders, now=clock.now())
        ]
        for purchase in (one for one in waiting if one.key[0] == retailer):
            number = await _settle(ledger, purchase, orders, taken, now=clock.now())
            if number is not None:
                taken.add(number)
                changed.append(await ledger.get(purchase.id))
    return changed


def matching(purchase: Purchase, orders: Sequence[PastOrder], taken: set[str]) -> list[PastOrder]:
    """Orders that this purchase may have made: its product and quantity, its time, nobody else's."""
    wanted = OrderLine(sku=purchase.key[1], quantity=purchase.quantity)
    begin, end = purchase.created_at - _CLOCKS_DIFFER, purchase.created_at + _LONGEST
    return [
        order
        for order in orders
        if order.number not in taken
        and order.lines == (wanted,)
        and order.placed_at is not None
        and begin <= order.placed_at <= end
    ]


async def resolve(
    ledger: Ledger, purchase_id: int, *, placed: bool, order_number: str | None, now: datetime
) -> Purchase:
    """A person has looked and says what became of it.

    Raises:
        NotFound: there is no such purchase.
        Conflict: it is not ambiguous.
        Invalid: an order number for an order that was not placed.
    """
    if order_number and not placed:
        raise Invalid("--order goes with --placed: what was not placed has no order number")
    after = PurchaseState.PLACED if placed else PurchaseState.FAILED
    facts: dict[str, object] = {"by": BY_A_PERSON, "order_number": order_number}
    facts |= {"reasons": () if placed else ("a person looked: no order was placed",)}
    if not await ledger.move(purchase_id, PurchaseState.AMBIGUOUS, after, now=now, facts=facts):
        state = (await ledger.get(purchase_id)).state
        raise Conflict(f"purchase {purchase_id} is {state.value}; only an ambiguous one can be resolved")
    return await ledger.get(purchase_id)


async def _unseen(ledger: Ledger, now: datetime) -> list[Purchase]:
    """Orders of the last day that a page confirmed and the history has not."""
    recent = [one for one in await ledger.counted_since(now - timedelta(days=1)) if one.live]
    placed = [one for one in recent if one.state is PurchaseState.PLACED]
    return [one for one in placed if await _only_the_page_said_so(ledger, one)]


async def _only_the_page_said_so(ledger: Ledger, purchase: Purchase) -> bool:
    """Not yet seen in the history, nor decided by a person."""
    last = (await ledger.entries(purchase.id))[-1]
    return last.before is PurchaseState.PLACING


async def _is_phantom(
    ledger: Ledger, purchase: Purchase, orders: Sequence[PastOrder], *, now: datetime
) -> bool:
    """Whether a confirmed order turns out to be ambiguous by this look."""
    fitting = [order.number for order in orders if order.number == purchase.order_number]
    if purchase.order_number is None:
        fitting = [order.number for order in matching(purchase, orders, set())]
    if fitting:
        facts: dict[str, object] = {_SEEN: True, "order_number": fitting[0]}
        await ledger.move(purchase.id, purchase.state, purchase.state, now=now, facts=facts)
        return False
    if now - purchase.created_at <= SETTLED_AFTER:
        return False
    log.warning("confirmed_order_missing", id=purchase.id)
    told = {"reasons": (_PHANTOM,)}
    return await ledger.move(purchase.id, purchase.state, PurchaseState.AMBIGUOUS, now=now, facts=told)


async def _settle(
    ledger: Ledger, purchase: Purchase, orders: Sequence[PastOrder], taken: set[str], *, now: datetime
) -> str | None:
    found = matching(purchase, orders, taken)
    if len(found) == 1:
        facts: dict[str, object] = {"order_number": found[0].number, _SEEN: True, "reasons": ()}
        if found[0].total is not None:
            facts["total"] = found[0].total
        moved = await ledger.move(
            purchase.id, PurchaseState.AMBIGUOUS, PurchaseState.PLACED, now=now, facts=facts
        )
        return found[0].number if moved else None
    note = f"{len(found)} orders in the history may be this one" if found else _ABSENT
    is_settled = bool(found) or now - purchase.created_at > SETTLED_AFTER
    if is_settled and note not in purchase.reasons:
        await ledger.move(
            purchase.id,
            PurchaseState.AMBIGUOUS,
            PurchaseState.AMBIGUOUS,
            now=now,
            facts={"reasons": (*purchase.reasons, note)},
        )
    return None
