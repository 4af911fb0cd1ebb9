"""Watches with their states in memory: a list of 1,000 would else read the database at each look."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shopwatch.bootstrap.core import Core
from shopwatch.config.files import Loaded
from shopwatch.config.watches import name_of, watches_of
from shopwatch.domain.errors import NotFound
from shopwatch.domain.stock import Availability, Key
from shopwatch.domain.stock_state import StockState
from shopwatch.domain.watch import Watch
from shopwatch.ports import Event
from shopwatch.web.listing import best_known

Spark = list[tuple[int, int | None]]  #: (epoch seconds, 1 buyable, 0 not, None unknown), each until the next
Plan = tuple[datetime | None, str]  #: when the product is looked at next, and why then

_CHECKED_S = 5.0  #: times of the last check are read again after so long: a check makes no event
_COST_SHARE = 20.0  #: and reading them may take a twentieth of the time at most
_PLANS_S = 1.0
_SPARK = timedelta(days=7)
_SPARK_AGE_S = 6 * 3600.0  #: each change lengthens it; read anew only to drop what is older than a week
_SPARK_POINTS = 80


class WatchBook:
    """Holds no truth: watches are the configuration's, states and plans the database's."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.watches: dict[Key, Watch] = {}
        self.states: dict[Key, StockState] = {}
        self.plans: dict[Key, Plan] = {}
        self.monitor: Mapping[str, Any] = {}  #: what the monitor last laid out
        self._boot = secrets.token_hex(3)  #: editions of another process say nothing here
        self._edition = 0  #: grows with every change that a page would show
        self._changed_in: dict[Key, int] = {}  #: the edition in which each product last changed
        self._empty: dict[Key, StockState] = {}  #: of products nobody saw yet
        self._list_changed_in = 0  #: the edition in which products came, went or were set otherwise
        self._told: Mapping[str, Any] = {}
        self._sparks: dict[Key, tuple[float, Spark]] = {}  #: with the moment (monotonic) it is read anew
        self._loaded: Loaded | None = None
        self._last_event = -1
        self._checked_until_s = 0.0  #: monotonic
        self._plans_until_s = 0.0  #: monotonic
        self._one_at_a_time = asyncio.Lock()

    async def fresh(self) -> None:
        """Bring everything up to date with the configuration and the last event."""
        async with self._one_at_a_time:
            loaded = self._core.loaded
            if loaded is not self._loaded:
                self.watches = {watch.key: watch for watch in watches_of(loaded.settings.shopwatch)}
                self._loaded = loaded
                self._edition += 1
                self._list_changed_in = self._edition
            if self._last_event < 0:
                self._last_event = await self._core.events.last_id()
                self.states = await self._core.observations.load()
            else:
                await self._follow()
                await self._read_checked()
            await self._read_plans()

    def get(self, key: Key) -> Watch:
        """Raises NotFound."""
        try:
            return self.watches[key]
        except KeyError:
            raise NotFound(f"nothing is watched as {name_of(key)}") from None

    def state(self, key: Key) -> StockState:
        return self.states.get(key) or self._empty.setdefault(key, StockState(key=key))

    def plan(self, key: Key) -> Plan | None:
        return self.plans.get(key)

    @property
    def edition(self) -> str:
        """Names what a page shows; ``changed_since`` tells what differs from it."""
        return f"{self._boot}-{self._edition}"

    def changed_since(self, edition: str) -> frozenset[Key] | None:
        """``None`` where the whole must be told: products came or went, or another process said it."""
        boot, _, number = edition.rpartition("-")
        if boot != self._boot or not number.isdecimal():
            return None
        if not self._list_changed_in <= int(number) <= self._edition:
            return None
        return frozenset(key for key, changed in self._changed_in.items() if changed > int(number))

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

    async def _follow(self) -> None:
        changed: set[Key] = set()
        while True:
            events = await self._core.events.after(self._last_event)
            if not events:
                break
            self._last_event = events[-1].id
            for event in events:
                if event.kind == "stock" and "sku" in event.data:
                    changed.add(self._lengthen(event))
        await self._read_states(changed)

    def _lengthen(self, event: Event) -> Key:
        """Add what just changed to the picture of its week; reading all of it again would cost a query."""
        told, at_s = event.data, int(event.at.timestamp())
        key = str(told["retailer"]), str(told["sku"])
        expires_s, spark = self._sparks.get(key, (0.0, None))
        if spark is None:
            return key
        before = spark or [(at_s - int(_SPARK.total_seconds()), _level(Availability(str(told["was"]))))]
        ways = (Availability(str(told["availability"])), Availability(str(told["pickup"])))
        point = at_s, _level(best_known(ways))
        if point != before[-1]:
            self._sparks[key] = expires_s, [*before, point][-_SPARK_POINTS:]
        return key

    async def _read_states(self, changed: set[Key]) -> None:
        if changed:
            self.states.update(await self._core.observations.states(changed))
            self._note(changed)

    async def _read_checked(self) -> None:
        """When each product was looked at last; a state that changed without an event is read whole."""
        clock = self._core.clock
        began_s = clock.monotonic()
        if began_s < self._checked_until_s:
            return
        moved: set[Key] = set()
        otherwise: set[Key] = set()
        for key, seen in (await self._core.observations.glances()).items():
            known = self.states.get(key)
            if known is None or (known.version, known.title, known.image_url) != (
                seen.version, seen.title, seen.image_url,
            ):  # fmt: skip
                otherwise.add(key)
            elif known.last_checked != seen.last_checked:
                self.states[key] = replace(known, last_checked=seen.last_checked)
                moved.add(key)
        self._note(moved)
        await self._read_states(otherwise)
        cost_s = clock.monotonic() - began_s
        self._checked_until_s = clock.monotonic() + max(_CHECKED_S, cost_s * _COST_SHARE)

    async def _read_plans(self) -> None:
        now_s = self._core.clock.monotonic()
        if now_s < self._plans_until_s:
            return
        self._plans_until_s = now_s + _PLANS_S
        self.monitor = await self._core.notebook.read("monitor") or {}
        found = self.monitor.get("plans")
        told: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        if told == self._told:
            return
        before, self._told = self._told, told
        moved: dict[Key, Plan | None] = {
            _key(name): _plan(one) for name, one in told.items() if one != before.get(name)
        }
        moved |= {_key(name): None for name in before.keys() - told.keys()}
        for key, plan in moved.items():
            if plan is None:
                self.plans.pop(key, None)
            else:
                self.plans[key] = plan
        self._note(moved)

    def _note(self, changed: Iterable[Key]) -> None:
        """These look otherwise from now on."""
        keys = list(changed)
        if keys:
            self._edition += 1
            self._changed_in.update(dict.fromkeys(keys, self._edition))


def _key(name: str) -> Key:
    retailer, _, sku = name.partition(":")
    return retailer, sku


def _plan(told: object) -> Plan | None:
    if isinstance(told, list) and len(told) > 1:  # first: a thousand a second come so
        return _time(told[0]), str(told[1])
    if isinstance(told, Mapping):
        return _time(told.get("next_check")), str(told.get("why", ""))
    return None


def _level(availability: Availability) -> int | None:
    return None if availability is Availability.UNKNOWN else int(availability.is_buyable)


def _time(value: object) -> datetime | None:
    try:
        if isinstance(value, (float, int)):
            return datetime.fromtimestamp(value, UTC)
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
