"""Pauses and turns kept in a dictionary; without it the transport's tests would need a database."""

from __future__ import annotations

from datetime import datetime

from shopwatch.domain.health import Pause
from shopwatch.ports import Turn


class FakePauses:
    """A ``ports.Pauses`` that several breakers can share, as processes share a database."""

    def __init__(self) -> None:
        self.kept: dict[str, Pause] = {}
        self.loads = 0

    async def load(self, now: datetime) -> list[Pause]:
        self.loads += 1
        self.kept = {name: pause.bounded(now) for name, pause in self.kept.items()}
        return list(self.kept.values())

    async def save(self, pause: Pause) -> None:
        self.kept[pause.name] = pause

    async def clear(self, name: str) -> None:
        self.kept.pop(name, None)


class FakeTurns:
    """A ``ports.HostTurns`` that several budgets can share."""

    def __init__(self) -> None:
        self.next_s: dict[str, float] = {}
        self.held_s: dict[str, float] = {}
        self.reserved = 0

    async def reserve(self, host: str, spacing_s: float, now_s: float) -> Turn:
        held_s = self.held_s.get(host, 0.0)
        if held_s > now_s:
            return Turn(held_s, taken=False)
        self.reserved += 1
        at_s = max(self.next_s.get(host, 0.0), now_s)
        self.next_s[host] = at_s + spacing_s
        return Turn(at_s)

    async def hold(self, host: str, until_s: float) -> None:
        self.held_s[host] = max(until_s, self.held_s.get(host, 0.0))
