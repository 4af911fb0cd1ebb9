"""What a dead process left in the ledger; without it a crash would block its product without a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from shopwatch.domain.purchase import Purchase, PurchaseState
from shopwatch.ports import Clock, Ledger

log = structlog.get_logger(__name__)

#: No walk takes so long; whoever is older belongs to no living process, wherever that ran.
_OVERDUE = timedelta(minutes=15)
_DIED = "the process died before the click"
_DIED_CLICKING = "the process died at the last click: nobody knows whether an order exists"


async def recover(ledger: Ledger, clock: Clock, *, is_dead: Callable[[str], bool]) -> list[Purchase]:
    """End what nobody is working on any more; returns those that are ambiguous now.

    ``placing`` is written before the click, so what stands before it was never clicked: that failed.
    """
    ambiguous: list[Purchase] = []
    now = clock.now()
    for purchase in await ledger.unresolved():
        if purchase.state.is_final or not await _abandoned(ledger, purchase, now, is_dead):
            continue
        clicking = purchase.state is PurchaseState.PLACING
        after = PurchaseState.AMBIGUOUS if clicking else PurchaseState.FAILED
        facts = {"reasons": (_DIED_CLICKING if clicking else _DIED,)}
        if await ledger.move(purchase.id, purchase.state, after, now=now, facts=facts):
            log.warning("purchase_abandoned", id=purchase.id, was=purchase.state.value, state=after.value)
            if clicking:
                ambiguous.append(await ledger.get(purchase.id))
    return ambiguous


async def _abandoned(
    ledger: Ledger, purchase: Purchase, now: datetime, is_dead: Callable[[str], bool]
) -> bool:
    if abs(now - purchase.updated_at) > _OVERDUE:
        return True
    owner = (await ledger.entries(purchase.id))[0].facts.get("owner")
    return isinstance(owner, str) and is_dead(owner)
