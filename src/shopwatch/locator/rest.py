"""The crawl's patience: when all of it waits, how long, and when it gives up and says why."""

from __future__ import annotations

import asyncio
import math

from shopwatch.domain.errors import Blocked, ErrorClass, RetailerError, ShopwatchError
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.ports import Clock


class CrawlFailed(ShopwatchError):
    """The run cannot go on; the text is the reason a person reads."""


class Rest:
    """One pause for all workers. A good page ends the count of pauses in a row."""

    def __init__(self, policy: CrawlPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._until_s = 0.0  #: monotonic
        self._pauses = 0  #: in a row
        self._failures = 0  #: pages in a row that could not be had

    @property
    def is_resting(self) -> bool:
        return self._until_s > self._clock.monotonic()

    def good(self) -> None:
        self._failures = self._pauses = 0

    def blocked(self, error: Blocked) -> float:
        """The site refused us: seconds that everybody waits.

        Raises:
            CrawlFailed: it asks for too long a rest, or refuses still after all the pauses.
        """
        return self._pause(error, error.retry_after_s)

    def unreachable(self, error: RetailerError) -> float:
        """A page could not be had: seconds that all wait; 0 while it may be that page's own trouble."""
        self._failures += 1
        if self._failures < self._policy.max_failures_in_row:
            return 0.0
        self._failures = 0
        return self._pause(error, None)

    def held(self, error: Blocked) -> bool:
        """Whether nothing was sent: the retailer is paused already, and everybody waits with it, uncounted.

        Raises:
            CrawlFailed: the pause is too long to wait for.
        """
        if error.status is not None or error.challenge or error.retry_after_s is None:
            return False
        self._bear(error, error.retry_after_s)
        self._until_s = max(self._until_s, self._clock.monotonic() + error.retry_after_s)
        return True

    async def wait(self, stop: asyncio.Event) -> None:
        while not stop.is_set() and (left_s := self._until_s - self._clock.monotonic()) > 0:
            await wait_for(stop, left_s)

    def _pause(self, error: RetailerError, asked_s: float | None) -> float:
        left_s = self._until_s - self._clock.monotonic()
        if left_s > 0:
            return left_s  # the answer to a request sent before the pause
        if self._pauses >= self._policy.max_pauses:
            raise CrawlFailed(f"{_named(error)}: {error} (still so after {self._pauses} pauses)")
        seconds = self._policy.pause_after_s(self._pauses) if asked_s is None else asked_s
        self._bear(error, seconds)
        self._pauses += 1
        self._until_s = self._clock.monotonic() + seconds
        return seconds

    def _bear(self, error: RetailerError, seconds: float) -> None:
        if seconds > self._policy.max_pause_s:
            minutes = math.ceil(seconds / 60)
            raise CrawlFailed(f"{_named(error)}: {error}; resume the run in {minutes:,} minutes")


async def wait_for(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until ``stop``."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _named(error: RetailerError) -> str:
    return "blocked" if error.error_class is ErrorClass.BLOCKED else error.error_class.replace("_", " ")
