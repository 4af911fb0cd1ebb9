"""How a retailer's watching goes, in one word with a since-when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class HealthState(StrEnum):
    WORKING = "working"
    SLOWED = "slowed"  #: refused or failing: checked less often
    BLOCKED = "blocked"  #: a challenge: paused until a human looks or the pause ends
    NOT_UNDERSTOOD = "not_understood"  #: answers came, but none gave a verdict
    LATE = "late"  #: checks behind schedule
    IDLE = "idle"  #: nothing is watched here


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    retailer: str
    state: HealthState
    since: datetime
    reason: str = ""


CHALLENGE_PAUSE_S = 900.0  #: after the first challenge; doubles with each
LONGEST_PAUSE_S = 14_400.0


def challenge_pause(strikes: int) -> timedelta:
    """How long nobody asks after so many challenges in a row."""
    return timedelta(seconds=min(LONGEST_PAUSE_S, CHALLENGE_PAUSE_S * 2.0 ** min(strikes - 1, 40)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Nobody talks to this host or retailer until then; kept over restarts."""

    name: str  #: a retailer id
    until: datetime
    reason: str
    strikes: int = 1  #: challenges in a row: the pause doubles with each

    def bounded(self, now: datetime) -> Pause:
        """The same, ending no further ahead than it was long: a clock set back prolongs it by as much."""
        latest = now + challenge_pause(self.strikes)
        return self if self.until <= latest else replace(self, until=latest)
