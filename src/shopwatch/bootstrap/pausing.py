"""Pauses of retailers as people see and end them; without it only time ends one."""

from __future__ import annotations

from datetime import datetime

from shopwatch.domain.errors import Conflict
from shopwatch.domain.health import Pause
from shopwatch.ports import Pauses


async def pauses_now(pauses: Pauses, now: datetime) -> list[Pause]:
    """Those that still hold."""
    return [pause for pause in await pauses.load(now) if pause.until > now]


async def end_pause(pauses: Pauses, retailer: str, *, now: datetime) -> None:
    """A person has looked: every process asks again once it has looked at the pauses, in ten seconds.

    Raises:
        Conflict: it is not paused.
    """
    if retailer not in {pause.name for pause in await pauses_now(pauses, now)}:
        raise Conflict(f"{retailer} is not paused")
    await pauses.clear(retailer)
