"""What is known of products, and who decides what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shopwatch.domain.health import Health, Pause
from shopwatch.domain.stock import Evidence, Key, Observation
from shopwatch.domain.stock_state import Alert, Change, Decide, StockState


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckTally:
    """What a flush interval's checks of one product amount to: batched, never a row per check."""

    key: Key
    checks: int
    unknowns: int
    last_checked: datetime
    in_stock_checks: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Restock:
    """A change to buyable, with the evidence that made it fire."""

    id: int
    key: Key
    at: datetime
    observation: Observation
    evidence: Evidence | None
    confirmation: str = "unconfirmed"  #: unconfirmed, confirmed, refuted, unavailable
    confirmation_evidence: Evidence | None = None
    ended_at: datetime | None = None


class Observations(Protocol):
    """The stock states: a change is decided by the database, once, with its alerts and evidence."""

    async def load(self) -> dict[Key, StockState]: ...

    async def record(self, seen: Sequence[Observation], decide: Decide) -> list[Change]:
        """Apply ``decide`` to the state in the database; what another monitor changed is decided anew.

        Change, restock row, alerts, evidence, history and event commit in one transaction.
        """

    async def checked(self, tallies: Sequence[CheckTally]) -> None:
        """Add to the per-minute roll-ups and move ``last_checked``."""

    async def save_details(self, states: Sequence[StockState]) -> None:
        """Store title, limit, image of a product: not a change."""

    async def confirm(
        self, restock_id: int, verdict: str, evidence: Evidence | None, alert: Alert | None
    ) -> bool:
        """Complete a restock once; ``False`` if it was completed before."""

    async def unconfirmed(self) -> list[Restock]:
        """Open restocks that nobody completed, the oldest first: a process that died left them so."""


class Pauses(Protocol):
    async def load(self, now: datetime) -> list[Pause]:
        """All of them, none ending further ahead of now than it was long: cut for everybody, if need be."""

    async def save(self, pause: Pause) -> None: ...

    async def clear(self, name: str) -> None: ...


class HealthBook(Protocol):
    async def enter(self, health: Health, alert: Alert | None) -> bool:
        """Write a retailer's new state; ``False`` if it was in it already."""

    async def current(self) -> dict[str, Health]: ...


class Notebook(Protocol):
    """Named documents that survive a restart: the scheduler's learning, performance figures."""

    async def read(self, name: str) -> Mapping[str, object] | None: ...

    async def write(self, name: str, document: Mapping[str, object]) -> None: ...
