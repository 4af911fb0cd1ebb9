"""Steps that cost nothing are broken off when the process is told to stop; else it would wait for a site."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Answer = TypeVar("Answer")


class Ended(Exception):
    """The step was broken off, or not begun any more."""


async def unless(ending: asyncio.Event, step: Awaitable[Answer]) -> Answer:
    """What the step answers.

    Raises:
        Ended: ``ending`` was set before the step was over.
    """
    if ending.is_set():
        dismiss(step)
        raise Ended
    try:
        async with asyncio.timeout(None) as limit:
            watching = asyncio.create_task(_ends(limit, ending))
            try:
                return await step
            finally:
                watching.cancel()
    except TimeoutError:
        if limit.expired():
            raise Ended from None
        raise


def dismiss(step: object) -> None:
    """A step that is not taken must not complain that nobody awaited it."""
    close = getattr(step, "close", None)
    if close is not None:
        close()


async def _ends(limit: asyncio.Timeout, ending: asyncio.Event) -> None:
    await ending.wait()
    limit.reschedule(asyncio.get_running_loop().time())
