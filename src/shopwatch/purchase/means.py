"""What a purchase needs of the world and is allowed by its keeper; named apart from what is done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from shopwatch.domain.purchase import Limits
from shopwatch.ports import Checkouts, Clock, Ledger
from shopwatch.purchase.emergency import EmergencyStop

_PATIENCE_S = 180.0  #: for the whole walk, seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What the configuration says at this moment. The defaults buy nothing."""

    limits: Limits = field(default_factory=Limits)
    live: bool = False
    ship_to_zip: str | None = None
    card_last_four: str | None = None


class Sessions(Protocol):
    """Who is signed in, as last seen."""

    def healthy(self, retailer: str) -> bool: ...

    def hand_over(self, retailer: str, reason: str) -> None:
        """A person is needed; from now on it is not healthy."""


async def _wait(seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """All that a purchase needs of the world."""

    ledger: Ledger
    checkouts: Checkouts
    clock: Clock
    stop: EmergencyStop
    terms: Callable[[], Terms]  #: asked anew before every decision: limits may change on the way
    sessions: Sessions
    owner: str  #: names this process, so that another knows later whether it died
    patience_s: float = _PATIENCE_S
    wait: Callable[[float], Awaitable[None]] = _wait  #: until a walk is tried again, seconds
