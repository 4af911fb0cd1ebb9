"""Hot configuration: a file changed on disk is taken over within a second, or refused with every problem."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from watchfiles import awatch

from shopwatch.config.files import FILES, OLD_FILES, ConfigFolder, Loaded
from shopwatch.config.settings import MonitorSettings
from shopwatch.domain.errors import Invalid, Unusable

_NAMES = frozenset((*FILES, *OLD_FILES))
_DEBOUNCE_MS = 300  #: an editor's several writes are one change
#: Of ``monitor``: read when it is put together, so that a change counts from its next start.
_AT_THE_START = ("background_sessions", "confirm", "pacing", "time_zone")


def restart_needed(began: MonitorSettings, wanted: MonitorSettings) -> list[str]:
    """The settings in which the running monitor, put together as ``began``, is not as now ``wanted``."""
    return [name for name in _AT_THE_START if getattr(began, name) != getattr(wanted, name)]


async def follow(
    folder: ConfigFolder,
    *,
    stop: asyncio.Event,
    accepted: Callable[[Loaded], Awaitable[None]],
    refused: Callable[[Invalid | Unusable], Awaitable[None]],
    old_format: bool = False,
) -> None:
    """Call ``accepted`` with each valid new state of the folder, ``refused`` with what is wrong."""
    known = _state(folder)
    changes = awatch(
        folder.path,
        watch_filter=lambda _change, path: path.rsplit("/", 1)[-1] in _NAMES,
        debounce=_DEBOUNCE_MS,
        step=50,
        stop_event=stop,
        recursive=False,
    )
    async for _ in changes:
        now = _state(folder)
        if now == known:
            continue
        known = now
        try:
            loaded = await asyncio.to_thread(folder.load, old_format=old_format)
        except (Invalid, Unusable) as error:
            await refused(error)
        else:
            await accepted(loaded)


def _state(folder: ConfigFolder) -> dict[str, str]:
    return {name: folder.fingerprint(name) for name in sorted(_NAMES)}
