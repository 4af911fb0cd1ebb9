"""Lets a browser look at what the API called a restock, and in spare time at what it called sold out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from shopwatch.domain.errors import RetailerError
from shopwatch.domain.stock import Availability, Key, Observation
from shopwatch.domain.stock_state import Alert, AlertKind, Change, StockState
from shopwatch.monitor.rules import Rules, silence, unwanted
from shopwatch.ports import BrowserPool, Clock, Observations

log = structlog.get_logger(__name__)

TRIES = 2  #: looks at one page before it counts as "could not tell"
_LIE_COUNTS_S = 3600.0  #: seconds; a product whose API was caught lying is not audited again before
_MOST_WAITING = 200  #: restocks waiting for a look; beyond it the oldest is told as not looked at

#: A restock that a dead process left unconfirmed is looked at if it is younger: later it is no news.
TAKEN_UP = timedelta(minutes=15)

OnConfirmed = Callable[[Change, Observation], None]


@dataclass(frozen=True, slots=True)
class _Restock:
    id: int
    change: Change
    rules: Rules


class Confirmer:
    """A queue of restocks and the browsers that look at them; checking never waits for it."""

    def __init__(
        self,
        *,
        browser: BrowserPool | None,
        observations: Observations,
        clock: Clock,
        on_confirmed: OnConfirmed | None = None,
    ) -> None:
        self._browser = browser
        self._observations = observations
        self._clock = clock
        self._on_confirmed = on_confirmed
        self._waiting: asyncio.Queue[_Restock] = asyncio.Queue()
        self._lies: dict[Key, float] = {}
        self.looks = 0

    @property
    def is_idle(self) -> bool:
        return self._waiting.empty()

    def why_not(self) -> str:
        """Why an alert sent now stays unconfirmed; empty: a browser will look."""
        if self._browser is None:
            return "no browser is set up to confirm it"
        return "" if self._browser.ready else "the browser is not ready"

    def facts(self) -> Mapping[str, object]:
        """How the background sessions are, for the dashboard."""
        told = self._browser.health() if self._browser else {"ready": False, "sessions": []}
        return {"reason": self.why_not(), **told}

    def submit(self, change: Change, rules: Rules) -> None:
        if change.restock_id is not None:
            self._waiting.put_nowait(_Restock(change.restock_id, change, rules))

    async def take_up(
        self, rules_of: Callable[[Key], Rules | None], state_of: Callable[[Key], StockState]
    ) -> None:
        """Go on with what a killed process left unconfirmed; what is too old is completed as such."""
        for restock in await self._observations.unconfirmed():
            rules, state = rules_of(restock.key), state_of(restock.key)
            is_late = self._clock.now() - restock.at > TAKEN_UP
            if rules is None or is_late:
                await self._observations.confirm(restock.id, "unavailable", None, None)
                continue
            log.info("restock_taken_up", restock=restock.id, sku=restock.key[1], at=restock.at.isoformat())
            change = Change(before=state, after=state, observation=restock.observation, restock_id=restock.id)
            self.submit(change, rules)

    async def work(self) -> None:
        """Confirm restocks one after the other, for ever; several of these run side by side."""
        while True:
            restock = await self._waiting.get()
            try:
                await self._confirm(restock)
            except asyncio.CancelledError:
                self._waiting.put_nowait(restock)  # for ``drain`` to complete
                raise

    async def drain(self) -> None:
        """Mark what nobody looked at, so that it does not stay unconfirmed for ever."""
        while not self._waiting.empty():
            await self._complete(
                self._waiting.get_nowait(), None, "the monitor stopped before a browser looked"
            )

    async def _confirm(self, restock: _Restock) -> None:
        why = self.why_not()
        overdue = self._waiting.qsize() > _MOST_WAITING
        if why or overdue or self._browser is None:
            await self._complete(restock, None, why or "too many restocks at once")
            return
        seen, why = None, ""
        for _ in range(TRIES):
            self.looks += 1
            try:
                seen = await self._browser.confirm(restock.rules.watch, restock.rules.url)
            except RetailerError as error:
                why = error.reason
                break
            if seen.availability is not Availability.UNKNOWN:
                break
        await self._complete(restock, seen, why)

    async def _complete(self, restock: _Restock, seen: Observation | None, why: str) -> None:
        verdict, why = _verdict(restock, seen, why)
        evidence = seen.evidence if seen else None
        alert = _alert(restock, seen, verdict, why)
        first = await self._observations.confirm(restock.id, verdict, evidence, alert)
        log.info(
            "restock_looked_at", restock=restock.id, sku=restock.rules.watch.sku, verdict=verdict, why=why
        )
        if first and verdict == "confirmed" and seen is not None and self._on_confirmed is not None:
            self._on_confirmed(restock.change, seen)

    async def audit(self, sold_out: Sequence[Rules], draw: random.Random) -> Observation | None:
        """Look at one product the API calls sold out; answers only with an observation that denies it."""
        if self._browser is None or not self._browser.ready or not self.is_idle or not sold_out:
            return None
        rules = draw.choice(sold_out)
        now_s = self._clock.monotonic()
        if now_s - self._lies.get(rules.watch.key, float("-inf")) < _LIE_COUNTS_S:
            return None
        try:
            seen = await self._browser.confirm(rules.watch, rules.url)
        except RetailerError as error:
            log.info("audit_failed", sku=rules.watch.sku, reason=error.reason)
            return None
        if not seen.availability.is_buyable:
            return None
        self._lies[rules.watch.key] = now_s
        log.warning("api_contradicted", sku=rules.watch.sku, page=seen.availability.value, reason=seen.reason)
        return seen


def _verdict(restock: _Restock, seen: Observation | None, why: str) -> tuple[str, str]:
    """Positive evidence only: the button of that very SKU, with a seller and a price the person accepts."""
    if seen is None:
        return "unavailable", why
    if seen.availability is Availability.UNKNOWN:
        return "unavailable", seen.reason or "the page could not be read"
    if not seen.by(restock.rules.watch.channels).is_buyable:
        return "refuted", seen.reason
    offer, after = seen.offer, restock.change.after
    as_seen = replace(after, sold_by=offer.sold_by, price=offer.price or after.price) if offer else after
    refused = unwanted(as_seen, restock.rules.watch)
    return ("refuted", refused) if refused else ("confirmed", seen.reason)


def _alert(restock: _Restock, seen: Observation | None, verdict: str, why: str) -> Alert | None:
    """Completes the alert that went out unconfirmed; nothing is added where nobody could look."""
    kinds = {"confirmed": AlertKind.CONFIRMED, "refuted": AlertKind.NOT_CONFIRMED}
    watch = restock.rules.watch
    if verdict not in kinds and restock.rules.ask_first:  # one held back leaves now, and says why
        facts = {"unconfirmed_because": why}
        return Alert(key=f"restock:{restock.id}", kind=AlertKind.RESTOCK, facts=facts)
    if verdict not in kinds or silence(watch, restock.change.observation.observed_at):
        return None
    offer = seen.offer if seen else None
    return Alert(
        key=f"{verdict}:{restock.id}",
        kind=kinds[verdict],
        retailer=watch.retailer,
        sku=watch.sku,
        facts={
            "restock": str(restock.id),
            "name": watch.name or restock.change.after.title or watch.sku,
            "retailer": watch.retailer,
            "sku": watch.sku,
            "url": restock.rules.url,
            "confirmation": verdict,
            "why": why,
            "price": str(offer.price) if offer and offer.price else None,
            "sold_by": offer.sold_by if offer else None,
        },
    )
