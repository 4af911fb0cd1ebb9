"""Keeps signed-in sessions alive and knows when they are not; without it they would die between two drops.

Nothing secret leaves this module: of the token only its end is read.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from shopwatch.browser.seats import Stamp, save_state, stamp_of, state_file
from shopwatch.browser.signed_in import signed_in_mark
from shopwatch.domain.errors import RetailerError, Unusable
from shopwatch.domain.probe import SessionState
from shopwatch.domain.session import SessionHealth, SessionStatus, judged
from shopwatch.ports import Clock, Notebook

log = structlog.get_logger(__name__)

NOTE = "sessions"  #: name in the notebook: what other processes read
_TOKEN = "accessToken"  # noqa: S105 - a cookie's name
_EARLIEST_S, _LATEST_S = 1200.0, 1800.0  #: between two looks: as a person who comes back now and then


class Visits(Protocol):
    """What the keeper needs of the pool."""

    async def session(self, retailer: str) -> SessionState: ...

    async def state(self, retailer: str) -> str:
        """The cookies as they are now, to be kept."""


class SessionKeeper:
    """Looks at each session every 20 to 30 minutes, and keeps what the site renewed."""

    def __init__(
        self,
        visits: Visits,
        *,
        sessions: Path,
        retailers: tuple[str, ...],
        clock: Clock,
        notebook: Notebook,
        between_s: Callable[[float, float], float],
        told: Callable[[SessionStatus], Awaitable[None]] | None = None,
    ) -> None:
        self._visits = visits
        self._sessions = sessions
        self._retailers = retailers
        self._clock = clock
        self._notebook = notebook
        self._between_s = between_s  #: draws the time to the next look between two bounds, seconds
        self._told = told  #: called when a session's health changes
        self._known: dict[str, SessionStatus] = {}
        self._stamps: dict[str, Stamp | None] = {}  #: of the sessions' files as we last saw them
        self._untold: list[SessionStatus] = []  #: a person is needed, and nobody has been told

    @property
    def statuses(self) -> Mapping[str, SessionStatus]:
        return dict(self._known)

    def healthy(self, retailer: str) -> bool:
        status = self._known.get(retailer)
        return status is not None and status.can_buy(self._clock.now())

    def hand_over(self, retailer: str, reason: str) -> None:
        now, known = self._clock.now(), self._known.get(retailer)
        if known is None:
            known = SessionStatus(
                retailer=retailer, health=SessionHealth.NEEDS_HUMAN, since=now, reason=reason
            )
        status = replace(known, health=SessionHealth.NEEDS_HUMAN, since=now, reason=reason)
        self._known[retailer] = status
        self._untold.append(status)
        log.warning("session_needs_human", retailer=retailer, reason=reason)

    async def check(self, retailer: str) -> SessionStatus:
        """One look, which also keeps the session warm; what the site renewed is kept on disk."""
        path = state_file(self._sessions, retailer)
        stamp = self._stamps[retailer] = stamp_of(path)  # of before: who signs in meanwhile is noticed
        look = await self._look(retailer, path, stamp) if path.is_file() else None
        before = self._known.get(retailer)  # only now: a person may have been asked for while we looked
        status = judged(
            before,
            look,
            retailer=retailer,
            expires_at=token_end(path),
            signed_in_at=_modified(signed_in_mark(self._sessions, retailer)),
            now=self._clock.now(),
        )
        self._known[retailer] = status
        if before is None or before.health is not status.health:
            log.info("session_changed", retailer=retailer, health=status.health.value, reason=status.reason)
            if self._told is not None:
                await self._told(status)
        return status

    async def check_all(self) -> None:
        for retailer in self._retailers:
            await self.check(retailer)
        await self._note()

    async def notice(self) -> None:
        """Look at the sessions that are not as they were last seen, and tell that a person is needed.

        A person who signs in, or a machine that has slept, is not kept waiting for the next round.
        """
        now = self._clock.now()
        changed = [
            name
            for name, stamp in self._stamps.items()
            if stamp_of(state_file(self._sessions, name)) != stamp or self._is_outdated(name, now)
        ]
        for retailer in changed:
            await self.check(retailer)
        untold, self._untold = self._untold, []
        for status in untold:
            if self._told is not None:
                await self._told(status)
        if changed or untold:
            await self._note()

    def _is_outdated(self, retailer: str, now: datetime) -> bool:
        """Good when it was last seen, too long ago: no look since, or none that could tell."""
        status = self._known.get(retailer)  # None: the first look is under way
        return status is not None and status.health.can_buy and not status.can_buy(now)

    async def _note(self) -> None:
        await self._notebook.write(NOTE, {name: _document(one) for name, one in self._known.items()})

    async def keep(self, stop: asyncio.Event) -> None:
        """After ``check_all``: look at all again and again, until told to stop."""
        while not stop.is_set():
            try:
                async with asyncio.timeout(self._between_s(_EARLIEST_S, _LATEST_S)):
                    await stop.wait()
            except TimeoutError:
                await self.check_all()

    async def _look(self, retailer: str, path: Path, stamp: Stamp | None) -> SessionState:
        """Look who is signed in, and keep what the site renewed unless somebody signed in meanwhile."""
        try:
            look = await self._visits.session(retailer)
            if look.signed_in:
                renewed = await self._visits.state(retailer)
                if stamp_of(path) == stamp:
                    save_state(path, renewed)
                    self._stamps[retailer] = stamp_of(path)
        except (RetailerError, Unusable) as error:
            reason = f"could not be looked at: {error}"
            return SessionState(
                retailer=retailer, signed_in=None, checked_at=self._clock.now(), reason=reason
            )
        return look


def token_end(path: Path) -> datetime | None:
    """When the access token in a session's file ends; ``None`` when nobody can tell."""
    try:
        cookies = json.loads(path.read_text("utf-8"))["cookies"]
        token = next(cookie["value"] for cookie in cookies if cookie["name"] == _TOKEN)
        payload = token.split(".")[1]
        end = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]
        return datetime.fromtimestamp(float(end), UTC)
    except (OSError, ValueError, LookupError, TypeError, StopIteration, OverflowError):
        return None


def _modified(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _document(status: SessionStatus) -> dict[str, object]:
    def text(moment: datetime | None) -> str | None:
        return None if moment is None else moment.isoformat()

    return {
        "health": status.health.value,
        "since": text(status.since),
        "reason": status.reason,
        "checked_at": text(status.checked_at),
        "expires_at": text(status.expires_at),
    }
