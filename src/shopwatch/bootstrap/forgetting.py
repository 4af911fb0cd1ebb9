"""Retention: what is older than the settings say goes, whoever of dashboard and monitor runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from shopwatch.bootstrap.core import Core

_EVERY_S = 3600.0


async def forget(core: Core, stop: asyncio.Event) -> None:
    """At the start, then once an hour until ``stop``."""
    while not stop.is_set():
        await core.prune()
        with suppress(TimeoutError):
            async with asyncio.timeout(_EVERY_S):
                await stop.wait()
