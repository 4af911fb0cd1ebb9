"""What becomes of due alerts: sent, sent as one, kept until morning, or let go. Pure; told the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from types import MappingProxyType

from shopwatch.domain.stock_state import AlertKind
from shopwatch.ports import OutboxRow

#: Kinds that wake nobody: they wait for the end of quiet hours.
_PATIENT = frozenset({AlertKind.PRICE_DROP, AlertKind.BELOW_PRICE, AlertKind.SOLD_OUT, AlertKind.CRAWL})
#: Kinds that say what can be had now: late they are wrong.
_STALE = frozenset({AlertKind.RESTOCK, AlertKind.CONFIRMED, AlertKind.NOT_CONFIRMED})
#: Kinds that are never collapsed or delayed.
_ALONE = frozenset({AlertKind.TEST, AlertKind.PURCHASE})
#: Alerts of one family in so long a time are counted for a storm.
STORM_WINDOW = timedelta(minutes=1)
_STORM_GATHER_S = 10.0  #: while a storm lasts, its further alerts leave together each so many seconds

#: What makes alerts alike enough to be one message: their kind and their retailer.
Family = tuple[str, str | None]
_NOTHING: Mapping[Family, int] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """How the person wants to be told."""

    quiet_from: time | None = None
    quiet_to: time | None = None
    zone: tzinfo = UTC
    digest_s: float = 0.0  #: gather until the next multiple of it on the clock, and send one message
    storm: int = 10  #: so many of one kind and retailer in a minute are gathered
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


def family_of(row: OutboxRow) -> Family:
    return row.alert.kind.value, row.alert.retailer


def decide(
    rows: Sequence[OutboxRow], manners: Manners, now: datetime, *, lately: Mapping[Family, int] = _NOTHING
) -> list[Decision]:
    """Each row is in exactly one decision. ``lately``: how many of a family left in the last minute."""
    decisions: list[Decision] = []
    ready: list[OutboxRow] = []
    quiet_until = manners.quiet_until(now)
    for row in rows:
        expires = row.alert.expires_at or row.created_at + timedelta(seconds=manners.expire_s)
        if row.alert.kind in _STALE and now >= expires:
            why = f" ({row.last_error})" if row.last_error else ""
            decisions.append(Drop(row, f"stale: nobody could be told for {_span(now - row.created_at)}{why}"))
        elif quiet_until is not None and row.alert.kind in _PATIENT:
            decisions.append(Wait(row, quiet_until, "quiet hours"))
        else:
            ready.append(row)
    return decisions + _messages(ready, manners, now, lately)


def _messages(
    rows: Sequence[OutboxRow], manners: Manners, now: datetime, lately: Mapping[Family, int]
) -> list[Decision]:
    decisions: list[Decision] = [Send((row,)) for row in rows if row.alert.kind in _ALONE]
    rest = [row for row in rows if row.alert.kind not in _ALONE]
    if manners.digest_s > 0:
        return decisions + _gathered(rest, manners.digest_s, manners.zone, now, why="digest")
    families: dict[Family, list[OutboxRow]] = defaultdict(list)
    for row in rest:
        families[family_of(row)].append(row)
    for family, members in families.items():
        why = f"{family[0].replace('_', ' ')} {family[1] or ''}".strip()
        if len(members) >= manners.storm:
            decisions.append(Send(tuple(members), why))
        elif len(members) + lately.get(family, 0) >= manners.storm:
            decisions += _gathered(members, _STORM_GATHER_S, UTC, now, why=why)
        else:
            decisions += [Send((row,)) for row in members]
    return decisions


def _gathered(
    rows: Sequence[OutboxRow], every_s: float, zone: tzinfo, now: datetime, *, why: str
) -> list[Decision]:
    """Those whose time has come are one message. The others wait for the same moment, and so meet."""
    due = {row.id: _next_multiple(row.created_at, every_s, zone) for row in rows}
    told = tuple(row for row in rows if due[row.id] <= now)
    waiting: list[Decision] = [Wait(row, due[row.id], why) for row in rows if due[row.id] > now]
    return [*waiting, *([Send(told, why if len(told) > 1 else "")] if told else [])]


def _next_multiple(after: datetime, every_s: float, zone: tzinfo) -> datetime:
    """The next moment of the person's clock that is a whole number of times ``every_s`` from midnight."""
    ahead = after.astimezone(zone).utcoffset() or timedelta()
    local_s = after.timestamp() + ahead.total_seconds()
    return datetime.fromtimestamp((local_s // every_s + 1) * every_s, UTC) - ahead


def _span(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    minutes = round(seconds / 60)
    if minutes >= 60:  # noqa: PLR2004
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
