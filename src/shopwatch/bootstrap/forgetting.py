"""Retention: what is older than the settings say goes, whoever of dashboard and monitor runs."""

from __future__ import annotations

import asyncio

import structlog

from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.waiting import stopped_within
from shopwatch.domain.errors import Unusable

log = structlog.get_logger(__name__)

_EVERY_S = 3600.0


async def forget(core: Core, stop: asyncio.Event) -> None:
    """At the start, then once an hour until ``stop``. What is not forgotten now is in the next hour."""
    while not stop.is_set():
        try:
            await core.prune()
        except Unusable as error:  # locked by another program, or the disk is full: nobody has to end for it
            log.warning("nothing_forgotten", reason=str(error))
        await stopped_within(stop, _EVERY_S)
