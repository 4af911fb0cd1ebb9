"""The health of every retailer, kept in step with the pauses in the database and told once at each change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from shopwatch.domain.health import Health, HealthState, Pause
from shopwatch.monitor.checker import Look
from shopwatch.monitor.health import RetailerHealth, alert
from shopwatch.monitor.performance import Performance
from shopwatch.monitor.scheduler import Scheduler
from shopwatch.monitor.sources import StockSource
from shopwatch.monitor.watchlist import WatchList
from shopwatch.ports import HealthBook, Pauses

log = structlog.get_logger(__name__)

_BAD = (HealthState.SLOWED, HealthState.BLOCKED, HealthState.NOT_UNDERSTOOD, HealthState.LATE)


class Wards:
    """One state machine for each retailer, and the pauses that people and other processes see too."""

    def __init__(self, book: HealthBook, pauses: Pauses | None, scheduler: Scheduler) -> None:
        self._book = book
        self._pauses = pauses
        self._scheduler = scheduler
        self._known: dict[str, Health] = {}
        self._all: dict[str, RetailerHealth] = {}
        self._paused: dict[str, Pause] = {}
        self._slots_s: dict[str, float] = {}  #: seconds between two requests, at least

    async def load(self, now: datetime) -> None:
        """Go on where the last process stopped: its states, and pauses that still hold."""
        self._known = await self._book.current()
        for name, health in self._known.items():
            if name in self._all:
                self._all[name].resume(health)
        await self.follow_pauses(now)

    def watch(self, sources: Mapping[str, StockSource], now: datetime, target_sweep_s: float) -> None:
        for name, source in sources.items():
            limits = source.limits
            self._slots_s[name] = 1 / max(limits.requests_per_s, limits.peak_requests_per_s or 0.0)
            if name not in self._all:
                self._all[name] = self._ward(name, now)
            self._all[name].target_sweep_s = target_sweep_s

    def _ward(self, name: str, now: datetime) -> RetailerHealth:
        """Of a retailer that is watched from now on: it may be in trouble since the last process."""
        ward = RetailerHealth(Health(retailer=name, state=HealthState.IDLE, since=now))
        if known := self._known.get(name):
            ward.resume(known)
        if pause := self._paused.get(name):
            ward.blocked(pause.until, pause.reason)
        return ward

    def came_back(self, retailer: str, look: Look) -> None:
        if retailer in self._all:
            self._all[retailer].came_back(look)

    async def challenged(self, retailer: str, now: datetime, until: datetime, reason: str) -> None:
        """Stop asking a retailer; the pause that the transport has stored says until when."""
        self._scheduler.pause(retailer, until.timestamp())
        if retailer in self._all:
            self._all[retailer].blocked(until, reason)
        await self.follow_pauses(now)

    async def follow_pauses(self, now: datetime) -> None:
        """Obey pauses wherever they come from, and end those that a human has cleared."""
        if self._pauses is None:
            return
        current = {pause.name: pause for pause in await self._pauses.load(now) if pause.until > now}
        for name, pause in current.items():
            if self._paused.get(name) != pause:
                self._pause(pause)
        for name in self._paused.keys() - current.keys():
            self._resume(name, now)

    async def tick(self, now: datetime, watches: WatchList, performance: Performance) -> None:
        """Let each retailer's health move on, write what changed and tell it."""
        for name, ward in self._all.items():
            before = ward.health
            after = ward.tick(
                now,
                watched=watches.count(name),
                stretch=self.stretch(name, watches),
                sweep_s=performance.sweep_s(name),
            )
            if after is not None:
                self._log(before, after)
                await self._book.enter(after, alert(before, after))

    def stretch(self, retailer: str, watches: WatchList) -> float:
        """By how much intervals are longer than asked; also where two requests may not follow so soon."""
        shortest_s = watches.shortest_s(retailer)
        slots = self._slots_s.get(retailer, 0.0) / shortest_s if shortest_s else 0.0
        return max(self._scheduler.stretch(retailer), slots)

    def moved(self, retailer: str, now: datetime) -> None:
        """Asked at another address from now on: what held up the old one is over, but for a stored pause."""
        if retailer not in self._paused:
            self._scheduler.pause(retailer, now.timestamp())

    def facts(self) -> Mapping[str, object]:
        return {name: ward.health.state.value for name, ward in self._all.items()}

    def _pause(self, pause: Pause) -> None:
        self._paused[pause.name] = pause
        self._scheduler.pause(pause.name, pause.until.timestamp())
        if pause.name in self._all:
            self._all[pause.name].blocked(pause.until, pause.reason)

    def _resume(self, name: str, now: datetime) -> None:
        del self._paused[name]
        self._scheduler.pause(name, now.timestamp())
        if name in self._all:
            self._all[name].blocked(None)

    @staticmethod
    def _log(before: Health, after: Health) -> None:
        """One warning when trouble begins, one line when it is over."""
        tell = log.warning if after.state in _BAD else log.info
        tell(
            "health_changed", retailer=after.retailer, was=before.state, now=after.state, reason=after.reason
        )
