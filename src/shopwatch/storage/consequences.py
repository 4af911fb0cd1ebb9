"""What follows from a change of stock: restock, history, alerts, event, all in the change's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.stock import Availability, Evidence, Key, Observation
from shopwatch.domain.stock_state import Alert, AlertKind, Change, StockState, Transition
from shopwatch.ports import Restock
from shopwatch.storage import events, held
from shopwatch.storage.many import insert_many, next_ids, update_many
from shopwatch.storage.outbox import enqueue
from shopwatch.storage.sql import Row, money_columns
from shopwatch.storage.stock_tables import RESTOCK_OPEN, price_points, restocks, stock_changes

_PLACEHOLDER = "{restock}"
_UNCONFIRMED = "unconfirmed"


def write(connection: Connection, steps: Sequence[tuple[Change, Transition]]) -> list[Change]:
    """Write everything that follows; returns the changes with the ids of their restocks."""
    changes = _restocked(connection, steps)
    told = list(zip(changes, (transition for _, transition in steps), strict=True))
    in_history = [change for change, transition in told if transition.is_change or transition.is_restock]
    _write_history(connection, in_history)
    alerts = [pair for change, transition in told for pair in _numbered(connection, change, transition)]
    happenings = [_happening(change) for change in in_history]
    for at in sorted({at for _, at in alerts}):
        happenings += enqueue(connection, [alert for alert, when in alerts if when == at], at)
    events.append(connection, happenings)
    return changes


def confirm(
    connection: Connection,
    restock_id: int,
    verdict: str,
    evidence: Evidence | None,
    *,
    alert: Alert | None,
    now: datetime,
) -> bool:
    """Complete a restock that nobody completed before, with its alert."""
    once = restocks.update().where(restocks.c.id == restock_id, restocks.c.confirmation == _UNCONFIRMED)
    done = connection.execute(once.values(confirmation=verdict, confirmation_evidence=evidence))
    if done.rowcount != 1:
        return False
    told = [] if alert is None else [_named(alert, restock_id)]
    happenings = held.settle(connection, restock_id, verdict, told[0] if told else None, now=now)
    if happenings is None:
        # A restock's own alert is there, or was not wanted.
        news = [one for one in told if one.kind is not AlertKind.RESTOCK]
        happenings = enqueue(connection, news, now)
    data = {"restock_id": restock_id, "confirmation": verdict}
    events.append(connection, [*happenings, events.Happening("stock", now, data)])
    return True


def unconfirmed(connection: Connection) -> list[Restock]:
    """Open restocks that nobody completed, the oldest first."""
    waiting = sa.and_(sa.text(RESTOCK_OPEN), restocks.c.confirmation == _UNCONFIRMED)
    query = sa.select(restocks).where(waiting).order_by(restocks.c.id)
    return [restock_of(row) for row in connection.execute(query).mappings()]


def restock_of(row: Row) -> Restock:
    observation = msgspec.convert(row["observation"], Observation)
    evidence = row["confirmation_evidence"]
    return Restock(
        id=row["id"],
        key=(row["retailer"], row["sku"]),
        at=row["at"],
        observation=observation,
        evidence=observation.evidence,
        confirmation=row["confirmation"],
        confirmation_evidence=msgspec.convert(evidence, Evidence) if evidence else None,
        ended_at=row["ended_at"],
    )


def _restocked(connection: Connection, steps: Sequence[tuple[Change, Transition]]) -> list[Change]:
    """Write the restocks that begin and end, all in a few statements; the changes get their ids."""
    numbers = iter(next_ids(connection, restocks, sum(transition.is_restock for _, transition in steps)))
    ended: dict[Key, datetime] = {}  #: of products whose restock was open before these steps
    begun: dict[Key, dict[str, object]] = {}  #: the rows that are still open after these steps
    rows: list[dict[str, object]] = []
    changes: list[Change] = []
    for change, transition in steps:
        key, at = change.after.key, change.observation.observed_at
        if transition.is_restock or _ends(change, transition):
            ended.setdefault(key, at)
            begun.pop(key, {})["ended_at"] = at
        if not transition.is_restock:
            changes.append(change)
            continue
        restock_id = next(numbers)
        begun[key] = _row(change, restock_id)
        rows.append(begun[key])
        changes.append(replace(change, restock_id=restock_id))
    _end(connection, ended)
    insert_many(connection, restocks, rows)
    return changes


def _row(change: Change, restock_id: int) -> dict[str, object]:
    retailer, sku = change.after.key
    return {
        "id": restock_id,
        "retailer": retailer,
        "sku": sku,
        "at": change.observation.observed_at,
        "observation": change.observation,
        "confirmation": _UNCONFIRMED,
        "ended_at": None,
    }


def _end(connection: Connection, ended: Mapping[Key, datetime]) -> None:
    """By key, so that two monitors with the same products do not wait for each other crosswise."""
    over = [
        {"ended_at": at, "retailer": retailer, "sku": sku} for (retailer, sku), at in sorted(ended.items())
    ]
    update_many(connection, restocks, over, keys=("retailer", "sku"), where=f"restocks.{RESTOCK_OPEN}")


def _ends(change: Change, transition: Transition) -> bool:
    """Whether the product can no longer be had: told as sold out, or no way to get it is left."""
    if any(alert.kind is AlertKind.SOLD_OUT for alert in transition.alerts):
        return True
    before, after = change.before, change.after
    ordered = _buyable(before.availability, before.pickup) and not _buyable(after.availability, after.pickup)
    return ordered or (_any_way(before) and not _any_way(after))


def _any_way(state: StockState) -> bool:
    return _buyable(state.availability, state.pickup, state.in_store)


def _buyable(*ways: Availability) -> bool:
    return any(way.is_buyable for way in ways)


def _write_history(connection: Connection, changes: Sequence[Change]) -> None:
    insert_many(connection, stock_changes, [_line(change) for change in changes])
    points = [_point(change) for change in changes if change.after.price not in (None, change.before.price)]
    insert_many(connection, price_points, points)


def _line(change: Change) -> dict[str, object]:
    before, after, seen = change.before, change.after, change.observation
    return {
        "retailer": after.key[0],
        "sku": after.key[1],
        "at": seen.observed_at,
        "was": before.availability,
        "availability": after.availability,
        "pickup": after.pickup,
        "in_store": after.in_store,
        **money_columns("price", after.price),
        "quantity": seen.quantity,
        "source": seen.source,
        "reason": seen.reason,
        "restock_id": change.restock_id,
    }


def _point(change: Change) -> dict[str, object]:
    regular = change.after.regular_price
    return {
        "retailer": change.after.key[0],
        "sku": change.after.key[1],
        "at": change.observation.observed_at,
        **money_columns("price", change.after.price),
        "regular_cents": regular.cents if regular else None,
    }


def _happening(change: Change) -> events.Happening:
    after = change.after
    data = {
        "retailer": after.key[0],
        "sku": after.key[1],
        "was": change.before.availability,
        "availability": after.availability,
        "pickup": after.pickup,
        "in_store": after.in_store,
        **money_columns("price", after.price),
        "restock_id": change.restock_id,
    }
    return events.Happening("stock", change.observation.observed_at, data)


def _numbered(connection: Connection, change: Change, transition: Transition) -> list[tuple[Alert, datetime]]:
    """The alerts with the id of the restock they speak of: this one, or the product's last."""
    if not transition.alerts:
        return []
    restock_id = change.restock_id
    if restock_id is None:
        query = sa.select(sa.func.max(restocks.c.id)).where(*_of(change.after.key))
        restock_id = connection.execute(query).scalar() or 0
    at = change.observation.observed_at
    news = [
        alert
        for alert in transition.alerts
        if alert.kind is not AlertKind.SOLD_OUT or not held.is_untold(connection, restock_id, at)
    ]
    return [(_named(alert, restock_id), at) for alert in news]


def _of(key: Key) -> tuple[sa.ColumnElement[bool], ...]:
    return restocks.c.retailer == key[0], restocks.c.sku == key[1]


def _named(alert: Alert, restock_id: int) -> Alert:
    number = str(restock_id)
    facts = {name: _filled(value, number) if value else value for name, value in alert.facts.items()}
    return replace(alert, key=alert.key.replace(_PLACEHOLDER, number), facts=facts)


def _filled(value: object, number: str) -> object:
    if isinstance(value, str):
        return value.replace(_PLACEHOLDER, number) if "{" in value else value
    if isinstance(value, dict):
        return {name: _filled(part, number) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(part, number) for part in value]
    return value
