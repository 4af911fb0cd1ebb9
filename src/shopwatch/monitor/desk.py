"""One request at a time: look, tell the scheduler, record what changed, tell whoever acts on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import structlog

from shopwatch.domain.errors import Invalid, RetailerError
from shopwatch.domain.stock import Key, Observation
from shopwatch.domain.stock_state import Change
from shopwatch.domain.watch import Watch
from shopwatch.monitor.checker import Answered, Look, details_inside, failure, look, look_at_details
from shopwatch.monitor.confirming import Confirmer
from shopwatch.monitor.details import DetailsPlan, offer_seen
from shopwatch.monitor.performance import Performance
from shopwatch.monitor.recorder import Recorder
from shopwatch.monitor.rules import silence
from shopwatch.monitor.scheduler import Batch, Outcome, Scheduler
from shopwatch.monitor.sources import StockSource
from shopwatch.monitor.transition import UNWANTED
from shopwatch.monitor.wards import Wards
from shopwatch.monitor.watchlist import WatchList
from shopwatch.ports import Clock

log = structlog.get_logger(__name__)

LATE_BY = 1.1  #: a check later than so many of its intervals, and a second, is late
_CHALLENGE_PAUSE_S = (
    900.0  #: where the site gives no time; the transport's own pause follows from the database
)

OnRestock = Callable[[Change, Watch], None]


class Desk:
    """What is done with each batch. It holds the watches and sources in force, and they change whole."""

    def __init__(
        self,
        *,
        clock: Clock,
        scheduler: Scheduler,
        recorder: Recorder,
        confirmer: Confirmer,
        wards: Wards,
        details: DetailsPlan,
        on_restock: OnRestock | None = None,
    ) -> None:
        self._clock = clock
        self._scheduler = scheduler
        self._recorder = recorder
        self._confirmer = confirmer
        self._wards = wards
        self._details = details
        self._on_restock = on_restock
        self._looked_s: dict[Key, float] = {}  #: by the clock that nobody sets
        self._trouble: dict[str, str] = {}  #: the last one told, of retailers and products without a verdict
        self.performance = Performance()
        self.watches = WatchList()
        self.sources: Mapping[str, StockSource] = {}

    def take_over(self, watches: WatchList, sources: Mapping[str, StockSource]) -> None:
        self.watches, self.sources = watches, dict(sources)
        self.performance.watch(watches)
        self._looked_s = {key: at for key, at in self._looked_s.items() if key in watches}

    async def check(self, batch: Batch) -> None:
        """Look at a batch and give it back to the scheduler, whatever came of it."""
        source = self.sources.get(batch.retailer)
        if source is None:  # its retailer was taken out of the configuration meanwhile
            self._scheduler.done(batch, {}, self._now_s())
            return
        late = self._late(batch)
        seen = await look(source, batch.skus)
        if self._is_past(source):  # an answer of another place: it counts for nothing, and this one is asked
            self._scheduler.done(batch, {}, self._now_s())
            self._ask_again((batch.retailer, sku) for sku in batch.skus)
            return
        self._done(batch, seen, late)
        await self._obey(batch.retailer, seen, batch.skus)
        if seen.seen:
            self._recorder.count(seen.seen)
            self._recorder.learn_title(seen.seen)
            await self.record(seen.seen)
            await self._details_inside(source, seen, batch)
        elif seen.answered is not Answered.HELD:
            for sku in batch.skus:
                self._recorder.tallies.add((batch.retailer, sku), self._clock.now(), unknown=True)

    async def record(self, seen: Sequence[Observation]) -> list[Change]:
        """Commit what ``seen`` changes and tell it; what is doubtful or held is asked again at once."""
        now = self._clock.now()
        news = self._recorder.news(seen, self.watches, now=now)
        if not news:
            return []
        now_s = now.timestamp()
        doubtful = [one.product.key for one in news if self._scheduler.doubtful(one.product.key, now_s)]
        changes = await self._recorder.record(
            news, self.watches, now=now, doubtful=doubtful, note=self._confirmer.why_not()
        )
        for change in changes:
            self._tell(change)
        self._ask_again(
            {*doubtful, *(one.after.key for one in changes if one.after.held.keys() - {UNWANTED})}
        )
        return changes

    async def read_details(self, retailer: str, sku: str) -> None:
        """Read the slow facts of one product; a failure waits for its next turn."""
        key, source = (retailer, sku), self.sources.get(retailer)
        if source is None or source.api.details_request is None:
            return
        try:
            details, page = await look_at_details(source, sku)
        except Invalid:
            return  # the looks at its stock say so already
        except RetailerError as error:
            self._details.failed(key, self._clock.monotonic())
            log.info("details_failed", retailer=retailer, sku=sku, reason=error.reason)
            await self._obey(retailer, failure(error), (sku,))
            return
        if self._is_past(source):
            return
        await self._recorder.save_details(key, details)
        offer = offer_seen(key, details, page)
        if offer is not None:
            await self.record([offer])

    def _is_past(self, source: StockSource) -> bool:
        """Whether the configuration has come to say another address, place or key since it was asked."""
        now = self.sources.get(source.retailer)
        return now is None or now.site != source.site

    async def _details_inside(self, source: StockSource, seen: Look, batch: Batch) -> None:
        key = (batch.retailer, batch.skus[0])
        if len(batch.skus) > 1 or seen.page is None or not self._details.is_due(key, self._clock.monotonic()):
            return
        details = details_inside(source, seen.page, batch.skus[0])
        if details is not None:
            self._details.done(key, self._clock.monotonic())
            await self._recorder.save_details(key, details)

    def _done(self, batch: Batch, seen: Look, late: int) -> None:
        now_s = self._now_s()
        outcomes = self._outcomes(batch, seen)
        self._scheduler.done(
            batch,
            outcomes,
            now_s,
            refused=seen.refused,
            retry_after_s=seen.retry_after_s if seen.refused else None,
        )
        self._wards.came_back(batch.retailer, seen)
        self._details.paid(batch.retailer)
        if seen.answered is not Answered.HELD:
            page, ended_s = seen.page, self._clock.monotonic()
            self.performance.done(
                batch.retailer,
                batch.skus,
                ended_s,
                duration_ms=page.duration_ms if page else 0.0,
                late=late,
                failed=page is None,
            )
            self._looked_s.update(((batch.retailer, sku), ended_s) for sku in batch.skus)

    def _outcomes(self, batch: Batch, seen: Look) -> dict[str, Outcome]:
        if not seen.seen:
            return dict.fromkeys(batch.skus, seen.outcome)
        outcomes: dict[str, Outcome] = {}
        for one in seen.seen:
            rules = self.watches.rules(one.product.key)
            if rules is not None:
                outcomes[one.product.sku] = self.watches.outcome(rules, one)
        return outcomes

    async def _obey(self, retailer: str, seen: Look, skus: Sequence[str]) -> None:
        """Ask nothing more where we are challenged, or while our own politeness holds a host."""
        now = self._clock.now()
        if seen.answered is Answered.CHALLENGED:
            log.warning("challenged", retailer=retailer, reason=seen.reason)
            until = now + timedelta(seconds=seen.retry_after_s or _CHALLENGE_PAUSE_S)
            await self._wards.challenged(retailer, now, until, seen.reason)
        elif seen.answered is Answered.HELD and seen.retry_after_s:
            self._scheduler.pause(retailer, now.timestamp() + seen.retry_after_s)
        else:
            self._note_trouble(retailer, seen, skus)

    def _note_trouble(self, retailer: str, seen: Look, skus: Sequence[str]) -> None:
        """One line for one trouble: a retailer's, or that of a product which never has a verdict."""
        one = f"{retailer}:{skus[0]}" if len(skus) == 1 else retailer
        if seen.answered is Answered.READ:
            self._trouble.pop(retailer, None)
            self._trouble.pop(one, None)
            return
        name = one if seen.answered is Answered.SILENT else retailer
        if seen.reason and self._trouble.get(name) != seen.reason:
            self._trouble[name] = seen.reason
            log.info("look_failed", retailer=retailer, answered=seen.answered.value, reason=seen.reason)

    def _tell(self, change: Change) -> None:
        before, after, seen = change.before, change.after, change.observation
        retailer, sku = after.key
        rules = self.watches.rules(after.key)
        held = after.held.keys() - {UNWANTED}
        self.performance.changes += not held
        log.info(
            "held_back" if held else "changed",
            retailer=retailer,
            sku=sku,
            was=before.availability.value,
            now=after.availability.value,
            price=str(after.price) if after.price else None,
            reason=seen.reason,
            restock=change.restock_id,
        )
        if not change.is_restock or rules is None:
            return
        if why := silence(rules.watch, seen.observed_at):
            log.info("restock_not_told", retailer=retailer, sku=sku, reason=why)
        self._details.hurry(after.key, self._clock.monotonic())
        self._confirmer.submit(change, rules)
        if self._on_restock is not None:
            self._on_restock(change, rules.watch)

    def _ask_again(self, keys: Iterable[Key]) -> None:
        now_s = self._now_s()
        for key in keys:
            self._scheduler.check_now(key, now_s)

    def _late(self, batch: Batch) -> int:
        now_s, late = self._clock.monotonic(), 0
        for sku in batch.skus:
            key = (batch.retailer, sku)
            last, rules = self._looked_s.get(key), self.watches.rules(key)
            if last is not None and rules is not None:
                late += now_s - last > rules.watch.check_frequency_s * LATE_BY + 1.0
        return late

    def _now_s(self) -> float:
        return self._clock.now().timestamp()
