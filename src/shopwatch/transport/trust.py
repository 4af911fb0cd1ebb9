"""How much of its rate a host gets after it refused; without it a sinking site would be asked as before."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from shopwatch.transport.pace import Permit

log = structlog.get_logger(__name__)

NEVER = float("-inf")
_LEAST_SHARE = 1 / 32
_SHARE_REGAINED = 1 / 20  #: of the full rate, with each good answer
_SLOWED_SPACING_S = 0.1  #: what a slowed host gets even where no delay is configured
_FIRST_PAUSE_S = 0.5  #: after a 429 without Retry-After; doubles with each in a row
_LONGEST_PAUSE_S = 60.0


@dataclass(slots=True)
class Trust:
    """The share of the permitted rate a host is asked at: halved when it refuses, regained in small steps.

    What was in flight together counts once: fifty answers to one overload are one refusal.
    """

    host: str
    share: float = 1.0
    reason: str = ""
    refusals: int = 0  #: in a row
    _since_s: float = 0.0
    _last_s: float = NEVER

    def spacing(self, spacing_s: float) -> float:
        """What a spacing becomes at the present share."""
        if self.share >= 1.0:
            return spacing_s
        return (spacing_s + _SLOWED_SPACING_S * (1 - self.share)) / self.share

    def gain(self, permit: Permit, now: float) -> None:
        """Count a good answer."""
        if self.share >= 1.0 or permit.entered_s < self._last_s:
            return
        self.refusals = 0
        self.share = min(1.0, self.share + _SHARE_REGAINED)
        if self.share >= 1.0:
            self.reason = ""
            log.info("host_recovered", host=self.host, slowed_s=round(now - self._since_s, 1))

    def lose(self, permit: Permit, now: float, reason: str) -> float:
        """Count a refusal; returns for how many seconds a site that named none is best left alone."""
        if permit.entered_s < self._last_s:
            return 0.0
        if self.share >= 1.0:
            self._since_s = now
            log.warning("host_slowed", host=self.host, reason=reason)
        self._last_s, self.reason = now, reason
        self.share = max(_LEAST_SHARE, self.share / 2)
        self.refusals += 1
        return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (self.refusals - 1))
