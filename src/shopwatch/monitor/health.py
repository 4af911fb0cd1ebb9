"""How each retailer's watching goes, in one word: a pure state machine fed with what requests came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shopwatch.domain.health import Health, HealthState
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.monitor.checker import Answered, Look

BAD_TO_SLOW = 3  #: refused or failed requests in a row before a retailer counts as slowed
GOOD_TO_RECOVER = 3  #: good ones in a row before it works again
SILENT_TO_ALARM = 5  #: answers in a row without a verdict before it counts as not understood
LATE_TO_ALARM = 1.5  #: intervals stretched so much count as late
LATE_TO_RECOVER = 1.2
#: So long over (or under) the target before it counts: one slow sweep is noise.
SWEEP_PATIENCE = timedelta(seconds=30)

_QUIET = (HealthState.IDLE, HealthState.WORKING)
_SENTENCES = {
    HealthState.SLOWED: "is asked less often",
    HealthState.BLOCKED: "asks for a human and is paused",
    HealthState.NOT_UNDERSTOOD: "answers, but not in a way we understand: its products are unknown",
    HealthState.LATE: "is checked later than you asked for",
    HealthState.WORKING: "works again",
    HealthState.IDLE: "is no longer watched",
}


@dataclass(slots=True)
class Pulse:
    """What the last requests to one retailer came to."""

    bad: int = 0
    good: int = 0
    silent: int = 0
    why: str = ""
    blocked_until: datetime | None = None
    blocked_why: str = ""
    stretch: float = 1.0
    sweep_s: float = 0.0
    sweeps_late: bool = False  #: sweeps take longer than wanted, and have for a while
    turned_at: datetime | None = None  #: since when they do the opposite of what ``sweeps_late`` says


@dataclass(slots=True)
class RetailerHealth:
    """The state of one retailer. It is told everything and reads no clock."""

    health: Health
    target_sweep_s: float = 3.0  #: seconds a sweep may take before it counts as late
    pulse: Pulse = field(default_factory=Pulse)

    def resume(self, health: Health) -> None:
        """Go on from the state of the last process: it lasts until answers say that it is over."""
        self.health = health
        self.pulse.silent = SILENT_TO_ALARM if health.state is HealthState.NOT_UNDERSTOOD else 0
        self.pulse.sweeps_late = health.state is HealthState.LATE

    def came_back(self, look: Look) -> None:
        """Take what a request came to."""
        pulse = self.pulse
        match look.answered:
            case Answered.READ:
                pulse.good, pulse.bad, pulse.silent = pulse.good + 1, 0, 0
            case Answered.SILENT:
                pulse.good, pulse.bad, pulse.silent = pulse.good + 1, 0, pulse.silent + 1
                pulse.why = look.reason
            case Answered.REFUSED | Answered.FAILED:
                pulse.good, pulse.bad = 0, pulse.bad + 1
                pulse.why = look.reason
            case Answered.CHALLENGED | Answered.HELD:
                pulse.good = 0

    def blocked(self, until: datetime | None, why: str = "") -> None:
        """A pause of the whole retailer began, or (``None``) ended."""
        self.pulse.blocked_until, self.pulse.blocked_why = until, why
        self.pulse.bad = self.pulse.good = 0

    def tick(self, now: datetime, *, watched: int, stretch: float, sweep_s: float = 0.0) -> Health | None:
        """The new state with its since-when, or ``None`` while nothing changed."""
        self.pulse.stretch, self.pulse.sweep_s = stretch, sweep_s
        self._time_sweeps(now)
        state, reason = self._state(now, watched)
        if state is self.health.state:
            return None
        self.health = Health(retailer=self.health.retailer, state=state, since=now, reason=reason)
        return self.health

    def _state(self, now: datetime, watched: int) -> tuple[HealthState, str]:
        pulse, was = self.pulse, self.health.state
        if not watched:
            # What was says nothing of the day it is watched again; only a pause lasts.
            self.pulse = Pulse(blocked_until=pulse.blocked_until, blocked_why=pulse.blocked_why)
            return HealthState.IDLE, "nothing is watched here, or it is disabled"
        if pulse.blocked_until is not None and now < pulse.blocked_until:
            return (
                HealthState.BLOCKED,
                f"{pulse.blocked_why} (until {pulse.blocked_until:%Y-%m-%d %H:%M} UTC)",
            )
        if was is HealthState.BLOCKED and not pulse.good:
            return was, self.health.reason  # the pause is over, the proof is not in yet
        return self._troubled(was) or (HealthState.WORKING, "")

    def _troubled(self, was: HealthState) -> tuple[HealthState, str] | None:
        pulse = self.pulse
        if pulse.silent >= SILENT_TO_ALARM:
            return HealthState.NOT_UNDERSTOOD, f"{SILENT_TO_ALARM} answers without a verdict ({pulse.why})"
        if pulse.bad >= BAD_TO_SLOW or (was is HealthState.SLOWED and pulse.good < GOOD_TO_RECOVER):
            return HealthState.SLOWED, pulse.why
        if late := self._late(was):
            return HealthState.LATE, late
        return None

    def _late(self, was: HealthState) -> str:
        pulse = self.pulse
        limit = LATE_TO_RECOVER if was is HealthState.LATE else LATE_TO_ALARM
        if pulse.stretch > limit:
            return f"intervals are {pulse.stretch:.1f} times as long as asked: the budget allows no more"
        if pulse.sweeps_late:
            return f"a sweep takes {pulse.sweep_s:.1f} s, {self.target_sweep_s:.1f} s are wanted"
        return ""

    def _time_sweeps(self, now: datetime) -> None:
        """Whether sweeps have been over, or under, what is wanted for long enough to say so."""
        pulse = self.pulse
        is_over = pulse.sweep_s > self.target_sweep_s
        if is_over is pulse.sweeps_late or not pulse.sweep_s:  # without a whole sweep nobody can tell
            pulse.turned_at = None
        elif pulse.turned_at is None:
            pulse.turned_at = now
        elif now - pulse.turned_at >= SWEEP_PATIENCE:
            pulse.sweeps_late, pulse.turned_at = is_over, None


def alert(before: Health, after: Health) -> Alert | None:
    """Tell entering and leaving a bad state, once each; a start and an end of watching are no news."""
    if before.state in _QUIET and after.state in _QUIET:
        return None
    kind = AlertKind.LATE if HealthState.LATE in (before.state, after.state) else AlertKind.HEALTH
    return Alert(
        key=f"health:{after.retailer}:{after.state}:{after.since.isoformat()}",
        kind=kind,
        retailer=after.retailer,
        facts={
            "retailer": after.retailer,
            "state": after.state.value,
            "was": before.state.value,
            "since": after.since.isoformat(),
            "reason": _why(before, after),
            "text": f"{after.retailer} {_SENTENCES[after.state]}",
        },
    )


def _why(before: Health, after: Health) -> str:
    if after.state in _QUIET:
        return f"{before.state.value.replace('_', ' ')} since {before.since:%H:%M} UTC: {before.reason}"
    why = after.reason or before.reason
    if after.state is HealthState.BLOCKED:
        return f"{why}. Look at its site yourself, then end the pause: shopwatch unpause {after.retailer}"
    return why
