"""The requests of a run: its rows are the checkpoint, so a crawl that is killed resumes where it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.crawling import Request
from shopwatch.domain.errors import ErrorClass
from shopwatch.domain.run import PhaseProgress
from shopwatch.ports import Fetched, FrontierRow
from shopwatch.storage import crawl_errors, crawled_stores
from shopwatch.storage.columns import Moment, hash_of
from shopwatch.storage.crawl_tables import (
    REQUEST_OPEN,
    frontier,
    frontier_counts,
    page_validators,
    runs,
    stores,
)
from shopwatch.storage.database import Database
from shopwatch.storage.many import add_up, insert_new, update_many
from shopwatch.storage.sql import Row

_NO_ROW = FrontierRow(id=0, request=Request(url=""), attempts=0)


class SqlFrontier:
    """A request is done exactly when its stores, its new requests and its counts are: one commit holds all.

    One process crawls a run, so ``take`` marks nothing; who takes again before committing gets the same rows.
    A row that is finished stays so: a second commit of it, by whomever, changes nothing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, run_id: str, requests: Sequence[Request]) -> int:
        return await self._database.write(partial(_add, run_id=run_id, requests=requests))

    async def take(self, run_id: str, phase: str, limit: int, now: datetime) -> list[FrontierRow]:
        query = (
            sa.select(frontier)
            .where(frontier.c.run_id == run_id, frontier.c.phase == phase, sa.text(REQUEST_OPEN))
            .where(sa.or_(frontier.c.retry_at.is_(None), frontier.c.retry_at <= now))
            .order_by(frontier.c.id)
            .limit(limit)
        )
        return await self._database.read(lambda connection: _take(connection, run_id, query))

    async def commit(self, run_id: str, batch: Sequence[Fetched]) -> None:
        if batch:
            await self._database.write(partial(_commit, run_id=run_id, batch=batch))

    async def progress(self, run_id: str) -> tuple[PhaseProgress, ...]:
        by_run = await self._database.read(partial(phases_of, run_ids=[run_id]))
        return by_run.get(run_id, ())

    async def next_retry_at(self, run_id: str, phase: str) -> datetime | None:
        earliest = sa.func.min(frontier.c.retry_at, type_=Moment)
        query = sa.select(earliest).where(
            frontier.c.run_id == run_id, frontier.c.phase == phase, sa.text(REQUEST_OPEN)
        )
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def retry_failed(self, run_id: str) -> int:
        return await self._database.write(partial(_retry_failed, run_id=run_id))


def phases_of(connection: Connection, run_ids: Sequence[str]) -> dict[str, tuple[PhaseProgress, ...]]:
    """The progress of each run, in the order in which its phases began."""
    query = (
        sa.select(frontier_counts)
        .where(frontier_counts.c.run_id.in_(run_ids))
        .order_by(frontier_counts.c.run_id, frontier_counts.c.position)
    )
    found: dict[str, tuple[PhaseProgress, ...]] = {}
    for row in connection.execute(query).mappings():
        found[row["run_id"]] = (*found.get(row["run_id"], ()), _phase(row))
    return found


def _commit(connection: Connection, run_id: str, batch: Sequence[Fetched]) -> None:
    retailer = connection.execute(sa.select(runs.c.retailer).where(runs.c.run_id == run_id)).scalar_one()
    opened = _still_open(connection, batch)
    fresh = list({one.row.id: one for one in batch if one.row.id in opened}.values())
    kept = crawled_stores.keep(connection, run_id, retailer, fresh)
    marks = [_mark(one, lost=one.row.id in kept.lost) for one in fresh]
    update_many(connection, frontier, marks, keys=("id",))
    _add(connection, run_id, [request for one in fresh for request in one.requests])
    crawl_errors.keep(connection, run_id, [one.error for one in fresh if one.error])
    for column, state in (("completed", "done"), ("failed", "failed")):
        ended = Counter(
            one.row.request.phase for one, mark in zip(fresh, marks, strict=True) if mark["state"] == state
        )
        _count(connection, run_id, column, ended)
    connection.execute(
        runs.update()
        .where(runs.c.run_id == run_id)
        .values(
            requests=runs.c.requests + sum(one.is_asked for one in fresh),
            errors=runs.c.errors + sum(one.error is not None for one in fresh),
            stores=runs.c.stores + kept.added,
            duplicates=runs.c.duplicates + kept.duplicates,
        )
    )


def _still_open(connection: Connection, batch: Sequence[Fetched]) -> set[int]:
    query = sa.select(frontier.c.id).where(
        frontier.c.id.in_([one.row.id for one in batch]), sa.text(REQUEST_OPEN)
    )
    if connection.dialect.name == "postgresql":
        query = query.order_by(frontier.c.id).with_for_update()
    return set(connection.execute(query).scalars())


def _mark(one: Fetched, *, lost: bool) -> dict[str, object]:
    """``lost``: the site says "as before", but what was before is gone; the page is fetched again, whole."""
    if one.error is None:
        state = "pending" if lost else "done"
    else:
        state = "failed" if one.retry_at is None else "retry"
    unchanged = one.row if one.not_modified else _NO_ROW  # a 304 need not repeat what names it
    return {
        "id": one.row.id,
        "state": state,
        "attempts": one.row.attempts + 1,
        "retry_at": one.retry_at if state == "retry" else None,
        "error_class": one.error.error_class if one.error else None,
        "etag": None if lost else one.etag or unchanged.etag,
        "last_modified": None if lost else one.last_modified or unchanged.last_modified,
    }


def _add(connection: Connection, run_id: str, requests: Sequence[Request]) -> int:
    if not requests:
        return 0
    rows: dict[bytes, dict[str, object]] = {}
    for request in requests:
        rows.setdefault(hash_of(request.key), _columns(run_id, request))
    new = insert_new(connection, frontier, list(rows.values()), keys=("run_id", "key_hash"))
    added = Counter(rows[bytes(key_hash)]["phase"] for _, key_hash in new)
    phases = dict.fromkeys(request.phase for request in requests)
    _count(connection, run_id, "total", {phase: added[phase] for phase in phases if added[phase]})
    return added.total()


def _count(connection: Connection, run_id: str, column: str, by_phase: Mapping[str, int]) -> None:
    """Keep the counts beside the rows: counting 25,000 rows anew for each look would not do."""
    if not by_phase:
        return
    positions = sa.select(sa.func.coalesce(sa.func.max(frontier_counts.c.position) + 1, 0)).where(
        frontier_counts.c.run_id == run_id
    )
    first = connection.execute(positions).scalar_one()
    rows = [
        {"run_id": run_id, "phase": phase, "position": first + index, column: added}
        for index, (phase, added) in enumerate(by_phase.items())
    ]
    add_up(connection, frontier_counts, rows, keys=("run_id", "phase"), sums=(column,))


def _retry_failed(connection: Connection, run_id: str) -> int:
    """What was gone will not come back: it stays failed."""
    again = sa.and_(
        frontier.c.run_id == run_id,
        frontier.c.state == "failed",
        frontier.c.error_class != ErrorClass.GONE.value,
    )
    reopened = frontier.update().where(again).values(state="pending", attempts=0, error_class=None)
    phases = Counter(connection.execute(reopened.returning(frontier.c.phase)).scalars())
    _count(connection, run_id, "failed", {phase: -number for phase, number in phases.items()})
    return phases.total()


def _take(connection: Connection, run_id: str, query: sa.Select[tuple[object, ...]]) -> list[FrontierRow]:
    rows = connection.execute(query).mappings().all()
    run = connection.execute(sa.select(runs.c.retailer, runs.c.options).where(runs.c.run_id == run_id)).one()
    if not run.options["incremental"]:
        return [_row(row) for row in rows]
    known = _last_good(connection, run.retailer, [row["key_hash"] for row in rows])
    return [replace(_row(row), **known.get(row["key_hash"], {})) for row in rows]


def _last_good(connection: Connection, retailer: str, hashes: Sequence[bytes]) -> dict[bytes, dict[str, Any]]:
    """What to ask "changed since?" with, for those pages whose stores the last good set still has."""
    query = (
        sa.select(
            stores.c.key_hash,
            sa.func.min(stores.c.last_seen, type_=Moment).label("seen_at"),
            sa.func.max(page_validators.c.etag).label("etag"),
            sa.func.max(page_validators.c.last_modified).label("last_modified"),
        )
        .join_from(
            stores,
            page_validators,
            sa.and_(
                page_validators.c.retailer == stores.c.retailer,
                page_validators.c.key_hash == stores.c.key_hash,
            ),
            isouter=True,
        )
        .where(stores.c.retailer == retailer, stores.c.key_hash.in_(hashes), stores.c.closed_at.is_(None))
        .group_by(stores.c.key_hash)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return {row.pop("key_hash"): row for row in rows}


def _columns(run_id: str, request: Request) -> dict[str, object]:
    return {
        "run_id": run_id,
        "key_hash": hash_of(request.key),
        "phase": request.phase,
        "url": request.url,
        "method": request.method,
        "headers": request.headers or None,
        "body": request.body,
        "meta": request.meta or None,
        "accept": sorted(request.accept) or None,
    }


def _row(row: Row) -> FrontierRow:
    request = Request(
        url=row["url"],
        phase=row["phase"],
        method=row["method"],
        headers=row["headers"] or {},
        body=row["body"],
        meta=row["meta"] or {},
        accept=frozenset(row["accept"] or ()),
    )
    return FrontierRow(id=row["id"], request=request, attempts=row["attempts"])


def _phase(row: Row) -> PhaseProgress:
    return PhaseProgress(
        name=row["phase"], total=int(row["total"]), completed=int(row["completed"]), failed=int(row["failed"])
    )
