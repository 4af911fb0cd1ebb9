"""What sites close to crawlers; without it the promise to obey robots.txt would be everybody's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from protego import Protego
from yarl import URL

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import (
    Blocked,
    ClosedByRobots,
    ErrorClass,
    Gone,
    LayoutChanged,
    RetailerError,
    Unreachable,
)
from shopwatch.ports import Clock

log = structlog.get_logger(__name__)

ROBOTS_TXT = "/robots.txt"
_KEPT_S = 86_400.0
_RETRIED_S = 10.0  #: after robots.txt could not be had; doubles
_LONGEST_RETRY_S = 3_600.0
_LARGEST = 512_000  #: bytes that are read of it, as RFC 9309 asks at least

Get = Callable[[URL], Awaitable[Page]]  #: fetch without asking robots.txt


@dataclass(slots=True)
class _Known:
    rules: Protego | None = None  #: None: closed for now
    fresh_until_s: float = float("-inf")
    failures: int = 0
    reason: str = ""
    error_class: ErrorClass = ErrorClass.SERVER  #: of what it could not be had for
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class RobotsBook:
    """The robots.txt of every origin we ask, each kept for a day.

    None there (4xx) means open; one that cannot be had means closed until it can.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def crawl_delay_s(self, url: URL, agent: str, get: Get) -> float:
        """Seconds the site wants between two requests of ours, 0.0 if it does not say.

        Raises:
            ClosedByRobots: the address is closed to us.
            Unreachable: robots.txt cannot be had now.
        """
        known = await self._fresh(url.origin(), get)
        if known.rules is None:
            wait_s = max(0.0, known.fresh_until_s - self._clock.monotonic())
            reason = f"robots.txt cannot be had ({known.reason})"
            raise Unreachable(str(url), reason, error_class=known.error_class, retry_after_s=wait_s)
        if not known.rules.can_fetch(str(url), agent):
            raise ClosedByRobots(str(url), "robots.txt closes this address to us")
        return float(known.rules.crawl_delay(agent) or 0.0)

    async def _fresh(self, origin: URL, get: Get) -> _Known:
        known = self._known.setdefault(str(origin), _Known())
        if self._clock.monotonic() >= known.fresh_until_s:
            async with known.turn:
                if self._clock.monotonic() >= known.fresh_until_s:
                    await self._read(origin, known, get)
        return known

    async def _read(self, origin: URL, known: _Known, get: Get) -> None:
        try:
            text = _text(await get(origin.with_path(ROBOTS_TXT)))
        except Unreachable as error:
            self._close(origin, known, error)
            return
        except Blocked as error:
            if error.challenge or error.status is None:
                raise
            if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                self._close(origin, known, error)
                return
            text = ""
        except (Gone, LayoutChanged):
            text = ""
        if known.failures:
            log.info("robots_recovered", origin=str(origin), failures=known.failures)
        known.rules, known.failures = Protego.parse(text), 0
        known.fresh_until_s = self._clock.monotonic() + _KEPT_S

    def _close(self, origin: URL, known: _Known, error: RetailerError) -> None:
        """Closed for now; rules we had before stay true for as long."""
        if not known.failures:
            log.warning("robots_not_readable", origin=str(origin), reason=error.reason)
        wait_s = min(_LONGEST_RETRY_S, _RETRIED_S * 2.0**known.failures)
        known.failures, known.reason = known.failures + 1, error.reason
        known.error_class = error.error_class
        known.fresh_until_s = self._clock.monotonic() + wait_s


def _text(page: Page) -> str:
    """Whole lines without the mark some editors begin a file with: it would hide the first rule."""
    body = page.body
    if len(body) > _LARGEST:
        body = body[:_LARGEST].rpartition(b"\n")[0]
    return body.decode("utf-8-sig", "replace")
