"""Where confirmed restocks go to be bought, or rehearsed in test mode, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any, Self

import structlog

from shopwatch.bootstrap.buying import Buying, buying_of, tidy
from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.looking import product_url
from shopwatch.browser.pool import Pool
from shopwatch.domain.errors import Invalid, RetailerError, ShopwatchError
from shopwatch.domain.purchase import Purchase
from shopwatch.domain.session import SessionHealth, SessionStatus
from shopwatch.domain.stock import Key, Observation
from shopwatch.domain.stock_state import Alert, AlertKind, Change
from shopwatch.domain.watch import Watch
from shopwatch.ports import BrowserPool
from shopwatch.purchase.reconcile import BY_A_PERSON, ReadingPace
from shopwatch.purchase.unless import Ended, unless

log = structlog.get_logger("purchases")

_TIDY_S = 60.0  #: between two looks at purchases whose end nobody knows
_NEWS_FOR = timedelta(days=1)  #: how a purchase ended


class Till:
    """Takes what a browser confirmed and hands it to the buyer; the checks never wait for it."""

    def __init__(self, core: Core, buying: Buying) -> None:
        self._core = core
        self._buying = buying
        self._waiting: asyncio.Queue[tuple[Change, Observation]] = asyncio.Queue()
        self._keeping: asyncio.Task[None] | None = None  #: keeps the sessions warm
        self._pace = ReadingPace()

    @classmethod
    def of(cls, core: Core, pool: BrowserPool, *, live: bool) -> Self | None:
        """``None`` where the pool is no pool of ours, such as a test's."""
        if not isinstance(pool, Pool):
            return None

        async def told(status: SessionStatus) -> None:
            await core.outbox.add(session_alerts(status))

        return cls(core, buying_of(core, pool, live=live, told=told))

    def offer(self, change: Change, seen: Observation) -> None:
        """A browser has confirmed a restock."""
        self._waiting.put_nowait((change, seen))

    async def run(self, stop: asyncio.Event) -> None:
        """Buy until ``stop``; the purchase in hand is refused then, or its last click waited for."""
        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(stop.wait())
            await self._tell_of_before()
            while not stop.is_set():
                await _unless(stop, self._look_at_sessions(tasks, stop))
                if self._waiting.empty():
                    await _unless(stop, self._tidy())
                offered = await self._offered(stopping)
                if offered is not None:
                    # A purchase may be wanted only since a moment, or the machine has slept.
                    await _unless(stop, self._look_at_sessions(tasks, stop))
                    await self._serve(*offered, stop)
            if self._keeping is not None:
                self._keeping.cancel()

    async def _look_at_sessions(self, tasks: asyncio.TaskGroup, stop: asyncio.Event) -> None:
        """Before the first purchase: what was not looked at is refused. Then they are kept warm.

        Only once something may be bought: nobody else needs to be signed in.
        """
        if self._keeping is None and self._wanted():
            await self._buying.sessions.check_all()
            self._keeping = tasks.create_task(self._buying.sessions.keep(stop), name="sessions")
        await self._buying.sessions.notice()

    async def _offered(self, stopping: asyncio.Task[Any]) -> tuple[Change, Observation] | None:
        """What a browser confirmed; ``None`` after so long a wait that it is time to tidy again."""
        taking = asyncio.ensure_future(self._waiting.get())
        done, _ = await asyncio.wait((taking, stopping), timeout=_TIDY_S, return_when=asyncio.FIRST_COMPLETED)
        if taking not in done:
            taking.cancel()
            return None
        return taking.result()

    async def _serve(self, change: Change, seen: Observation, stop: asyncio.Event) -> None:
        watch = self._wanted().get(change.after.key)
        if watch is not None and change.restock_id is not None:
            purchase = await self._buying.buyer.buy(
                change.restock_id,
                watch,
                seen,
                purchase_limit=change.after.purchase_limit,
                ending=stop,
            )
            if purchase is not None:
                await self._tell(purchase, watch)

    async def _tell(self, purchase: Purchase, watch: Watch | None) -> None:
        url = (watch.url if watch else None) or self._page_of(purchase.key)
        alert = purchase_alert(purchase, name=watch.name if watch else "", url=url)
        await self._core.outbox.add([alert])

    def _page_of(self, key: Key) -> str:
        try:
            return product_url(self._core, key)
        except Invalid:  # a retailer that is watched no longer, its key unset: the news counts without it
            return ""

    async def _tell_of_before(self) -> None:
        """What ended while a process died that would have told it. An alert that is there is left alone."""
        ledger, now = self._core.ledger, self._core.clock.now()
        for purchase in await ledger.recent():
            if purchase.state.is_final and now - purchase.updated_at < _NEWS_FOR:
                last = (await ledger.entries(purchase.id))[-1]
                if last.facts.get("by") != BY_A_PERSON:
                    await self._tell(purchase, self._wanted().get(purchase.key))

    async def _tidy(self) -> None:
        try:
            for purchase in await tidy(self._core, self._buying.checkouts, self._pace):
                await self._tell(purchase, self._wanted().get(purchase.key))
        except RetailerError as error:
            log.warning("orders_not_read", reason=error.reason)
        except ShopwatchError as error:
            log.warning("purchases_not_tidied", reason=str(error))

    def _wanted(self) -> dict[Key, Watch]:
        return {watch.key: watch for watch in self._core.watches if watch.auto_purchase and watch.enabled}


async def _unless(stop: asyncio.Event, step: Coroutine[Any, Any, None]) -> None:
    """A step that may be broken off: who stops does not wait for a site."""
    with suppress(Ended):
        await unless(stop, step)


def purchase_alert(purchase: Purchase, *, name: str, url: str) -> Alert:
    """How a purchase ended; it names its restock, whose page lists it then."""
    return Alert(
        key=f"purchase:{purchase.id}:{purchase.state.value}",
        kind=AlertKind.PURCHASE,
        retailer=purchase.key[0],
        sku=purchase.key[1],
        facts={
            "restock": str(purchase.restock_id),
            "purchase": purchase.id,
            "name": name or purchase.key[1],
            "state": purchase.state.value,
            "reason": "; ".join(purchase.reasons),
            "url": url,
        },
    )


def session_alerts(status: SessionStatus) -> list[Alert]:
    """Told ahead of a drop, not at it: a session that ends, has ended or wants a person."""
    if status.health is SessionHealth.HEALTHY:
        return []
    # One that comes and goes by itself is told once an hour; a person is asked for again only once they came.
    is_asked_for = status.health is SessionHealth.NEEDS_HUMAN
    since = status.since.isoformat() if is_asked_for else f"{status.since:%Y-%m-%dT%H}"
    return [
        Alert(
            key=f"session:{status.retailer}:{status.health.value}:{since}",
            kind=AlertKind.HEALTH,
            retailer=status.retailer,
            facts={"state": f"session {_WORDS[status.health]}", "reason": status.reason},
        )
    ]


_WORDS = {
    SessionHealth.EXPIRING: "ends soon",
    SessionHealth.EXPIRED: "has ended: sign in again",
    SessionHealth.NEEDS_HUMAN: "needs you",
    SessionHealth.NONE: "is not there: nobody has signed in",
}
