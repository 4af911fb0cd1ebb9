"""What becomes of due alerts: sent, sent as one, kept until morning, or let go. Pure; told the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from shopwatch.domain.stock_state import AlertKind
from shopwatch.ports import OutboxRow

#: Kinds that wake nobody: they wait for the end of quiet hours.
_PATIENT = frozenset({AlertKind.PRICE_DROP, AlertKind.BELOW_PRICE, AlertKind.SOLD_OUT, AlertKind.CRAWL})
#: Kinds that are never collapsed or delayed.
_ALONE = frozenset({AlertKind.TEST, AlertKind.PURCHASE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """How the person wants to be told."""

    quiet_from: time | None = None
    quiet_to: time | None = None
    zone: tzinfo = UTC
    digest_s: float = 0.0  #: collect for so long and send one message
    storm: int = 10  #: so many of one kind and retailer at once are one message
    expire_s: float = 3600.0

    def quiet_until(self, now: datetime) -> datetime | None:
        """The end of the quiet hours that ``now`` is in; ``None`` outside them."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return None
        local = now.astimezone(self.zone)
        at = local.time()
        over_midnight = self.quiet_from > self.quiet_to
        inside = (
            at >= self.quiet_from or at < self.quiet_to
            if over_midnight
            else self.quiet_from <= at < self.quiet_to
        )
        if not inside:
            return None
        end = local.replace(
            hour=self.quiet_to.hour, minute=self.quiet_to.minute, second=0, microsecond=0, fold=0
        )
        return end if end > local else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Send:
    """One message for these rows: a single row as it is, several as one."""

    rows: tuple[OutboxRow, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    row: OutboxRow
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Drop:
    row: OutboxRow
    why: str


Decision = Send | Wait | Drop


def decide(rows: Sequence[OutboxRow], manners: Manners, now: datetime) -> list[Decision]:
    """Each row is in exactly one decision."""
    decisions: list[Decision] = []
    ready: list[OutboxRow] = []
    quiet_until = manners.quiet_until(now)
    for row in rows:
        expires = row.alert.expires_at or row.created_at + timedelta(seconds=manners.expire_s)
        if row.alert.kind is AlertKind.RESTOCK and now >= expires:
            decisions.append(Drop(row, f"stale: nobody could be told for {_hours(now - row.created_at)}"))
        elif quiet_until is not None and row.alert.kind in _PATIENT:
            decisions.append(Wait(row, quiet_until, "quiet hours"))
        else:
            ready.append(row)
    return decisions + _messages(ready, manners, now)


def _messages(rows: Sequence[OutboxRow], manners: Manners, now: datetime) -> list[Decision]:
    decisions: list[Decision] = [Send((row,)) for row in rows if row.alert.kind in _ALONE]
    rest = [row for row in rows if row.alert.kind not in _ALONE]
    if manners.digest_s > 0:
        return decisions + _digest(rest, manners, now)
    families: dict[tuple[str, str | None], list[OutboxRow]] = defaultdict(list)
    for row in rest:
        families[row.alert.kind.value, row.alert.retailer].append(row)
    for (kind, retailer), members in families.items():
        if len(members) >= manners.storm:
            decisions.append(Send(tuple(members), f"{kind.replace('_', ' ')} {retailer or ''}".strip()))
        else:
            decisions += [Send((row,)) for row in members]
    return decisions


def _digest(rows: Sequence[OutboxRow], manners: Manners, now: datetime) -> list[Decision]:
    if not rows:
        return []
    due = min(row.created_at for row in rows) + timedelta(seconds=manners.digest_s)
    if now < due:
        return [Wait(row, due, "digest") for row in rows]
    return [Send(tuple(rows), "digest" if len(rows) > 1 else "")]


def _hours(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004
