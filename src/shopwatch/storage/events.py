"""Events: what happened, in the order readers see it; else a dashboard would have to ask for everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.run import RunState
from shopwatch.ports import Event
from shopwatch.storage.database import Database
from shopwatch.storage.many import insert_many
from shopwatch.storage.stock_tables import events

_ADVISORY_LOCK = 0x53574556
_PRUNED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that is not written yet."""

    kind: str
    at: datetime
    data: Mapping[str, object]


def of_run(run_id: str, retailer: str, state: RunState, at: datetime) -> Happening:
    return Happening("run", at, {"run_id": run_id, "retailer": retailer, "state": state.value})


def append(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Write events: the last thing a transaction does.

    On PostgreSQL ids are drawn before the commit, so a later id could be visible first and a reader that
    resumes after it would miss the earlier. The lock, held until the commit is visible, keeps the order.
    """
    if not happenings:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    rows = [{"kind": one.kind, "at": one.at, "data": one.data} for one in happenings]
    insert_many(connection, events, rows)


class SqlEvents:
    """Append-only, with growing ids: who saw id N asks for those after N and misses none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def publish(self, kind: str, data: Mapping[str, object]) -> None:
        happening = Happening(kind, self._database.now(), data)
        await self._database.write(lambda connection: append(connection, [happening]))

    async def after(self, last_id: int, limit: int = 500) -> list[Event]:
        query = sa.select(events).where(events.c.id > last_id).order_by(events.c.id).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Event(id=row["id"], kind=row["kind"], at=row["at"], data=row["data"]) for row in rows]

    async def last_id(self) -> int:
        query = sa.select(sa.func.coalesce(sa.func.max(events.c.id), 0))
        return int(await self._database.read(lambda connection: connection.execute(query).scalar_one()))

    async def progress(self, run_id: str, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
        """How many requests a run had made, each time it told so; nothing of what is forgotten."""
        names_it = sa.type_coerce(events.c.data, sa.Text).contains(run_id, autoescape=True)
        of_run = sa.select(events.c.at, events.c.data).where(events.c.kind == "run", names_it)
        query = of_run.where(events.c.at.between(since, until)).order_by(events.c.id)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            (at, int(data["stats"]["requests_made"]))
            for at, data in rows
            if data.get("run_id") == run_id and "stats" in data
        ]

    async def prune(self, before: datetime) -> int:
        """Forget events older than ``before``; returns how many."""
        total = 0
        while pruned := await self._database.write(lambda connection: _prune(connection, before)):
            total += pruned
        return total


def _prune(connection: Connection, before: datetime) -> int:
    # By their time: by id, all the rows that stay would be read each hour.
    old = sa.select(events.c.id).where(events.c.at < before).order_by(events.c.at).limit(_PRUNED_AT_ONCE)
    return connection.execute(events.delete().where(events.c.id.in_(old))).rowcount
