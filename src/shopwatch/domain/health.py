"""How a retailer's watching goes, in one word with a since-when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Nobody talks to this host or retailer until then; kept over restarts."""

    name: str  #: a retailer id
    until: datetime
    reason: str
    strikes: int = 1  #: challenges in a row: the pause doubles with each
