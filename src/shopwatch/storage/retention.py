"""What is forgotten and when; without it a year of checks would fill the disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.run import RunState
from shopwatch.storage.columns import EPOCH, Moment, microseconds
from shopwatch.storage.crawl_tables import (
    frontier,
    frontier_counts,
    processes,
    run_error_counts,
    run_errors,
    run_stores,
    runs,
    store_changes,
)
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.sql import insert
from shopwatch.storage.stock_tables import (
    deliveries,
    outbox,
    price_points,
    product_days,
    product_hours,
    restocks,
    retailer_minutes,
    stock_changes,
)

_AT_ONCE = 5_000  #: rows of one transaction: others write in between
_DAY_US = 86_400_000_000
_UNDER_WAY = (RunState.PENDING.value, RunState.RUNNING.value)
_SUMS = ("checks", "unknowns", "in_stock_checks")
#: Of how many runs of each retailer the requests and stores are kept; of older ones the row and its counts.
RUNS_IN_FULL = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long what is kept, days; the configuration's ``retention`` section."""

    events: int = 7
    minutes: int = 14  #: checks by the minute and the hour; after that by the day
    history: int = 730
    runs: int = 365


async def prune(database: Database, retention: Retention, now: datetime) -> None:
    """Forget what is older. The ledger is never forgotten, nor what is still open."""

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    await SqlEvents(database).prune(before(retention.events))
    await _in_parts(database, partial(_minutes, before=before(retention.minutes)))
    await _fold_hours(database, before(retention.minutes))
    for table in (stock_changes, price_points, restocks, outbox, product_days):
        await _in_parts(database, partial(_history, table=table, before=before(retention.history)))
    await _in_parts(database, _orphaned_deliveries)
    await _forget_runs(database, before(retention.runs))
    if not database.is_postgres:
        await database.write(_learn_shape)


async def _in_parts(database: Database, work: Callable[[Connection], int]) -> None:
    while await database.write(work):
        pass


def _minutes(connection: Connection, before: datetime) -> int:
    return connection.execute(retailer_minutes.delete().where(retailer_minutes.c.at < before)).rowcount


async def _fold_hours(database: Database, before: datetime) -> None:
    """Add the hours of whole days to days, a product at a time being too many and all at once too long."""
    end = before.replace(hour=0, minute=0, second=0, microsecond=0)
    await _in_parts(database, partial(_fold, end=end))


def _fold(connection: Connection, end: datetime) -> int:
    """Fold the oldest day that is left."""
    oldest = connection.execute(sa.select(sa.func.min(product_hours.c.at, type_=Moment))).scalar()
    if oldest is None or oldest >= end:
        return 0
    day = EPOCH + timedelta(microseconds=microseconds(oldest) // _DAY_US * _DAY_US)
    of_day = sa.and_(product_hours.c.at >= day, product_hours.c.at < day + timedelta(days=1))
    sums = [sa.func.sum(product_hours.c[name]).label(name) for name in _SUMS]
    folded = (
        sa.select(product_hours.c.retailer, product_hours.c.sku, sa.literal(day, Moment), *sums)
        .where(of_day)
        .group_by(product_hours.c.retailer, product_hours.c.sku)
    )
    names = ["retailer", "sku", "at", *_SUMS]
    statement = insert(connection, product_days).from_select(names, folded)
    added = {name: product_days.c[name] + statement.excluded[name] for name in _SUMS}
    connection.execute(statement.on_conflict_do_update(index_elements=["retailer", "sku", "at"], set_=added))
    return connection.execute(product_hours.delete().where(of_day)).rowcount


def _history(connection: Connection, table: sa.Table, before: datetime) -> int:
    """What is open stays: a restock that lasts, the last known price, an alert not delivered yet."""
    if table is product_days:
        return connection.execute(table.delete().where(table.c.at < before)).rowcount
    at = table.c.created_at if table is outbox else table.c.at
    old = sa.select(table.c.id).where(at < before)
    if table is restocks:
        old = old.where(restocks.c.ended_at.is_not(None))
    if table is outbox:
        old = old.where(outbox.c.state != "pending")
    if table in (price_points, stock_changes):
        newest = sa.select(sa.func.max(table.c.id)).group_by(table.c.retailer, table.c.sku)
        old = old.where(table.c.id.not_in(newest))
    part = old.order_by(at).limit(_AT_ONCE)  # by id, all the rows that stay would be read each hour
    return connection.execute(table.delete().where(table.c.id.in_(part))).rowcount


def _learn_shape(connection: Connection) -> None:
    """Let SQLite see how its tables have grown, as PostgreSQL does by itself."""
    connection.exec_driver_sql("PRAGMA analysis_limit=400")
    connection.exec_driver_sql("PRAGMA optimize")


def _orphaned_deliveries(connection: Connection) -> int:
    known = sa.select(outbox.c.id).where(outbox.c.id == deliveries.c.alert_id).exists()
    return connection.execute(deliveries.delete().where(~known)).rowcount


async def _forget_runs(database: Database, before: datetime) -> None:
    details = [frontier, run_stores]
    for table in details:
        await _in_parts(database, partial(_of_runs, table=table, which=_beyond_those_in_full()))
    old = sa.select(runs.c.run_id).where(runs.c.started_at < before, runs.c.state.not_in(_UNDER_WAY))
    for table in (*details, frontier_counts, run_errors, run_error_counts):
        await _in_parts(database, partial(_of_runs, table=table, which=old))
    await _in_parts(database, partial(_rows_of_runs, which=old, before=before))


def _beyond_those_in_full() -> sa.Select[str]:
    newest_first = sa.func.row_number().over(partition_by=runs.c.retailer, order_by=runs.c.started_at.desc())
    ranked = sa.select(runs.c.run_id, runs.c.state, newest_first.label("rank")).subquery()
    over = ranked.c.state.not_in(_UNDER_WAY)
    return sa.select(ranked.c.run_id).where(ranked.c.rank > RUNS_IN_FULL, over)


def _of_runs(connection: Connection, table: sa.Table, which: sa.Select[str]) -> int:
    key = next(iter(table.primary_key))
    of_runs = table.c.run_id.in_(which)
    if key.name != "id":
        return connection.execute(table.delete().where(of_runs)).rowcount
    part = sa.select(key).where(of_runs).limit(_AT_ONCE)
    return connection.execute(table.delete().where(key.in_(part))).rowcount


def _rows_of_runs(connection: Connection, which: sa.Select[str], before: datetime) -> int:
    connection.execute(store_changes.delete().where(store_changes.c.at < before))
    over = processes.c.state != "running"
    connection.execute(processes.delete().where(over, processes.c.added_at < before))
    return connection.execute(runs.delete().where(runs.c.run_id.in_(which))).rowcount
