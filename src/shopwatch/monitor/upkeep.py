"""What the monitor does beside checking: writes counts, minds health and pauses, saves what was learnt."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice

import structlog

from shopwatch.domain.stock import Availability, Key
from shopwatch.monitor.confirming import Confirmer
from shopwatch.monitor.desk import Desk
from shopwatch.monitor.memory import MOST_PLANS, Memory
from shopwatch.monitor.recorder import Recorder
from shopwatch.monitor.rules import Rules
from shopwatch.monitor.scheduler import Scheduler
from shopwatch.monitor.wards import Wards
from shopwatch.monitor.watchlist import WatchList
from shopwatch.ports import Clock, Events

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """Seconds between two turns of each chore."""

    flush_s: float = 1.0  #: writes of counts
    health_s: float = 1.0  #: and commands from other processes
    pauses_s: float = 5.0  #: how soon a pause that a human has cleared ends
    figures_s: float = 5.0
    plans_s: float = 0.25  #: of a few products each time
    save_s: float = 60.0  #: of what the scheduler has learnt
    audit_s: float = 60.0  #: looks at what the API calls sold out
    states_s: float = 300.0  #: reads of all states, as other processes have changed them


class Upkeep:
    """The chores, each at its own interval, in one task: two of them never run at once."""

    def __init__(
        self,
        *,
        clock: Clock,
        scheduler: Scheduler,
        recorder: Recorder,
        confirmer: Confirmer,
        wards: Wards,
        desk: Desk,
        memory: Memory,
        events: Events,
        draw: random.Random,
        wake: Callable[[], None],
        rhythm: Rhythm,
    ) -> None:
        self._clock = clock
        self._scheduler = scheduler
        self._recorder = recorder
        self._confirmer = confirmer
        self._wards = wards
        self._desk = desk
        self._memory = memory
        self._events = events
        self._draw = draw
        self._wake = wake  #: the loop that waits for the scheduler
        self._rhythm = rhythm
        self._told_checks = 0
        self._planned: WatchList | None = None
        self._keys: list[Key] = []
        self._last_command = 0

    async def begin(self) -> None:
        """Take up where the last process stopped."""
        now = self._clock.now()
        await self._recorder.load()
        await self._memory.recall(self._scheduler, now.timestamp())
        await self._wards.load(now)
        await self._confirmer.take_up(self._desk.watches.rules, self._recorder.state)
        self._last_command = await self._events.last_id()

    async def run(self, stop: asyncio.Event) -> None:
        """Do the chores until ``stop`` is set."""
        rhythm = self._rhythm
        chores: list[tuple[float, Callable[[], Awaitable[object]]]] = [
            (rhythm.flush_s, self._recorder.flush),
            (rhythm.health_s, self._mind_health),
            (rhythm.health_s, self._obey),
            (rhythm.pauses_s, self._mind_pauses),
            (rhythm.figures_s, self._lay_out),
            (rhythm.plans_s, self._plan_some),
            (rhythm.save_s, lambda: self._memory.remember(self._scheduler)),
            (rhythm.states_s, self._recorder.load),
        ]
        due = [self._clock.monotonic() + interval for interval, _ in chores]
        while not await _stopped(stop, min(due) - self._clock.monotonic()):
            for number, (interval, chore) in enumerate(chores):
                if due[number] <= self._clock.monotonic():
                    await chore()
                    due[number] = self._clock.monotonic() + interval

    async def end(self) -> None:
        """Write what is left."""
        await self._recorder.flush()
        await self._memory.remember(self._scheduler)
        await self._plan_some()
        await self._lay_out()

    async def _mind_health(self) -> None:
        await self._wards.tick(self._clock.now(), self._desk.watches, self._desk.performance)

    async def _obey(self) -> None:
        """Do what people ask of the monitor from another process, through the events both see."""
        events = await self._events.after(self._last_command)
        if events:
            self._last_command = events[-1].id
        for event in events:
            if event.kind == "command" and event.data.get("do") == "check":
                key = (str(event.data.get("retailer")), str(event.data.get("sku")))
                if key in self._desk.watches:
                    self._scheduler.check_now(key, self._clock.now().timestamp())
                    self._wake()

    async def _plan_some(self) -> None:
        if self._planned is not self._desk.watches:  # a changed list begins anew
            self._planned = self._desk.watches
            self._keys = list(islice(self._planned, MOST_PLANS))
            self._memory.forget_plans()
        self._memory.plan_some(self._scheduler, self._keys, self._clock.now().timestamp())

    async def _lay_out(self) -> None:
        now_s = self._clock.now().timestamp()
        figures = self._desk.performance.figures(self._clock.monotonic())
        retailers = {
            name: {
                "stretch": round(self._wards.stretch(name, self._desk.watches), 2),
                "requests_per_second": source.limits.requests_per_s,
            }
            for name, source in self._desk.sources.items()
        }
        await self._memory.lay_out(
            figures,
            now_s,
            watches=len(self._desk.watches),
            left_out={":".join(key): why for key, why in self._desk.watches.left_out.items()},
            retailers=retailers,
            health=self._wards.facts(),
            browser=self._confirmer.facts(),
        )
        if figures["checks"] != 0 or self._told_checks:
            self._told_checks = int(str(figures["checks"]))
            await self._events.publish("check", {**figures, "retailers": retailers})

    async def audit(self, stop: asyncio.Event, *, is_wanted: Callable[[], bool]) -> None:
        """Let idle browsers look at what the API calls sold out: an API that lies is found out."""
        while not await _stopped(stop, self._rhythm.audit_s):
            if is_wanted() and self._confirmer.is_idle and not self._confirmer.why_not():
                found = await self._confirmer.audit(self._sold_out(), self._draw)
                if found is not None:
                    await self._desk.record([found])

    async def _mind_pauses(self) -> None:
        await self._wards.follow_pauses(self._clock.now())
        self._wake()

    def _sold_out(self) -> list[Rules]:
        out = Availability.OUT_OF_STOCK
        rules = map(self._desk.watches.rules, self._desk.watches)
        return [one for one in rules if one and self._recorder.state(one.watch.key).availability is out]


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Wait so long, or until the stop; say whether it came."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await stop.wait()
    except TimeoutError:
        return stop.is_set()
    return True
