"""The one HTTP client of a process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shopwatch.bootstrap.core import Core
from shopwatch.transport.client import Client


@asynccontextmanager
async def client_of(core: Core) -> AsyncIterator[Client]:
    """The one client of a process: budgets shared with other processes through the database."""
    async with Client(clock=core.clock, pauses=core.pauses, turns=core.turns) as client:
        yield client
