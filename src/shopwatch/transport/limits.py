"""When a host may be asked; without it every caller would have to be polite by itself.

The only file of the product that waits for time to pass.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from shopwatch.ports import Clock, HostTurns
from shopwatch.transport.pace import Held, Pace, Permit, Timer, Timers
from shopwatch.transport.trust import NEVER, Trust

Draw = Callable[[float, float], float]

#: Closer requests than this take their turns from the database several at a time.
_BLOCK_S = 0.2


@dataclass(eq=False, slots=True)
class _Waiter:
    pace: Pace
    granted: asyncio.Future[Permit]


class HostBudget:
    """One host's budget: all that the process asks this host goes through here, first come first served.

    Two requests are never closer than the spacing drawn for the first, measured from when it was sent.
    """

    def __init__(self, host: str, clock: Clock, timers: Timers, turns: HostTurns | None, draw: Draw) -> None:
        self.host = host
        self._clock = clock
        self._timers = timers
        self._turns = turns
        self._draw = draw
        self._trust = Trust(host)
        self._queue: deque[_Waiter] = deque()
        self._in_flight = 0
        self._next_s = NEVER
        self._held_until_s = NEVER
        self._held_for = ""
        self._timer: Timer | None = None
        self._block = asyncio.Lock()
        self._block_left = 0  #: turns taken together that are still to be used
        self._block_until_s = NEVER

    async def enter(self, pace: Pace) -> Permit:
        """Wait for a turn. Every permit must come back through ``leave``.

        Raises:
            Held: the host asked for a longer rest than ``pace.patience_s``.
        """
        now = self._clock.monotonic()
        if self._held_until_s - now > pace.patience_s:
            raise Held(self._held_until_s - now, self._held_for)
        if not self._queue and self._in_flight < pace.concurrency and self._due_s(pace) <= now:
            permit = self._grant(pace, now)
        else:
            permit = await self._wait(pace)
        if self._turns is not None and permit.exact:
            await self._share(self._turns, permit, pace)
        return permit

    def sent(self, permit: Permit) -> None:
        """Note that the request left now: connecting may have taken a while since the permit was given."""
        if permit.exact:
            self._next_s = max(self._next_s, self._clock.monotonic() + permit.spacing_s)

    def leave(self) -> None:
        self._in_flight -= 1
        if self._queue:
            self._pump()

    def good(self, permit: Permit) -> None:
        """Count a good answer: a slowed host is asked a little more often again."""
        self._trust.gain(permit, self._clock.monotonic())

    async def slow(
        self, permit: Permit, reason: str, *, retry_after_s: float | None = None, pause: bool = False
    ) -> None:
        """Halve the rate; hold the host if it named a time, or for a growing while if it plainly refused."""
        now = self._clock.monotonic()
        rest_s = self._trust.lose(permit, now, reason)
        self._next_s = max(self._next_s, now + self._trust.spacing(permit.plain_s))
        if retry_after_s is None and pause:
            retry_after_s = rest_s
        if retry_after_s:
            await self.hold(retry_after_s, reason)

    async def hold(self, seconds: float, reason: str) -> None:
        """Send nothing to this host for so long, from no process."""
        if self._rest(seconds, reason) and self._turns is not None:
            await self._turns.hold(self.host, self._clock.now().timestamp() + seconds)

    def facts(self) -> dict[str, float | int | str]:
        """The budget's state, for the health page."""
        return {
            "host": self.host,
            "in_flight": self._in_flight,
            "waiting": len(self._queue),
            "share": round(self._trust.share, 3),
            "held_s": round(max(0.0, self._held_until_s - self._clock.monotonic()), 1),
            "reason": self._trust.reason,
        }

    def _due_s(self, pace: Pace) -> float:
        return max(self._next_s - pace.smoothing_s, self._held_until_s)

    def _grant(self, pace: Pace, now: float) -> Permit:
        plain_s = self._spacing(pace)
        spacing_s = self._trust.spacing(plain_s)
        self._in_flight += 1
        if spacing_s:
            self._next_s = max(self._next_s, now) + spacing_s
        return Permit(now, spacing_s, plain_s, exact=spacing_s > 0 and not pace.smoothing_s)

    def _spacing(self, pace: Pace) -> float:
        spacing_s = self._draw(pace.min_delay_s, pace.max_delay_s) if pace.max_delay_s else 0.0
        if pace.requests_per_second:
            spacing_s = max(spacing_s, 1 / pace.requests_per_second)
        return spacing_s

    async def _wait(self, pace: Pace) -> Permit:
        waiter = _Waiter(pace, asyncio.get_running_loop().create_future())
        self._queue.append(waiter)
        self._pump()
        try:
            return await waiter.granted
        except asyncio.CancelledError:
            granted = waiter.granted
            if granted.done() and not granted.cancelled() and granted.exception() is None:
                self.leave()  # the permit came together with the cancellation
            else:
                self._pump()
            raise

    def _pump(self) -> None:
        """Hand out permits in order as far as they are due, and set the timer for the next one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock.monotonic()
        while self._queue:
            waiter = self._queue[0]
            if not waiter.granted.done():
                if self._in_flight >= waiter.pace.concurrency:
                    return
                wait_s = self._due_s(waiter.pace) - now
                if wait_s > 0:
                    self._timer = self._timers.call_later(wait_s, self._pump)
                    return
                waiter.granted.set_result(self._grant(waiter.pace, now))
            self._queue.popleft()

    def _rest(self, seconds: float, reason: str) -> bool:
        """Hold this process's requests; ``False`` if they are held for as long already."""
        until_s = self._clock.monotonic() + seconds
        if until_s <= self._held_until_s:
            return False
        self._held_until_s, self._held_for = until_s, reason
        self._dismiss_impatient(seconds)
        self._pump()
        return True

    def _dismiss_impatient(self, seconds: float) -> None:
        for waiter in self._queue:
            if seconds > waiter.pace.patience_s and not waiter.granted.done():
                waiter.granted.set_exception(Held(seconds, self._held_for))

    async def _share(self, turns: HostTurns, permit: Permit, pace: Pace) -> None:
        """Wait for the turn that all processes on the database take from one row."""
        try:
            await self._take(turns, permit.spacing_s, pace)
            while await self._rested(pace):  # held while it waited: its turn is over when the rest is
                await self._take(turns, permit.spacing_s, pace)
        except BaseException:
            self.leave()
            raise

    async def _rested(self, pace: Pace) -> bool:
        """Sit out a rest the host has asked for; ``False`` if there is none."""
        rest_s = self._held_until_s - self._clock.monotonic()
        if rest_s <= 0:
            return False
        if rest_s > pace.patience_s:
            raise Held(rest_s, self._held_for)
        await self._pause(rest_s)
        return True

    async def _take(self, turns: HostTurns, spacing_s: float, pace: Pace) -> None:
        together = max(1, round(_BLOCK_S / spacing_s))
        if together == 1:
            await self._take_turns(turns, spacing_s, pace)
        else:
            await self._take_of_block(turns, spacing_s, together, pace)

    async def _take_of_block(self, turns: HostTurns, spacing_s: float, together: int, pace: Pace) -> None:
        """Use one of the turns taken together; what is not used in their time is nobody's."""
        async with self._block:
            if not self._block_left or self._clock.monotonic() >= self._block_until_s:
                await self._take_turns(turns, together * spacing_s, pace)
                self._block_left = together
                self._block_until_s = self._clock.monotonic() + together * spacing_s
            self._block_left -= 1

    async def _take_turns(self, turns: HostTurns, spacing_s: float, pace: Pace) -> None:
        while not await self._take_turn(turns, spacing_s, pace):
            pass  # the host was held: ask again now that the hold is over

    async def _take_turn(self, turns: HostTurns, spacing_s: float, pace: Pace) -> bool:
        turn = await turns.reserve(self.host, spacing_s, self._clock.now().timestamp())
        wait_s = turn.at_s - self._clock.now().timestamp()
        if not turn.taken:
            self._rest(wait_s, "another process was asked to wait")
            if wait_s > pace.patience_s:
                raise Held(wait_s, self._held_for)
        if wait_s > 0:
            await self._pause(wait_s)
        return turn.taken

    async def _pause(self, seconds: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self._timers.call_later(seconds, _resolve, over)
        try:
            await over
        finally:
            timer.cancel()


def _resolve(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


@dataclass(slots=True)
class Budgets:
    """The budgets of all hosts, each made when it is first asked for."""

    clock: Clock
    timers: Timers
    turns: HostTurns | None = None
    draw: Draw = random.uniform
    _by_host: dict[str, HostBudget] = field(default_factory=dict)

    def of(self, host: str) -> HostBudget:
        budget = self._by_host.get(host)
        if budget is None:
            budget = HostBudget(host, self.clock, self.timers, self.turns, self.draw)
            self._by_host[host] = budget
        return budget

    def facts(self) -> list[dict[str, float | int | str]]:
        return [budget.facts() for budget in self._by_host.values()]
