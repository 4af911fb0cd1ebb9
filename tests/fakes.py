"""Stand-ins for the ports: small, honest, in memory. No test patches anything."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import RetailerError
from shopwatch.domain.health import Health, Pause
from shopwatch.domain.stock import Evidence, Key, Observation
from shopwatch.domain.stock_state import Alert, Change, Decide, StockState
from shopwatch.domain.watch import Watch
from shopwatch.ports import CheckTally, Event, Restock

START = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


class FakeClock:
    """A ``ports.Clock`` that moves only when it is told to."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def pass_(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds


Answer = Page | bytes | RetailerError
Respond = Callable[[Request], Answer]


class ScriptedFetcher:
    """A ``ports.Fetcher`` that answers as told and remembers what it was asked."""

    def __init__(self, respond: Respond, clock: FakeClock | None = None) -> None:
        self.respond = respond
        self.clock = clock
        self.asked: list[Request] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.gate: asyncio.Event | None = None  #: when set, answers wait for it

    async def fetch(self, request: Request) -> Page:
        self.asked.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.gate is not None:
                await self.gate.wait()
            else:
                await asyncio.sleep(0)
            answer = self.respond(request)
        finally:
            self.in_flight -= 1
        if isinstance(answer, RetailerError):
            raise answer
        return answer if isinstance(answer, Page) else self._page(request, answer)

    def _page(self, request: Request, body: bytes) -> Page:
        now = self.clock.now() if self.clock else datetime.now(UTC)
        return Page(
            request=request,
            url=request.url,
            status=200,
            headers={},
            body=body,
            fetched_at=now,
            duration_ms=5.0,
        )


class MemoryObservations:
    """A ``ports.Observations`` in memory: compare-and-set, restocks, alerts and counts."""

    def __init__(self) -> None:
        self.states: dict[Key, StockState] = {}
        self.alerts: list[Alert] = []
        self.changes: list[Change] = []
        self.records = 0  #: transactions
        self.flushes = 0
        self.checks: dict[Key, int] = defaultdict(int)
        self.unknowns: dict[Key, int] = defaultdict(int)
        self.confirmations: dict[int, str] = {}
        self.left_open: list[Restock] = []  #: unconfirmed, by a process before this one
        self.restocks = 0
        self.happened = asyncio.Event()  #: something was recorded or confirmed

    async def load(self) -> dict[Key, StockState]:
        return dict(self.states)

    async def record(self, seen: Sequence[Observation], decide: Decide) -> list[Change]:
        self.records += 1
        told = []
        for one in seen:
            before = self.states.get(one.product.key) or StockState(key=one.product.key)
            transition = decide(before, one)
            if transition is None:
                continue
            self.states[one.product.key] = transition.after
            restock_id = None
            if transition.is_restock:
                self.restocks += 1
                restock_id = self.restocks
            change = Change(before=before, after=transition.after, observation=one, restock_id=restock_id)
            told.append(change)
            named = str(restock_id or self.restocks)
            self.alerts += [replace(a, key=a.key.replace("{restock}", named)) for a in transition.alerts]
        self.changes += told
        self.happened.set()
        return told

    async def checked(self, tallies: Sequence[CheckTally]) -> None:
        self.flushes += 1
        for tally in tallies:
            self.checks[tally.key] += tally.checks
            self.unknowns[tally.key] += tally.unknowns

    async def save_details(self, states: Sequence[StockState]) -> None:
        for state in states:
            known = self.states.get(state.key) or StockState(key=state.key)
            self.states[state.key] = replace(
                known,
                title=state.title,
                purchase_limit=state.purchase_limit,
                image_url=state.image_url,
            )

    async def confirm(
        self, restock_id: int, verdict: str, evidence: Evidence | None, alert: Alert | None
    ) -> bool:
        if restock_id in self.confirmations:
            return False
        self.confirmations[restock_id] = verdict
        self.alerts += [alert] if alert else []
        self.happened.set()
        return True

    async def unconfirmed(self) -> list[Restock]:
        return [restock for restock in self.left_open if restock.id not in self.confirmations]


class MemoryNotebook:
    def __init__(self) -> None:
        self.pages: dict[str, Mapping[str, object]] = {}

    async def read(self, name: str) -> Mapping[str, object] | None:
        return self.pages.get(name)

    async def write(self, name: str, document: Mapping[str, object]) -> None:
        self.pages[name] = document


class MemoryEvents:
    def __init__(self) -> None:
        self.events: list[Event] = []

    async def publish(self, kind: str, data: Mapping[str, object]) -> None:
        self.events.append(Event(id=len(self.events) + 1, kind=kind, at=START, data=data))

    async def after(self, last_id: int, limit: int = 500) -> list[Event]:
        return self.events[last_id : last_id + limit]

    async def last_id(self) -> int:
        return len(self.events)


@dataclass
class MemoryPauses:
    pauses: dict[str, Pause] = field(default_factory=dict)

    async def load(self, now: datetime) -> list[Pause]:
        self.pauses = {name: pause.bounded(now) for name, pause in self.pauses.items()}
        return list(self.pauses.values())

    async def save(self, pause: Pause) -> None:
        self.pauses[pause.name] = pause

    async def clear(self, name: str) -> None:
        self.pauses.pop(name, None)


@dataclass
class MemoryHealthBook:
    states: dict[str, Health] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    history: list[Health] = field(default_factory=list)

    async def enter(self, health: Health, alert: Alert | None) -> bool:
        if health.retailer in self.states and self.states[health.retailer].state is health.state:
            return False
        self.states[health.retailer] = health
        self.history.append(health)
        self.alerts += [alert] if alert else []
        return True

    async def current(self) -> dict[str, Health]:
        return dict(self.states)


class ScriptedBrowser:
    """A ``ports.BrowserPool`` that sees what it is told to see."""

    def __init__(self, sights: Iterable[Observation | RetailerError] = (), *, ready: bool = True) -> None:
        self.sights = list(sights)
        self.ready = ready
        self.looks: list[str] = []

    async def confirm(self, watch: Watch, url: str) -> Observation:
        self.looks.append(url)
        await asyncio.sleep(0)
        sight = self.sights.pop(0) if len(self.sights) > 1 else self.sights[0]
        if isinstance(sight, RetailerError):
            raise sight
        return sight

    def health(self) -> Mapping[str, object]:
        return {"ready": self.ready}
