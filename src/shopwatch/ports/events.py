"""What happens, as every process may hear it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something the dashboard shows at once. ``id`` grows; a reader resumes after the last it saw."""

    id: int
    kind: str  #: "stock", "check", "run", "health", "config", "purchase", "alert", "process"
    at: datetime
    data: Mapping[str, object]


class Events(Protocol):
    async def publish(self, kind: str, data: Mapping[str, object]) -> None: ...

    async def after(self, last_id: int, limit: int = 500) -> list[Event]: ...

    async def last_id(self) -> int: ...
