"""Hot configuration: a file changed on disk is taken over within a second, or refused with every problem."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile

from watchfiles import awatch

from shopwatch.config.files import FILES, OLD_FILES, ConfigFolder, Loaded, fingerprint_of
from shopwatch.config.settings import MonitorSettings
from shopwatch.domain.errors import Invalid, Unusable

_NOTHING = fingerprint_of("")
_FIRST_READ = ("shopwatch.yaml", *OLD_FILES)  #: the first of these that is there names the products
_NAMES = frozenset((*FILES, *OLD_FILES))
_DEBOUNCE_MS = 300  #: an editor's several writes are one change
_SETTLE_S = 0.4  #: before what is wrong with a file is told
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
    since: Loaded | None = None,
    old_format: bool = False,
) -> None:
    """Call ``accepted`` with each valid new state of the folder, ``refused`` with what is wrong.

    ``since``: what is in force, so that what changed before the folder was followed is noticed too.
    """
    look = _Look(folder, accepted, refused, stop, old_format=old_format)
    look.known = _state(folder) if since is None else _as_it_was(folder, since, old_format=old_format)
    elsewhere = {path.resolve() for name in _NAMES if (path := folder.path / name).is_symlink()}
    names = _NAMES | {path.name for path in elsewhere}
    ended = asyncio.Event()  # of its own: the watcher sets it when it is cancelled, and others go by ``stop``
    ending = asyncio.create_task(_pass_on(stop, ended), name="end of the watcher")
    changes = awatch(
        folder.path,
        *{path.parent for path in elsewhere if path.parent.is_dir()},
        watch_filter=lambda _change, path: path.rsplit("/", 1)[-1] in names,
        debounce=_DEBOUNCE_MS,
        step=50,
        stop_event=ended,
        recursive=False,
    )
    first = asyncio.ensure_future(anext(changes, None))
    await asyncio.wait(
        (first,), timeout=0
    )  # its first step has registered with the system: no change is missed
    try:
        await look()
        change = await first
        while change is not None:
            await look()
            change = await anext(changes, None)
    finally:
        first.cancel()
        ending.cancel()
        await asyncio.gather(first, ending, return_exceptions=True)
        await changes.aclose()


async def _pass_on(stop: asyncio.Event, ended: asyncio.Event) -> None:
    await stop.wait()
    ended.set()


async def _settled(stop: asyncio.Event) -> None:
    """Wait a moment: who saves by emptying the file first may be half-way."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SETTLE_S):
            await stop.wait()


@dataclass
class _Look:
    """One comparison of the folder with what is known of it, and what follows."""

    folder: ConfigFolder
    accepted: Callable[[Loaded], Awaitable[None]]
    refused: Callable[[Invalid | Unusable], Awaitable[None]]
    stop: asyncio.Event
    old_format: bool = False
    known: dict[str, str] = field(default_factory=dict)

    async def __call__(self) -> None:
        now, found = await self._compared()
        if isinstance(found, Invalid | Unusable):
            await _settled(self.stop)
            now, found = await self._compared()
        self.known = now
        if isinstance(found, Loaded):
            await self.accepted(found)
        elif found is not None:
            await self.refused(found)

    async def _compared(self) -> tuple[dict[str, str], Loaded | Invalid | Unusable | None]:
        """The folder as it is now, and what it says or what is wrong with it; nothing if it is as it was."""
        now = self.known
        try:
            now = await asyncio.to_thread(_state, self.folder)
            if now == self.known:
                return now, None
            return now, await asyncio.to_thread(self._loaded, _gone(self.known, now))
        except (Invalid, Unusable) as error:
            return now, error

    def _loaded(self, gone: str) -> Loaded:
        if gone:
            raise Unusable(
                f"{self.folder.path / gone} is gone or empty: what it said stays in force."
                " Put it back; to go on without it, start anew"
            )
        return self.folder.load(old_format=self.old_format)


def _gone(was: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The file that no longer says anything; an old one only where no other names the products."""
    lost = [name for name in now if now[name] == _NOTHING and was[name] != _NOTHING]
    named = any(now[name] != _NOTHING for name in _FIRST_READ)
    return next((name for name in lost if name in FILES or not named), "")


def _as_it_was(folder: ConfigFolder, loaded: Loaded, *, old_format: bool) -> dict[str, str]:
    """The folder as ``loaded`` found it; a file that was passed over counts as it is now."""
    before = list(takewhile(lambda name: name != loaded.products_file, () if old_format else _FIRST_READ))
    was = dict.fromkeys((*before, "retailers.yaml"), _NOTHING) | dict(loaded.fingerprints)
    return {name: was.get(name) or folder.fingerprint(name) for name in sorted(_NAMES)}


def _state(folder: ConfigFolder) -> dict[str, str]:
    return {name: folder.fingerprint(name) for name in sorted(_NAMES)}
