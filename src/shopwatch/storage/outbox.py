"""The outbox: alerts on their way, each leased to one deliverer; else a crash would lose or double them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.stock import Key
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.ports import OutboxRow
from shopwatch.storage import events
from shopwatch.storage.columns import EPOCH
from shopwatch.storage.database import Database
from shopwatch.storage.many import insert_new
from shopwatch.storage.sql import Row
from shopwatch.storage.stock_tables import ALERT_OPEN, deliveries, outbox


def enqueue(connection: Connection, alerts: Sequence[Alert], now: datetime) -> list[events.Happening]:
    """Write the alerts whose key is not there yet; returns the events to append at the end."""
    if not alerts:
        return []
    by_key = {alert.key: alert for alert in reversed(alerts)}
    rows = [_columns(by_key[key], now) for key in sorted(by_key)]
    new = sorted(key for (key,) in insert_new(connection, outbox, rows, keys=("key",)))
    written = sa.select(outbox.c.id, outbox.c.key).where(outbox.c.key.in_(new)).order_by(outbox.c.id)
    return [_happening(number, "pending", now, key=key) for number, key in connection.execute(written)]


def _columns(alert: Alert, now: datetime) -> dict[str, object]:
    return {
        "key": alert.key,
        "kind": alert.kind.value,
        "retailer": alert.retailer,
        "sku": alert.sku,
        "facts": alert.facts,
        "expires_at": alert.expires_at,
        "state": "pending",
        "created_at": now,
        "next_try_at": alert.waits_until or EPOCH,  # at once, whatever clock the deliverer goes by
    }


def _happening(row_id: int, state: str, now: datetime, **more: object) -> events.Happening:
    return events.Happening("alert", now, {"id": row_id, "state": state, **more})


#: What a person sends again is news to them for so long, however old it is.
_ASKED_FOR = timedelta(days=1)


class SqlOutbox:
    """Every alert is delivered at least once: a row stays pending until someone says what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, alerts: Sequence[Alert]) -> int:
        now = self._database.now()

        def work(connection: Connection) -> int:
            happenings = enqueue(connection, alerts, now)
            events.append(connection, happenings)
            return len(happenings)

        return await self._database.write(work)

    async def lease(self, limit: int, now: datetime, lease_s: float) -> list[OutboxRow]:
        until = now + timedelta(seconds=lease_s)
        rows = await self._database.write(lambda connection: _lease(connection, limit, now, until))
        return [_row(row) for row in rows]

    async def release(self) -> int:
        """End all leases: the one deliverer there may be has just begun, so who held them is dead."""
        held = outbox.update().where(sa.text(ALERT_OPEN), outbox.c.leased_until.is_not(None))
        free = held.values(leased_until=None)
        return await self._database.write(lambda connection: connection.execute(free).rowcount)

    async def sent(self, row: OutboxRow, now: datetime, note: str = "") -> None:
        """It left. Also true if the lease ran out meanwhile: only a message that left is sent."""

        def work(connection: Connection) -> None:
            values = {"state": "sent", "sent_at": now, "attempts": outbox.c.attempts + 1, "last_error": note}
            statement = _if_pending(row).values(**values, leased_until=None)
            if connection.execute(statement).rowcount:
                events.append(connection, [_happening(row.id, "sent", now)])

        await self._database.write(work)

    async def failed(self, row: OutboxRow, error: str, next_try_at: datetime | None) -> None:
        state = "failed" if next_try_at is None else "pending"
        values = {
            "state": state,
            "attempts": outbox.c.attempts + 1,
            "last_error": error,
            "next_try_at": row.next_try_at if next_try_at is None else next_try_at,
        }
        await self._end_lease(row, state, values)

    async def wait(self, row: OutboxRow, why: str, until: datetime) -> None:
        await self._end_lease(row, "pending", {"last_error": why, "next_try_at": until})

    async def look_again(self, now: datetime) -> int:
        # What was never looked at has no note: it is due already, or held back for a browser's word.
        waiting = sa.and_(outbox.c.next_try_at > now, outbox.c.last_error != "")
        hurried = outbox.update().where(sa.text(ALERT_OPEN), waiting).values(next_try_at=now)
        return await self._database.write(lambda connection: connection.execute(hurried).rowcount)

    async def close(self, row: OutboxRow, state: str, note: str) -> None:
        await self._end_lease(row, state, {"state": state, "last_error": note})

    async def rows(self, limit: int = 100, before_id: int | None = None) -> list[OutboxRow]:
        query = sa.select(outbox).order_by(outbox.c.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(outbox.c.id < before_id)
        found = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_row(row) for row in found]

    async def of_restock(self, key: Key, restock_id: int) -> list[OutboxRow]:
        """The alerts whose facts name this restock of the product, the last first."""
        as_written = sa.type_coerce(outbox.c.facts, sa.Text)
        named = as_written.contains(f'"restock":"{restock_id}"')
        query = sa.select(outbox).where(outbox.c.retailer == key[0], outbox.c.sku == key[1], named)
        query = query.order_by(outbox.c.id.desc())
        found = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        rows = [_row(row) for row in found]
        return [row for row in rows if row.alert.facts.get("restock") == str(restock_id)]

    async def resend(self, row_id: int, now: datetime) -> bool:
        """Send once more what was sent, given up or expired; ``False`` while it is on its way anyway."""
        again = outbox.update().where(outbox.c.id == row_id, outbox.c.state != "pending")
        again = again.values(
            state="pending",
            attempts=0,
            next_try_at=now,
            expires_at=now + _ASKED_FOR,
            leased_until=None,
            sent_at=None,
        )

        def work(connection: Connection) -> bool:
            done = connection.execute(again).rowcount == 1
            if done:
                connection.execute(deliveries.delete().where(deliveries.c.alert_id == row_id))
                events.append(connection, [_happening(row_id, "pending", now)])
            return done

        return await self._database.write(work)

    async def _end_lease(self, row: OutboxRow, state: str, values: dict[str, object]) -> None:
        """Whose lease ran out has no say any more: the row is another deliverer's."""
        now = self._database.now()
        statement = _if_pending(row).where(outbox.c.leased_until.is_not_distinct_from(row.leased_until))

        def work(connection: Connection) -> None:
            if connection.execute(statement.values(**values, leased_until=None)).rowcount:
                events.append(connection, [_happening(row.id, state, now)])

        await self._database.write(work)


def _lease(connection: Connection, limit: int, now: datetime, until: datetime) -> Sequence[Row]:
    free = sa.and_(
        sa.text(ALERT_OPEN),
        outbox.c.next_try_at <= now,
        sa.or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now),
    )
    due = sa.select(outbox.c.id).where(free).order_by(outbox.c.next_try_at, outbox.c.id).limit(limit)
    if connection.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    ids = connection.execute(due).scalars().all()
    if not ids:
        return []
    claim = outbox.update().where(outbox.c.id.in_(ids), free).values(leased_until=until)
    rows = connection.execute(claim.returning(*outbox.c)).mappings().all()
    return sorted(rows, key=lambda row: int(row["id"]))


def _if_pending(row: OutboxRow) -> sa.Update:
    return outbox.update().where(outbox.c.id == row.id, outbox.c.state == "pending")


def _row(row: Row) -> OutboxRow:
    alert = Alert(
        key=row["key"],
        kind=AlertKind(row["kind"]),
        retailer=row["retailer"],
        sku=row["sku"],
        facts=row["facts"],
        expires_at=row["expires_at"],
    )
    return OutboxRow(
        id=row["id"],
        alert=alert,
        state=row["state"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        next_try_at=row["next_try_at"],
        sent_at=row["sent_at"],
        last_error=row["last_error"],
        leased_until=row["leased_until"],
    )
