"""How a signed-in session is doing; without it a lost one would show at the moment of a purchase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shopwatch.domain.probe import SessionState

#: A good look is believed so long: two rounds of keeping it warm, and a bit.
BELIEVED_FOR = timedelta(minutes=65)
#: So long before its token ends a session that the site has not renewed is worth a warning.
WARN_BEFORE = timedelta(hours=1)


class SessionHealth(StrEnum):
    HEALTHY = "healthy"
    EXPIRING = "expiring"  #: signed in, but the token ends soon and was not renewed
    EXPIRED = "expired"
    NEEDS_HUMAN = "needs_human"  #: a code, a PIN or a sign-in is asked for
    NONE = "none"  #: nobody has signed in on this machine

    @property
    def can_buy(self) -> bool:
        return self in (SessionHealth.HEALTHY, SessionHealth.EXPIRING)


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionStatus:
    """The state of one retailer's session, since when, and why."""

    retailer: str
    health: SessionHealth
    since: datetime
    reason: str
    checked_at: datetime | None = None  #: the last look that could tell
    expires_at: datetime | None = None  #: of the token; the site renews it by itself on navigation

    def can_buy(self, now: datetime) -> bool:
        """Fails closed: what was not looked at for an hour is not known."""
        return (
            self.health.can_buy
            and self.checked_at is not None
            and timedelta(0) <= now - self.checked_at < BELIEVED_FOR
        )


def judged(
    before: SessionStatus | None,
    look: SessionState | None,
    *,
    retailer: str,
    expires_at: datetime | None,
    signed_in_at: datetime | None,
    now: datetime,
) -> SessionStatus:
    """The status after a look; ``look`` None: there is no session to look at.

    A person who was asked for is waited for: a greeting does not mean that the checkout asks no more.
    """
    health, reason = _verdict(before, look, expires_at=expires_at, signed_in_at=signed_in_at, now=now)
    could_tell = look is not None and look.signed_in is not None
    is_same = before is not None and before.health is health
    return SessionStatus(
        retailer=retailer,
        health=health,
        since=before.since if before is not None and is_same else now,
        reason=reason,
        checked_at=look.checked_at if look and could_tell else before.checked_at if before else None,
        expires_at=expires_at,
    )


def _verdict(
    before: SessionStatus | None,
    look: SessionState | None,
    *,
    expires_at: datetime | None,
    signed_in_at: datetime | None,
    now: datetime,
) -> tuple[SessionHealth, str]:
    if look is None:
        return SessionHealth.NONE, "nobody has signed in here: `shopwatch login`"
    if look.signed_in is None:
        return (SessionHealth.NONE, look.reason) if before is None else (before.health, look.reason)
    if not look.signed_in:
        return SessionHealth.EXPIRED, look.reason
    if before is not None and before.health is SessionHealth.NEEDS_HUMAN and not _came(signed_in_at, before):
        return SessionHealth.NEEDS_HUMAN, before.reason
    if expires_at is not None and expires_at - now < WARN_BEFORE:
        return SessionHealth.EXPIRING, f"its token ends {expires_at:%Y-%m-%d %H:%M}Z and was not renewed"
    return SessionHealth.HEALTHY, "the account page greets a person"


def _came(signed_in_at: datetime | None, asked: SessionStatus) -> bool:
    return signed_in_at is not None and signed_in_at > asked.since
