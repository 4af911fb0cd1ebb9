"""Which answers are believed at once, and which are held until a second one agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability

_ODD_RATIO = 2  #: a price that halves or doubles at once is more often a fault than a sale

Held = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Believed:
    """One channel's state after an answer; ``held`` is the answer that waits for a second one."""

    availability: Availability
    held: Held | None = None
    since: datetime | None = None  #: when a new state began: an end, when it was first seen


def channel(
    before: Availability,
    now: Availability,
    *,
    held: object,
    at: datetime,
    doubtful: bool,
) -> Believed:
    """Unknown changes nothing. A start is believed at once unless doubtful, an end when it is seen twice."""
    if now in (before, Availability.UNKNOWN):
        return Believed(before, held if now is Availability.UNKNOWN and isinstance(held, Mapping) else None)
    first_seen = _since(held, now.is_buyable)
    ends = before.is_buyable and not now.is_buyable
    starts = now.is_buyable and not before.is_buyable
    if (ends and first_seen in (None, at)) or (starts and doubtful):
        return Believed(before, {"as": now.value, "since": (first_seen or at).isoformat()})
    # Not later than now: the clock may have been set back between the two looks.
    return Believed(now, since=min(first_seen, at) if ends and first_seen else at)


def price(
    before: Money | None, now: Money | None, *, held: object, at: datetime
) -> tuple[Money | None, Held | None]:
    """A look without a price changes nothing; an odd price is held until it is seen twice."""
    if now is None or now == before:
        return before, held if now is None and isinstance(held, Mapping) else None
    if before is None or not _is_odd(before, now):
        return now, None
    if isinstance(held, Mapping) and held.get("cents") == now.cents and held.get("since") != at.isoformat():
        return now, None
    return before, {"cents": now.cents, "since": at.isoformat()}


def _since(held: object, buyable: bool) -> datetime | None:
    """When an answer of this kind was first held back; the second one may use other words for it."""
    if not isinstance(held, Mapping):
        return None
    try:
        if Availability(held["as"]).is_buyable is not buyable:
            return None
        return datetime.fromisoformat(str(held["since"]))
    except (KeyError, ValueError):
        return None  # written by a version we do not know: as if nothing were held


def _is_odd(before: Money, now: Money) -> bool:
    return now.cents * _ODD_RATIO < before.cents or now.cents > before.cents * _ODD_RATIO
