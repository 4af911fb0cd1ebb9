"""Sees what a monitor writes, as it writes it: a rehearsal that asked the database would measure itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from shopwatch.bootstrap.core import Core
from shopwatch.domain.stock import Evidence, Observation
from shopwatch.domain.stock_state import Alert, AlertKind, Change, Decide
from shopwatch.storage.database import Database
from shopwatch.storage.notebook import SqlNotebook
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox

_SESSIONS = "sessions"  #: the notebook's page about who is signed in


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was committed (monotonic seconds), and what."""

    at_s: float
    what: str


class Happening:
    """Something that happens at most once that matters."""

    def __init__(self) -> None:
        self._come = asyncio.Event()
        self._moment: Moment | None = None

    def happen(self, what: str = "") -> None:
        """The first time counts."""
        if self._moment is None:
            self._moment = Moment(time.monotonic(), what)
            self._come.set()

    @property
    def what(self) -> str:
        return "nothing" if self._moment is None else self._moment.what

    async def wait(self) -> Moment:
        await self._come.wait()
        if self._moment is None:
            raise RuntimeError("it came without a moment")
        return self._moment


@dataclass(frozen=True, slots=True)
class Witness:
    """What a rehearsal waits for, in the order in which it happens."""

    looked: Happening = field(default_factory=Happening)  #: the product's state is known
    signed_in: Happening = field(default_factory=Happening)  #: the session was looked at
    seen: Happening = field(default_factory=Happening)  #: the restock and its alert are committed
    confirmed: Happening = field(default_factory=Happening)  #: or refuted, or nobody could tell
    bought: Happening = field(default_factory=Happening)  #: or rehearsed, or refused: the walk is over

    @classmethod
    def of(cls, core: Core) -> Self:
        """Stand beside what ``core`` writes from now on."""
        witness = cls()
        core.observations = _Observations(core.database, witness)
        core.outbox = _Outbox(core.database, witness)
        core.notebook = _Notebook(core.database, witness)
        return witness


class _Observations(SqlObservations):
    def __init__(self, database: Database, witness: Witness) -> None:
        super().__init__(database)
        self._witness = witness

    async def record(self, seen: Sequence[Observation], decide: Decide) -> list[Change]:
        changes = await super().record(seen, decide)
        for change in changes:
            self._witness.looked.happen(change.after.availability.value)
            if change.is_restock:
                self._witness.seen.happen(change.after.availability.value)
        return changes

    async def confirm(
        self, restock_id: int, verdict: str, evidence: Evidence | None, alert: Alert | None
    ) -> bool:
        first = await super().confirm(restock_id, verdict, evidence, alert)
        self._witness.confirmed.happen(verdict)
        return first


class _Outbox(SqlOutbox):
    def __init__(self, database: Database, witness: Witness) -> None:
        super().__init__(database)
        self._witness = witness

    async def add(self, alerts: Sequence[Alert]) -> int:
        added = await super().add(alerts)
        for alert in alerts:
            if alert.kind is AlertKind.PURCHASE:
                self._witness.bought.happen(str(alert.facts.get("state", "")))
        return added


class _Notebook(SqlNotebook):
    def __init__(self, database: Database, witness: Witness) -> None:
        super().__init__(database)
        self._witness = witness

    async def write(self, name: str, document: Mapping[str, object]) -> None:
        await super().write(name, document)
        if name == _SESSIONS:
            reasons = (str(one.get("reason")) for one in document.values() if isinstance(one, Mapping))
            self._witness.signed_in.happen("; ".join(reasons))
