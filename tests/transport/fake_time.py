"""A time that only passes when a test says so; without it tests of waiting would have to wait."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

NOON = datetime(2026, 1, 17, 12, 0, tzinfo=UTC)


class FakeTimer:
    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._callback: Callable[..., object] | None = callback
        self._args = args

    def cancel(self) -> None:
        self._callback = None

    def fire(self) -> None:
        if self._callback is not None:
            self._callback(*self._args)


class FakeTime:
    """Clock and timers in one: a ``ports.Clock`` and the transport's ``Timers``."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.set_s = 0.0  #: by how much somebody set the clock
        self._timers: list[tuple[float, int, FakeTimer]] = []
        self._count = itertools.count()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds + self.set_s)

    def monotonic(self) -> float:
        return self.seconds

    def call_later(self, delay: float, callback: Callable[..., object], /, *args: Any) -> FakeTimer:
        timer = FakeTimer(callback, args)
        heapq.heappush(self._timers, (self.seconds + delay, next(self._count), timer))
        return timer

    async def advance(self, seconds: float) -> None:
        """Let time pass, firing each timer at its own moment and letting tasks run in between."""
        end = self.seconds + seconds
        await settle()
        while self._timers and self._timers[0][0] <= end:
            at, _, timer = heapq.heappop(self._timers)
            self.seconds = max(self.seconds, at)
            timer.fire()
            await settle()
        self.seconds = end


async def settle() -> None:
    """Let every task that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)
