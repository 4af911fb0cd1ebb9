"""A wait that the stop cuts short: what is put together here does each chore in its own time."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    """Wait so long, or until the stop; say whether it came."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()
