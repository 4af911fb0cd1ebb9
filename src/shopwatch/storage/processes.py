"""Our children by pid and start time: a web process that restarts finds them, and nobody starts twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.errors import Conflict
from shopwatch.ports import DASHBOARD, ProcessRow
from shopwatch.storage import events
from shopwatch.storage.crawl_tables import PROCESS_RUNNING, processes
from shopwatch.storage.database import Database
from shopwatch.storage.sql import Row, insert


class SqlProcesses:
    """Of each kind and name one is running; a unique index decides between two that start together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, kind: str, name: str, pid: int, started_s: float, run_id: str | None, *, mark: str = ""
    ) -> int:
        row = {"kind": kind, "name": name, "pid": pid, "started_s": started_s, "run_id": run_id, "mark": mark}
        return await self._database.write(partial(_add, row=row, now=self._database.now()))

    async def live(self) -> list[ProcessRow]:
        query = sa.select(processes).where(sa.text(PROCESS_RUNNING)).order_by(processes.c.id)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_row(row) for row in rows]

    async def end(self, row_id: int, state: str) -> None:
        """Say what became of it; what was said first stays."""
        await self._database.write(partial(_end, row_id=row_id, state=state, now=self._database.now()))


def _add(connection: Connection, row: dict[str, object], now: datetime) -> int:
    statement = insert(connection, processes).on_conflict_do_nothing().returning(processes.c.id)
    row_id = connection.execute(statement.values(**row, state="running", added_at=now)).scalar()
    if row_id is None:
        raise Conflict(_runs_already(connection, row))
    _tell(connection, row_id, {**row, "state": "running"}, now)
    return int(row_id)


def _runs_already(connection: Connection, row: Mapping[str, object]) -> str:
    """Who runs, under which number, and what to do."""
    kind, name = row["kind"], row["name"]
    same = sa.and_(processes.c.kind == kind, processes.c.name == name, sa.text(PROCESS_RUNNING))
    pid = connection.execute(sa.select(processes.c.pid).where(same)).scalar()
    who = f"A {kind}" if kind == name else f"A {kind} process for {name}"  # one monitor, a crawl of each
    where = f"use that one, or end it with `kill {pid}`"
    what = where if kind == DASHBOARD else "stop it first, here or on the dashboard"
    return f"{who} is running already, as process {pid}: {what}"


def _end(connection: Connection, row_id: int, state: str, now: datetime) -> None:
    statement = (
        processes.update()
        .where(processes.c.id == row_id, sa.text(PROCESS_RUNNING))
        .values(state=state)
        .returning(processes.c.kind, processes.c.name, processes.c.pid, processes.c.run_id)
    )
    row = connection.execute(statement).mappings().first()
    if row is not None:
        _tell(connection, row_id, {**row, "state": state}, now)


def _tell(connection: Connection, row_id: int, row: dict[str, object], now: datetime) -> None:
    data = {name: row[name] for name in ("kind", "name", "pid", "run_id", "state")}
    events.append(connection, [events.Happening("process", now, {"id": row_id, **data})])


def _row(row: Row) -> ProcessRow:
    return ProcessRow(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        pid=row["pid"],
        started_s=row["started_s"],
        run_id=row["run_id"],
        state=row["state"],
        mark=row["mark"],
    )
