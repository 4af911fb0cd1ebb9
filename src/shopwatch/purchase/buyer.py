"""Buys one product once: a restock is reserved by one buyer, who walks the way to its order."""

from __future__ import annotations

import asyncio

import structlog

from shopwatch.domain.purchase import Purchase, PurchaseState
from shopwatch.domain.stock import Observation
from shopwatch.domain.watch import Watch
from shopwatch.purchase.means import Means
from shopwatch.purchase.walk import Walk

log = structlog.get_logger(__name__)


class Buyer:
    """One restock, one purchase, one click at most."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def buy(
        self,
        restock_id: int,
        watch: Watch,
        seen: Observation,
        *,
        purchase_limit: int | None = None,
        ending: asyncio.Event | None = None,
    ) -> Purchase | None:
        """Walk the whole way; in test mode up to the last click.

        ``purchase_limit``: pieces the site sells to a shopper, as far as it says.
        Once ``ending`` is set (this process is about to stop) the step in hand is broken off and nothing is
        clicked any more; only a last click that was made is waited for.

        Returns the purchase as it ended, or ``None`` if another process has this restock.
        """
        means, live = self._means, self._means.terms().live
        walk = Walk(
            means,
            watch,
            seen,
            live=live,
            purchase_limit=purchase_limit,
            ending=ending or asyncio.Event(),
        )
        purchase = await means.ledger.reserve(
            restock_id,
            watch,
            live=live,
            now=means.clock.now(),
            allow=walk.allow(),
            facts={"owner": means.owner},
        )
        if purchase is None:
            return None
        if purchase.state is PurchaseState.RESERVED:
            await walk.run(purchase.id)
            purchase = await means.ledger.get(purchase.id)
        log.info("purchase_ended", id=purchase.id, state=purchase.state.value, reasons=purchase.reasons)
        return purchase
