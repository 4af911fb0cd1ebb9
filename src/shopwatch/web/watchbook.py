"""Watches with their states in memory: a list of 1,000 would else read the database at each look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shopwatch.bootstrap.core import Core
from shopwatch.config.files import Loaded
from shopwatch.config.watches import name_of, watches_of
from shopwatch.domain.errors import NotFound
from shopwatch.domain.stock import Availability, Key
from shopwatch.domain.stock_state import StockState
from shopwatch.domain.watch import Watch
from shopwatch.web.listing import best_known

Spark = list[tuple[int, int | None]]  #: (epoch seconds, 1 buyable, 0 not, None unknown), each until the next

_WHOLE_S = 5.0  #: all states are read again after so long: the time of the last check makes no event
_COST_SHARE = 20.0  #: and reading them may take a twentieth of the time at most
_PLANS_S = 1.0
_SPARK = timedelta(days=7)
_SPARK_AGE_S = 600.0
_SPARK_POINTS = 80


class WatchBook:
    """Holds no truth: watches are the configuration's, states and plans the database's."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.watches: dict[Key, Watch] = {}
        self.states: dict[Key, StockState] = {}
        self.plans: Mapping[str, Any] = {}
        self.monitor: Mapping[str, Any] = {}  #: what the monitor last laid out
        self._sparks: dict[Key, tuple[float, Spark]] = {}
        self._loaded: Loaded | None = None
        self._last_event = -1
        self._whole_until_s = 0.0  #: monotonic
        self._plans_until_s = 0.0  #: monotonic
        self._one_at_a_time = asyncio.Lock()

    async def fresh(self) -> None:
        """Bring everything up to date with the configuration and the last event."""
        async with self._one_at_a_time:
            loaded = self._core.loaded
            if loaded is not self._loaded:
                self.watches = {watch.key: watch for watch in watches_of(loaded.settings.shopwatch)}
                self._loaded = loaded
            if self._last_event < 0 or self._core.clock.monotonic() >= self._whole_until_s:
                await self._read_all()
            else:
                await self._follow()
            await self._read_plans()

    def get(self, key: Key) -> Watch:
        """Raises NotFound."""
        try:
            return self.watches[key]
        except KeyError:
            raise NotFound(f"nothing is watched as {name_of(key)}") from None

    def state(self, key: Key) -> StockState:
        return self.states.get(key) or StockState(key=key)

    def plan(self, key: Key) -> tuple[datetime | None, str] | None:
        """When the product is looked at next, and why then."""
        found = self.plans.get(f"{key[0]}:{key[1]}")
        if isinstance(found, Mapping):
            return _time(found.get("next_check")), str(found.get("why", ""))
        if isinstance(found, list | tuple) and len(found) > 1:
            return _time(found[0]), str(found[1])
        return None

    async def sparks(self, keys: Iterable[Key]) -> dict[Key, Spark]:
        """A week of each product's availability, for the small picture in its row."""
        now_s = self._core.clock.monotonic()
        wanted = list(keys)
        missing = [key for key in wanted if self._sparks.get(key, (0.0, []))[0] <= now_s]
        if missing:
            since = self._core.clock.now() - _SPARK
            changes = await self._core.history.changes_of(missing, since)
            for key in missing:
                spark: Spark = []
                for change in changes.get(key, []):
                    if not spark:
                        spark.append((int(since.timestamp()), _level(change.was)))
                    best = best_known((change.availability, change.pickup))
                    spark.append((int(change.at.timestamp()), _level(best)))
                self._sparks[key] = (now_s + _SPARK_AGE_S, spark[-_SPARK_POINTS:])
        return {key: self._sparks[key][1] for key in wanted}

    async def _read_all(self) -> None:
        clock = self._core.clock
        began_s = clock.monotonic()
        self._last_event = await self._core.events.last_id()
        states = await self._core.observations.load()
        for key, state in states.items():
            known = self.states.get(key)
            if known is None or known.version != state.version:
                self._sparks.pop(key, None)
        self.states = states
        cost_s = clock.monotonic() - began_s
        self._whole_until_s = clock.monotonic() + max(_WHOLE_S, cost_s * _COST_SHARE)

    async def _follow(self) -> None:
        changed: set[Key] = set()
        while True:
            events = await self._core.events.after(self._last_event)
            if not events:
                break
            self._last_event = events[-1].id
            changed |= {
                (str(event.data["retailer"]), str(event.data["sku"]))
                for event in events
                if event.kind == "stock" and "sku" in event.data
            }
        if changed:
            self.states.update(await self._core.observations.states(changed))
            for key in changed:
                self._sparks.pop(key, None)

    async def _read_plans(self) -> None:
        now_s = self._core.clock.monotonic()
        if now_s < self._plans_until_s:
            return
        self._plans_until_s = now_s + _PLANS_S
        self.monitor = await self._core.notebook.read("monitor") or {}
        plans = self.monitor.get("plans")
        self.plans = plans if isinstance(plans, Mapping) else {}


def _level(availability: Availability) -> int | None:
    return None if availability is Availability.UNKNOWN else int(availability.is_buyable)


def _time(value: object) -> datetime | None:
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value).astimezone()
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
