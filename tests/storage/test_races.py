"""Eight monitors see one restock: one is told of it, and the database says which.

On PostgreSQL all eight are held inside ``decide`` until each has read the same state; on SQLite a second
one cannot get that far, so there the barrier breaks and the order of the writers decides.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from itertools import pairwise

import sqlalchemy as sa
from tests.storage.conftest import Open
from tests.storage_builders import IN_STOCK, NOON, OUT, believe, minutes, seen

from shopwatch.domain.stock import Observation
from shopwatch.domain.stock_state import StockState, Transition
from shopwatch.storage.database import Database
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox
from shopwatch.storage.stock_tables import restocks, stock_changes

MONITORS, REPETITIONS = 8, 20


class Together:
    """Decides as ``believe`` does, but holds everyone's first decision until all have read the state."""

    def __init__(self, parties: int, patience_s: float) -> None:
        self._barrier = threading.Barrier(parties)
        self._patience_s = patience_s
        self._waited = threading.local()

    def __call__(self, before: StockState, observation: Observation) -> Transition | None:
        if not getattr(self._waited, "done", False):
            self._waited.done = True
            with suppress(threading.BrokenBarrierError):
                self._barrier.wait(self._patience_s)
        return believe(before, observation)


def patience_s(database: Database) -> float:
    return 5.0 if database.is_postgres else 0.02


async def count(database: Database, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return int(await database.read(lambda connection: connection.execute(query).scalar_one()))


async def test_of_eight_monitors_one_is_told_of_the_restock(open_database: Open) -> None:
    databases = [open_database() for _ in range(MONITORS)]
    monitors = [SqlObservations(database) for database in databases]
    for repetition in range(REPETITIONS):
        sku = str(repetition)
        await monitors[0].record([seen(OUT, sku=sku)], believe)
        decide = Together(MONITORS, patience_s(databases[0]))
        told = await asyncio.gather(*(one.record([seen(sku=sku)], decide) for one in monitors))
        assert [change.is_restock for changes in told for change in changes] == [True]
    assert await count(databases[0], restocks) == REPETITIONS
    assert await count(databases[0], stock_changes) == 2 * REPETITIONS
    assert len(await SqlOutbox(databases[0]).rows()) == REPETITIONS


async def test_of_eight_monitors_one_is_told_of_a_product_nobody_knew(open_database: Open) -> None:
    databases = [open_database() for _ in range(MONITORS)]
    monitors = [SqlObservations(database) for database in databases]
    for repetition in range(REPETITIONS):
        decide = Together(MONITORS, patience_s(databases[0]))
        told = await asyncio.gather(*(one.record([seen(sku=str(repetition))], decide) for one in monitors))
        assert [change.is_restock for changes in told for change in changes] == [True]
    assert await count(databases[0], restocks) == REPETITIONS


async def test_opposite_looks_at_one_moment_leave_one_unbroken_chain(open_database: Open) -> None:
    """Whoever loses decides anew upon what the winner wrote, never upon what it read before."""
    databases = [open_database() for _ in range(4)]
    monitors = [SqlObservations(database) for database in databases]
    for repetition in range(REPETITIONS):
        decide = Together(4, patience_s(databases[0]))
        looks = [seen(availability, sku=str(repetition)) for availability in (IN_STOCK, OUT, IN_STOCK, OUT)]
        told = await asyncio.gather(
            *(one.record([look], decide) for one, look in zip(monitors, looks, strict=True))
        )
        changes = sorted(
            (change for changes in told for change in changes), key=lambda one: one.after.version
        )
        assert [change.after.version for change in changes] == list(range(1, len(changes) + 1))
        for one, following in pairwise(changes):
            assert following.before == one.after


async def test_batches_in_opposite_order_do_not_stand_in_each_others_way(open_database: Open) -> None:
    one, other = (SqlObservations(open_database()) for _ in range(2))
    skus = [str(number) for number in range(12)]
    for repetition in range(REPETITIONS):
        at = NOON + minutes(repetition)
        availability = OUT if repetition % 2 else IN_STOCK
        batches = [[seen(availability, sku=sku, at=at) for sku in order] for order in (skus, skus[::-1])]
        told = await asyncio.gather(one.record(batches[0], believe), other.record(batches[1], believe))
        assert sorted(change.after.key[1] for changes in told for change in changes) == sorted(skus)
