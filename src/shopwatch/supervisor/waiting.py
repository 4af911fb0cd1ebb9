"""Waiting for the end of a process, our child or not, without asking again and again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import psutil


async def end_of(pid: int, *, wait: Callable[[], object] | None = None) -> None:
    """Return when the process has ended, at once if it has already; it is not reaped.

    A restarted supervisor is not the parent of the children it adopts, so it cannot wait for them as for its
    own; the kernel tells it all the same. Where it does not (another system than Linux), a thread calls
    ``wait``.
    """
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    except (AttributeError, OSError):
        await asyncio.to_thread(wait or _waiter(pid))
        return
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, _settle, ended)
    try:
        await ended
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _settle(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)


def _waiter(pid: int) -> Callable[[], object]:
    try:
        return psutil.Process(pid).wait
    except psutil.NoSuchProcess:
        return lambda: None
