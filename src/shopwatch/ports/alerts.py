"""Telling people: the outbox, the channels, and which channel has which alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shopwatch.domain.stock_state import Alert


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxRow:
    """An alert on its way, leased to one deliverer at a time."""

    id: int
    alert: Alert
    state: str  #: pending, sent, failed, expired, collapsed
    attempts: int
    created_at: datetime
    next_try_at: datetime
    sent_at: datetime | None = None
    last_error: str = ""
    leased_until: datetime | None = None


class Outbox(Protocol):
    async def add(self, alerts: Sequence[Alert]) -> int:
        """Enqueue; an alert whose key exists is left alone. Returns how many were new."""

    async def lease(self, limit: int, now: datetime, lease_s: float) -> list[OutboxRow]:
        """Claim due rows for ``lease_s`` seconds; a crashed deliverer's rows come back by themselves."""

    async def sent(self, row: OutboxRow, now: datetime, note: str = "") -> None: ...

    async def failed(self, row: OutboxRow, error: str, next_try_at: datetime | None) -> None:
        """``next_try_at`` None: given up."""

    async def wait(self, row: OutboxRow, why: str, until: datetime) -> None:
        """Not yet: nobody was asked, so it is no attempt."""

    async def look_again(self, now: datetime) -> int:
        """What waits or is to be tried again is due now: it would be told differently. Returns how many."""

    async def close(self, row: OutboxRow, state: str, note: str) -> None:
        """Expired or collapsed into another message."""

    async def rows(self, limit: int = 100, before_id: int | None = None) -> list[OutboxRow]: ...

    async def resend(self, row_id: int, now: datetime) -> bool: ...


class Channel(Protocol):
    """A way to tell the person, that says truly whether a message left."""

    key: str  #: tells channels apart, and nothing of the address
    name: str  #: for people: the service, never the address

    async def send(self, title: str, body: str) -> None:
        """Raises Unreachable with the reason in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRow:
    """What became of one alert at one channel."""

    channel: str  #: its name
    at: datetime
    ok: bool
    attempts: int
    error: str = ""


class Deliveries(Protocol):
    """Which channels have which alert: one that has it is not told again because another failed."""

    async def done(self, row_ids: Sequence[int]) -> dict[int, frozenset[str]]:
        """Keys of the channels that have the alert, for each that a channel has."""

    async def mark(
        self, row_ids: Sequence[int], key: str, name: str, now: datetime, *, error: str = ""
    ) -> None:
        """What became of the message that told these."""

    async def of(self, row_ids: Sequence[int]) -> dict[int, list[DeliveryRow]]: ...
