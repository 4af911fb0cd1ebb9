"""Pauses and health: what must hold after a restart, so that nobody asks a site that just refused us."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.health import Health, HealthState, Pause
from shopwatch.domain.stock_state import Alert
from shopwatch.storage import events
from shopwatch.storage.database import Database
from shopwatch.storage.outbox import enqueue
from shopwatch.storage.sql import claim, put
from shopwatch.storage.stock_tables import pauses, retailer_health


class SqlPauses:
    """One row for each host or retailer nobody may talk to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, now: datetime) -> list[Pause]:
        query = sa.select(pauses).order_by(pauses.c.name)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        found = [
            Pause(name=row["name"], until=row["until"], reason=row["reason"], strikes=row["strikes"])
            for row in rows
        ]
        held = [pause.bounded(now) for pause in found]
        for before, pause in zip(found, held, strict=True):
            if pause is not before:  # written down: reckoned anew each time it would move on with the clock
                await self._database.write(partial(_cut, before=before, until=pause.until))
        return held

    async def save(self, pause: Pause) -> None:
        row = {
            "name": pause.name,
            "until": pause.until,
            "reason": pause.reason,
            "strikes": pause.strikes,
        }
        await self._database.write(partial(put, table=pauses, rows=[row], keys=("name",)))

    async def clear(self, name: str) -> None:
        statement = pauses.delete().where(pauses.c.name == name)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)


def _cut(connection: Connection, before: Pause, until: datetime) -> None:
    """A clock was set back. Another one's pause, written meanwhile, stays as it is."""
    same = (pauses.c.name == before.name, pauses.c.until == before.until)
    connection.execute(pauses.update().where(*same).values(until=until))


class SqlHealthBook:
    """Entering and leaving a state is told once, whoever notices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, health: Health, alert: Alert | None) -> bool:
        return await self._database.write(partial(_enter, health=health, alert=alert))

    async def current(self) -> dict[str, Health]:
        rows = await self._database.read(
            lambda connection: connection.execute(sa.select(retailer_health)).mappings().all()
        )
        return {
            row["retailer"]: Health(
                retailer=row["retailer"],
                state=HealthState(row["state"]),
                since=row["since"],
                reason=row["reason"],
            )
            for row in rows
        }


def _enter(connection: Connection, health: Health, alert: Alert | None) -> bool:
    row = {"state": health.state.value, "since": health.since, "reason": health.reason}
    of_retailer = retailer_health.c.retailer == health.retailer
    other = retailer_health.update().where(of_retailer, retailer_health.c.state != health.state.value)
    entered = connection.execute(other.values(row)).rowcount == 1 or claim(
        connection, retailer_health, {"retailer": health.retailer, **row}
    )
    if not entered:
        return False
    told = enqueue(connection, [] if alert is None else [alert], health.since)
    data = {"retailer": health.retailer, "state": health.state.value, "reason": health.reason}
    events.append(connection, [*told, events.Happening("health", health.since, data)])
    return True
