"""Runs: one under way for each retailer, decided by the database; their state moves by compare-and-set."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from shopwatch.domain.errors import Conflict, ErrorClass, NotFound
from shopwatch.domain.run import Run, RunError, RunOptions, RunState, run_id_of
from shopwatch.domain.store import Store
from shopwatch.ports import Publication
from shopwatch.storage import crawl_errors, events, publishing
from shopwatch.storage.columns import Moment, microseconds
from shopwatch.storage.crawl_tables import RUN_UNDER_WAY, frontier, run_stores, runs
from shopwatch.storage.crawled_stores import store_of
from shopwatch.storage.database import Database
from shopwatch.storage.frontier import phases_of
from shopwatch.storage.sql import Row, claim

_STORES_AT_ONCE = 1_000
_ERRORS_SHOWN = 100


class SqlRuns:
    """The row of a run says how it stands; nobody guesses it from files or processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        retailer: str,
        options: RunOptions,
        now: datetime,
        *,
        run_id: str | None = None,
        pid: int | None = None,
    ) -> Run:
        def work(connection: Connection) -> Run:
            at = _after_the_last(connection, retailer, now)
            row = {"options": asdict(options), "pid": pid, "started_at": at}
            name = _create(connection, retailer, row, now, run_id)
            state = RunState.PENDING
            return Run(run_id=name, retailer=retailer, state=state, options=options, started_at=at, pid=pid)

        return await self._database.write(work)

    async def get(self, run_id: str) -> Run:
        found = await self._some(sa.select(runs).where(runs.c.run_id == run_id), errors=_ERRORS_SHOWN)
        if not found:
            raise NotFound(f"There is no run {run_id!r}")
        return found[0]

    async def latest(self, retailer: str, states: Iterable[RunState] | None = None) -> Run | None:
        query = sa.select(runs).where(runs.c.retailer == retailer)
        if states is not None:
            query = query.where(runs.c.state.in_([state.value for state in states]))
        found = await self._some(_last_first(query).limit(1), errors=_ERRORS_SHOWN)
        return found[0] if found else None

    async def unread(self, run_id: str) -> int:
        query = sa.select(sa.func.count()).where(
            frontier.c.run_id == run_id,
            frontier.c.state == "failed",
            frontier.c.error_class == ErrorClass.LAYOUT_CHANGED.value,
        )
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def list(
        self, retailer: str | None = None, limit: int = 50, before: str | None = None
    ) -> builtins.list[Run]:
        """The last first; ``before`` is the run_id a page goes on after. Without the errors' own words."""
        query = sa.select(runs)
        if retailer is not None:
            query = query.where(runs.c.retailer == retailer)
        if before is not None:
            start = sa.select(runs.c.started_at).where(runs.c.run_id == before).scalar_subquery()
            query = query.where(sa.tuple_(runs.c.started_at, runs.c.run_id) < sa.tuple_(start, before))
        return await self._some(_last_first(query).limit(limit), errors=0)

    async def move(
        self, run_id: str, before: Iterable[RunState], after: RunState, *, now: datetime, message: str = ""
    ) -> bool:
        """``Conflict`` when it would be the second run of its retailer under way."""
        work = partial(_move, run_id=run_id, before=tuple(before), after=after, now=now, message=message)
        try:
            return await self._database.write(work)
        except IntegrityError as error:
            raise Conflict(f"Another run of the retailer of {run_id} is under way") from error

    async def attach(self, run_id: str, pid: int) -> None:
        """Say which process crawls."""
        statement = runs.update().where(runs.c.run_id == run_id).values(pid=pid)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def stores(self, run_id: str) -> AsyncIterator[Store]:
        """By ref, a page at a time: a run of any size takes little memory."""
        last = ""
        while True:
            rows = await self._database.read(partial(_some_stores, run_id=run_id, after=last))
            for row in rows:
                yield store_of(row.body)
            if len(rows) < _STORES_AT_ONCE:
                return
            last = rows[-1].ref

    async def errors(self, run_id: str, limit: int = _ERRORS_SHOWN) -> tuple[RunError, ...]:
        """The last errors, oldest first; a thousand are kept."""
        return await self._database.read(partial(crawl_errors.last_of, run_id=run_id, limit=limit))

    async def hold(self, run_id: str, reasons: Sequence[str], now: datetime) -> None:
        await self._database.write(partial(_hold, run_id=run_id, reasons=tuple(reasons), now=now))

    async def publish(self, run_id: str, now: datetime, publication: Publication | None = None) -> None:
        """``Conflict`` when it is published already, or a later run of the retailer is."""
        work = partial(publishing.publish, run_id=run_id, now=now, publication=publication)
        await self._database.write(work, durable=True)

    async def _some(self, query: sa.Select[tuple[object, ...]], *, errors: int) -> builtins.list[Run]:
        def work(connection: Connection) -> builtins.list[Run]:
            rows = connection.execute(query).mappings().all()
            ids = [row["run_id"] for row in rows]
            phases, counts = phases_of(connection, ids), crawl_errors.counts_of(connection, ids)
            return [
                _run(
                    row,
                    phases=phases.get(row["run_id"], ()),
                    errors_by_class=counts.get(row["run_id"], {}),
                    last_errors=crawl_errors.last_of(connection, row["run_id"], errors) if errors else (),
                )
                for row in rows
            ]

        return await self._database.read(work)


def _last_first(query: sa.Select[tuple[object, ...]]) -> sa.Select[tuple[object, ...]]:
    return query.order_by(runs.c.started_at.desc(), runs.c.run_id.desc())


def _after_the_last(connection: Connection, retailer: str, now: datetime) -> datetime:
    """A clock that was set back makes no later run an earlier one, which could not be published."""
    of_retailer = sa.select(sa.func.max(runs.c.started_at, type_=Moment)).where(runs.c.retailer == retailer)
    last = connection.execute(of_retailer).scalar()
    return now if last is None or last < now else last + timedelta(microseconds=1)


def _create(
    connection: Connection, retailer: str, more: dict[str, Any], now: datetime, wanted: str | None
) -> str:
    run_id = base = wanted or run_id_of(retailer, now)
    number = 1
    row = {"retailer": retailer, "state": "pending", **more}
    # Both unique keys are left to the database: it alone knows who else is creating a run now.
    while not claim(connection, runs, {**row, "run_id": run_id}):
        under_way = sa.select(runs.c.run_id).where(runs.c.retailer == retailer, sa.text(RUN_UNDER_WAY))
        other = connection.execute(under_way).scalar()
        if other is not None:
            raise Conflict(f"A run of {retailer} is under way: {other}")
        if wanted is not None:
            raise Conflict(f"There is a run {wanted} already")
        number += 1
        run_id = f"{base}_{number}"
    events.append(connection, [events.of_run(run_id, retailer, RunState.PENDING, now)])
    return run_id


def _move(
    connection: Connection,
    run_id: str,
    *,
    before: tuple[RunState, ...],
    after: RunState,
    now: datetime,
    message: str,
) -> bool:
    # A published run whose failed pages are fetched again is published again when it is done.
    reopened = {"published_at": None} if after is RunState.RUNNING else {}
    statement = (
        runs.update()
        .where(runs.c.run_id == run_id, runs.c.state.in_([state.value for state in before]))
        .values(state=after.value, message=message, completed_at=now if after.is_over else None, **reopened)
        .returning(runs.c.retailer)
    )
    retailer = connection.execute(statement).scalar()
    if retailer is None:
        return False
    events.append(connection, [events.of_run(run_id, retailer, after, now)])
    return True


def _hold(connection: Connection, run_id: str, reasons: tuple[str, ...], now: datetime) -> None:
    statement = (
        runs.update()
        .where(runs.c.run_id == run_id, runs.c.published_at.is_(None))
        .values(
            state=RunState.HELD.value,
            gate_reasons=reasons,
            completed_at=sa.func.coalesce(runs.c.completed_at, microseconds(now)),
        )
        .returning(runs.c.retailer)
    )
    retailer = connection.execute(statement).scalar()
    if retailer is None:
        raise Conflict(f"The run {run_id} cannot be held: it is published or does not exist")
    events.append(connection, [events.of_run(run_id, retailer, RunState.HELD, now)])


def _some_stores(connection: Connection, run_id: str, after: str) -> Sequence[sa.Row[str, str]]:
    query = (
        sa.select(run_stores.c.ref, run_stores.c.body)
        .where(run_stores.c.run_id == run_id, run_stores.c.ref > after)
        .order_by(run_stores.c.ref)
        .limit(_STORES_AT_ONCE)
    )
    return connection.execute(query).all()


def _run(row: Row, **more: object) -> Run:
    return Run(
        run_id=row["run_id"],
        retailer=row["retailer"],
        state=RunState(row["state"]),
        options=msgspec.convert(row["options"], RunOptions),
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        published_at=row["published_at"],
        stores=row["stores"],
        duplicates=row["duplicates"],
        requests=row["requests"],
        errors=row["errors"],
        gate_reasons=tuple(row["gate_reasons"]),
        message=row["message"],
        pid=row["pid"],
        **more,  # type: ignore[arg-type]
    )
