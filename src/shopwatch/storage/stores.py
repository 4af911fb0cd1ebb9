"""The last good set of each retailer: what people see while a run goes on, fails or is held."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.store import Store
from shopwatch.ports import BASELINE, KnownStore, StoreChange
from shopwatch.storage import publishing
from shopwatch.storage.crawl_tables import published_sets, store_changes, stores
from shopwatch.storage.crawled_stores import store_of
from shopwatch.storage.database import Database
from shopwatch.storage.sql import Row

_EARTH_MILES = 3_958.8
_MILES_PER_DEGREE = 69.0  # of latitude, less than the truth, so that the box is never too small


class SqlStores:
    """Only ``publish`` and ``import_baseline`` change a set, and they change all of it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, retailer: str) -> list[Store]:
        query = (
            sa.select(stores.c.body)
            .where(stores.c.retailer == retailer, stores.c.closed_at.is_(None))
            .order_by(stores.c.ref)
        )
        bodies = await self._database.read(lambda connection: connection.execute(query).scalars().all())
        return [store_of(body) for body in bodies]

    async def known(self, retailer: str) -> list[KnownStore]:
        query = sa.select(stores).where(stores.c.retailer == retailer).order_by(stores.c.ref)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [
            KnownStore(
                store=store_of(row["body"]),
                first_seen=row["first_seen"],
                last_seen=row["last_seen"],
                missed_runs=row["missed_runs"],
                pending_hours=row["pending_hours"],
                closed_at=row["closed_at"],
            )
            for row in rows
        ]

    async def counts(self) -> dict[str, int]:
        """How many stores each retailer's set has, without reading them."""
        query = sa.select(published_sets.c.retailer, published_sets.c.stores)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.retailer: row.stores for row in rows}

    async def age(self, retailer: str) -> tuple[str, datetime] | None:
        query = sa.select(published_sets.c.run_id, published_sets.c.at).where(
            published_sets.c.retailer == retailer
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else (row.run_id, row.at)

    async def changes(
        self, retailer: str, limit: int = 100, before_id: int | None = None
    ) -> list[StoreChange]:
        query = sa.select(store_changes).where(store_changes.c.retailer == retailer)
        if before_id is not None:
            query = query.where(store_changes.c.id < before_id)
        query = query.order_by(store_changes.c.id.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_change(row) for row in rows]

    async def near(
        self, lat: float, lon: float, miles: float, retailers: Sequence[str]
    ) -> list[tuple[Store, float]]:
        """(store, miles away), the nearest first; a store without a position is nowhere."""
        rows = await self._database.read(
            partial(_in_box, lat=lat, lon=lon, miles=miles, retailers=tuple(retailers))
        )
        found = [(distance_miles(lat, lon, row.lat, row.lon), row.ref, row.body) for row in rows]
        return [(store_of(body), away) for away, _, body in sorted(found) if away <= miles]

    async def import_baseline(self, retailer: str, baseline: Sequence[Store], now: datetime) -> None:
        """Make stores that no run of ours found the last good set, for the gate to compare with.

        No page of theirs has been read: an incremental run fetches them all.
        """
        by_ref = {store.ref: store for store in baseline}
        known = [KnownStore(store=by_ref[ref], first_seen=now, last_seen=now) for ref in sorted(by_ref)]

        def work(connection: Connection) -> None:
            publishing.replace_set(connection, retailer, known, {})
            connection.execute(stores.update().where(stores.c.retailer == retailer).values(key_hash=None))
            publishing.name_set(connection, retailer, BASELINE, now, known)

        await self._database.write(work)


def distance_miles(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Along the great circle."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.radians(other_lon - lon) / 2
    chord = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(half) ** 2
    return 2 * _EARTH_MILES * math.asin(min(1.0, math.sqrt(chord)))


def _in_box(
    connection: Connection, lat: float, lon: float, miles: float, retailers: Sequence[str]
) -> Sequence[sa.Row[str, float, float, str]]:
    north = miles / _MILES_PER_DEGREE
    highest = min(89.0, abs(lat) + north)
    east = north / math.cos(math.radians(highest))
    query = sa.select(stores.c.ref, stores.c.lat, stores.c.lon, stores.c.body).where(
        stores.c.retailer.in_(retailers),
        stores.c.closed_at.is_(None),
        stores.c.lat.between(lat - north, lat + north),
        stores.c.lon.between(lon - east, lon + east),
    )
    return connection.execute(query).all()


def _change(row: Row) -> StoreChange:
    return StoreChange(
        id=row["id"],
        at=row["at"],
        retailer=row["retailer"],
        ref=row["ref"],
        kind=row["kind"],
        run_id=row["run_id"],
        before=row["before"],
        after=row["after"],
    )
