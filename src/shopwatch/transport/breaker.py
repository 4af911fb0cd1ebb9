"""Pauses of a whole retailer; without it a challenged client would keep knocking and keep the wall up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog

from shopwatch.domain.errors import Blocked, RetailerError, Unreachable
from shopwatch.domain.health import LONGEST_PAUSE_S, Pause, challenge_pause
from shopwatch.ports import Clock, Pauses

log = structlog.get_logger(__name__)

_NEVER = float("-inf")
_PROBE_PATIENCE_S = 5.0  #: when to ask again while somebody else's request decides


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How much a breaker bears, and for how long it then pauses; after a challenge: ``domain.health``."""

    failures: int = 5  #: in a row before a pause, and
    failing_s: float = 10.0  #: only if they went on for so long: one bad moment is no outage
    failure_pause_s: float = 30.0  #: doubles with each
    longest_failure_pause_s: float = 900.0
    refresh_s: float = 10.0  #: how old the knowledge of other processes' pauses may get


@dataclass(eq=False, slots=True)
class Admission:
    """Leave to ask a retailer; ``probe`` if its answer decides whether a pause is over."""

    name: str
    asked_s: float  #: monotonic
    probe: bool = False


@dataclass(slots=True)
class _Circuit:
    """What is known of one retailer."""

    pause: Pause | None = None
    saved: bool = False  #: a challenge's pause, which the database has
    proven: bool = True  #: a good answer came since the pause ended
    probing: bool = False
    paused_s: float = _NEVER  #: or moved, monotonic: what was asked before tells nothing of after
    strikes: int = 0  #: challenges, forgotten after the longest pause without one
    failures: int = 0  #: in a row
    failing_since_s: float = 0.0
    failure_pauses: int = 0  #: in a row


class Breaker:
    """The circuits of all retailers. A challenge pauses a retailer in every process and over restarts."""

    def __init__(self, clock: Clock, pauses: Pauses | None = None, patience: Patience | None = None) -> None:
        self._clock = clock
        self._pauses = pauses
        self._patience = patience or Patience()
        self._circuits: dict[str, _Circuit] = {}
        self._loaded_s = _NEVER
        self._turn = asyncio.Lock()  # saving and loading never overlap

    async def admit(self, name: str, url: str) -> Admission:
        """Let a request through, or say at once that it may not be sent.

        Raises:
            Blocked: the retailer is paused, or one request is out to see whether it still has to be.
        """
        now_s = self._clock.monotonic()
        if self._pauses is not None and now_s - self._loaded_s >= self._patience.refresh_s:
            await self._load(self._pauses)
        circuit = self._circuits.get(name)
        if circuit is None or circuit.pause is None:
            return Admission(name, now_s)
        circuit.pause = circuit.pause.bounded(self._clock.now())
        return self._admit_after(circuit.pause, circuit, url)

    def release(self, admission: Admission) -> None:
        """Take an admission back that came to no answer, as when its task was cancelled."""
        if admission.probe and (circuit := self._circuits.get(admission.name)):
            circuit.probing = False

    def succeeded(self, admission: Admission) -> None:
        circuit = self._circuits.get(admission.name)
        if circuit is None or admission.asked_s < circuit.paused_s:
            return
        circuit.failures = 0
        if admission.probe:
            circuit.probing, circuit.proven, circuit.failure_pauses = False, True, 0
            log.info("retailer_resumed", retailer=admission.name)

    async def failed(self, admission: Admission, error: RetailerError) -> None:
        """Count an error: a challenge pauses at once, failures only when they go on."""
        self.release(admission)
        circuit = self._circuits.setdefault(admission.name, _Circuit())
        if admission.asked_s < circuit.paused_s:
            return
        if isinstance(error, Blocked) and error.challenge:
            await self._challenged(admission.name, circuit, error)
        elif _is_failure(error):
            self._count(admission, circuit, error)

    def pause(self, name: str) -> Pause | None:
        """The pause a retailer is in, for people to see."""
        circuit = self._circuits.get(name)
        now = self._clock.now()
        pause = circuit.pause.bounded(now) if circuit and circuit.pause else None
        return pause if pause is not None and now < pause.until else None

    async def clear(self, name: str) -> None:
        """End a retailer's pause, because a human looked at it."""
        async with self._turn:
            self._circuits.pop(name, None)
            if self._pauses is not None:
                await self._pauses.clear(name)
        log.info("retailer_resumed", retailer=name, by="human")

    def moved(self, name: str) -> None:
        """Forget the failures of a retailer's old address. A challenge is the retailer's own and stays."""
        circuit = self._circuits.get(name)
        if circuit is not None and not circuit.strikes:
            self._circuits[name] = _Circuit(paused_s=self._clock.monotonic())

    def _admit_after(self, pause: Pause, circuit: _Circuit, url: str) -> Admission:
        left_s = (pause.until - self._clock.now()).total_seconds()
        if left_s > 0:
            until = f"{pause.until:%Y-%m-%d %H:%M:%S} UTC"
            raise Blocked(url, f"{pause.name} is paused until {until}: {pause.reason}", retry_after_s=left_s)
        if circuit.probing:
            reason = f"{pause.name} was paused and one request is out to see whether it answers"
            raise Blocked(url, reason, retry_after_s=_PROBE_PATIENCE_S)
        circuit.probing = not circuit.proven
        return Admission(pause.name, self._clock.monotonic(), probe=circuit.probing)

    async def _challenged(self, name: str, circuit: _Circuit, error: Blocked) -> None:
        circuit.strikes = 1 if self._is_forgiven(circuit) else circuit.strikes + 1
        seconds = challenge_pause(circuit.strikes).total_seconds()
        pause = self._open(name, circuit, seconds, error.reason)
        async with self._turn:  # a load under way does not know this pause: only now it counts as saved
            if self._pauses is not None:
                await self._pauses.save(pause)
            circuit.saved = True

    def _is_forgiven(self, circuit: _Circuit) -> bool:
        if not circuit.saved or circuit.pause is None:
            return circuit.strikes == 0
        return self._is_long_over(circuit.pause)

    def _is_long_over(self, pause: Pause) -> bool:
        quiet = self._clock.now() - pause.until
        return quiet > timedelta(seconds=LONGEST_PAUSE_S)

    def _count(self, admission: Admission, circuit: _Circuit, error: RetailerError) -> None:
        now_s, patience = self._clock.monotonic(), self._patience
        if circuit.failures == 0:
            circuit.failing_since_s = admission.asked_s
        circuit.failures += 1
        lasting = now_s - circuit.failing_since_s >= patience.failing_s
        if admission.probe or (circuit.failures >= patience.failures and lasting):
            seconds = patience.failure_pause_s * 2.0**circuit.failure_pauses
            circuit.failure_pauses += 1
            self._open(admission.name, circuit, min(seconds, patience.longest_failure_pause_s), error.reason)

    def _open(self, name: str, circuit: _Circuit, seconds: float, reason: str) -> Pause:
        until = self._clock.now() + timedelta(seconds=seconds)
        circuit.pause = Pause(name=name, until=until, reason=reason, strikes=max(1, circuit.strikes))
        circuit.proven, circuit.failures = False, 0
        circuit.paused_s = self._clock.monotonic()
        log.warning(
            "retailer_paused", retailer=name, reason=reason, pause_s=round(seconds), strikes=circuit.strikes
        )
        return circuit.pause

    async def _load(self, pauses: Pauses) -> None:
        """Take over what other processes, or this one before a restart, know; drop what a human cleared."""
        async with self._turn:
            if self._clock.monotonic() - self._loaded_s < self._patience.refresh_s:
                return
            known = {pause.name: pause for pause in await pauses.load(self._clock.now())}
            self._loaded_s = self._clock.monotonic()
            for pause in known.values():
                if self._is_long_over(pause):
                    continue
                circuit = self._circuits.setdefault(pause.name, _Circuit())
                if circuit.pause is None or pause.until > circuit.pause.until:
                    self._adopt(circuit, pause)
            for name in [name for name, one in self._circuits.items() if one.saved and name not in known]:
                del self._circuits[name]

    def _adopt(self, circuit: _Circuit, pause: Pause) -> None:
        circuit.pause, circuit.saved, circuit.strikes = pause, True, pause.strikes
        circuit.proven, circuit.probing = False, False
        circuit.paused_s = self._clock.monotonic()

    def ends(self) -> dict[str, datetime]:
        """Until when each paused retailer is paused."""
        return {name: pause.until for name in self._circuits if (pause := self.pause(name)) is not None}


def _is_failure(error: RetailerError) -> bool:
    """Too fast (429), and what was not even sent (no status), is the host budget's business."""
    if isinstance(error, Blocked):
        return error.status not in (None, HTTPStatus.TOO_MANY_REQUESTS)
    return isinstance(error, Unreachable)
