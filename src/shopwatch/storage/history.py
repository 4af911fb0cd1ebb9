"""What was, for the dashboard: every query reads one product's rows or one page, so a year costs as a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.errors import NotFound
from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Key
from shopwatch.ports import Restock
from shopwatch.storage import consequences, spans
from shopwatch.storage.database import Database
from shopwatch.storage.sql import Row, money_of
from shopwatch.storage.stock_tables import (
    price_points,
    product_days,
    product_hours,
    restocks,
    retailer_minutes,
    stock_changes,
)

HOURS_OF_WEEK = 168


@dataclass(frozen=True, kw_only=True, slots=True)
class StockChange:
    """One line of a product's history."""

    id: int
    key: Key
    at: datetime
    was: Availability
    availability: Availability
    pickup: Availability
    in_store: Availability
    price: Money | None
    quantity: int | None
    source: str
    reason: str
    restock_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PricePoint:
    """The price from then on."""

    at: datetime
    price: Money
    regular_cents: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Checks:
    """How often was looked from ``at`` on, for a minute, an hour or a day."""

    at: datetime
    checks: int
    unknowns: int
    in_stock_checks: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """A product over a window of time; what cannot be known is ``None``."""

    lowest: Money | None
    typical: Money | None  #: at or below it for half of the time
    highest: Money | None
    in_stock_share: float | None  #: of the time in which the availability was known
    restocks: int
    restocks_per_week: float
    median_stay_s: float | None  #: how long it stays once it is back, seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """All that a product's page shows of a window of time, of one reading."""

    prices: list[PricePoint]
    stays: list[spans.Span]
    summary: Summary
    heat_map: tuple[int, ...]  #: restocks by hour of the week, from Monday 00:00


class SqlHistory:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def changes(self, key: Key, limit: int = 100, before_id: int | None = None) -> list[StockChange]:
        """The last first; a page goes on before the last id of the one before."""
        query = _of(sa.select(stock_changes), stock_changes, key)
        if before_id is not None:
            query = query.where(stock_changes.c.id < before_id)
        rows = await self._rows(query.order_by(stock_changes.c.id.desc()).limit(limit))
        return [_change(row) for row in rows]

    async def prices(self, key: Key, since: datetime) -> list[PricePoint]:
        """The price in force at ``since`` and every one after it."""
        return await self._database.read(partial(_prices, key=key, since=since))

    async def stays(self, key: Key, since: datetime, until: datetime) -> list[spans.Span]:
        """How the availability went, as spans without gaps, for the chart."""
        return await self._database.read(partial(_stays, key=key, since=since, until=until))

    async def summary(self, key: Key, since: datetime, until: datetime) -> Summary:
        return await self._database.read(partial(_summary, key=key, since=since, until=until))

    async def heat_map(self, key: Key, since: datetime, zone: tzinfo = UTC) -> tuple[int, ...]:
        """Restocks by hour of the week in ``zone``: 168 counts from Monday 00:00."""
        query = _of(sa.select(restocks.c.at), restocks, key).where(restocks.c.at >= since)
        return _by_hour((row["at"] for row in await self._rows(query)), zone)

    async def past(self, key: Key, since: datetime, until: datetime, zone: tzinfo = UTC) -> Past:
        """``prices``, ``stays``, ``summary`` and ``heat_map`` at once: each row is read once."""
        return await self._database.read(partial(_past, key=key, since=since, until=until, zone=zone))

    async def hours(self, key: Key, since: datetime) -> list[Checks]:
        """Checks of a product by the hour."""
        query = _of(sa.select(product_hours), product_hours, key)
        return await self._checks(query, product_hours, since)

    async def days(self, key: Key, since: datetime) -> list[Checks]:
        """Checks of a product by the day, as far back as hours are no longer kept."""
        return await self._checks(_of(sa.select(product_days), product_days, key), product_days, since)

    async def minutes(self, retailer: str, since: datetime) -> list[Checks]:
        """Checks of a retailer by the minute."""
        query = sa.select(retailer_minutes).where(retailer_minutes.c.retailer == retailer)
        return await self._checks(query, retailer_minutes, since)

    async def restocks(
        self, limit: int = 100, before_id: int | None = None, key: Key | None = None
    ) -> list[Restock]:
        """The last first; an empty part of ``key`` is any retailer, or any SKU."""
        query = sa.select(restocks)
        for column, wanted in zip((restocks.c.retailer, restocks.c.sku), key or (), strict=False):
            query = query.where(column == wanted) if wanted else query
        if before_id is not None:
            query = query.where(restocks.c.id < before_id)
        rows = await self._rows(query.order_by(restocks.c.id.desc()).limit(limit))
        return [consequences.restock_of(row) for row in rows]

    async def restock(self, restock_id: int) -> Restock:
        """Raises ``NotFound``."""
        rows = await self._rows(sa.select(restocks).where(restocks.c.id == restock_id))
        if not rows:
            raise NotFound(f"There is no restock {restock_id}")
        return consequences.restock_of(rows[0])

    async def changes_of(self, keys: Iterable[Key], since: datetime) -> dict[Key, list[StockChange]]:
        """What changed at some products since then, the first first, in one query for each retailer."""
        skus: dict[str, list[str]] = defaultdict(list)
        for retailer, sku in keys:
            skus[retailer].append(sku)
        found: dict[Key, list[StockChange]] = defaultdict(list)
        for retailer, wanted in skus.items():
            of_these = (stock_changes.c.retailer == retailer, stock_changes.c.sku.in_(wanted))
            query = sa.select(stock_changes).where(*of_these, stock_changes.c.at >= since)
            for row in await self._rows(query.order_by(stock_changes.c.id)):
                found[row["retailer"], row["sku"]].append(_change(row))
        return dict(found)

    async def _checks(
        self, query: sa.Select[*tuple[Any, ...]], table: sa.Table, since: datetime
    ) -> list[Checks]:
        rows = await self._rows(query.where(table.c.at >= since).order_by(table.c.at))
        return [
            Checks(
                at=row["at"],
                checks=row["checks"],
                unknowns=row["unknowns"],
                in_stock_checks=row["in_stock_checks"],
            )
            for row in rows
        ]

    async def _rows(self, query: sa.Select[*tuple[Any, ...]]) -> list[Row]:
        return await self._database.read(lambda connection: list(connection.execute(query).mappings()))


def _of(query: sa.Select[*tuple[Any, ...]], table: sa.Table, key: Key) -> sa.Select[*tuple[Any, ...]]:
    return query.where(table.c.retailer == key[0], table.c.sku == key[1])


def _prices(connection: Connection, key: Key, since: datetime) -> list[PricePoint]:
    points = _of(sa.select(price_points), price_points, key)
    in_force = points.where(price_points.c.at <= since).order_by(price_points.c.at.desc()).limit(1)
    after = points.where(price_points.c.at > since).order_by(price_points.c.at)
    rows = [*connection.execute(in_force).mappings(), *connection.execute(after).mappings()]
    return [
        PricePoint(
            at=row["at"],
            price=Money(row["price_cents"], row["price_currency"]),
            regular_cents=row["regular_cents"],
        )
        for row in rows
    ]


def _stays(connection: Connection, key: Key, since: datetime, until: datetime) -> list[spans.Span]:
    columns = (stock_changes.c.at, stock_changes.c.availability, stock_changes.c.pickup)
    of_key = _of(sa.select(*columns), stock_changes, key)
    before = of_key.where(stock_changes.c.at <= since).order_by(stock_changes.c.id.desc()).limit(1)
    within = of_key.where(stock_changes.c.at > since, stock_changes.c.at < until)
    rows = [*connection.execute(before), *connection.execute(within.order_by(stock_changes.c.id))]
    return spans.of_changes(rows, since, until)


def _summary(connection: Connection, key: Key, since: datetime, until: datetime) -> Summary:
    return _past(connection, key, since, until, UTC).summary


def _past(connection: Connection, key: Key, since: datetime, until: datetime, zone: tzinfo) -> Past:
    came = _of(sa.select(restocks.c.at, restocks.c.ended_at), restocks, key)
    rows = connection.execute(came.where(restocks.c.at >= since, restocks.c.at < until)).all()
    prices, stays = _prices(connection, key, since), _stays(connection, key, since, until)
    return Past(
        prices=prices,
        stays=stays,
        summary=_summed(prices, stays, rows, since, until),
        heat_map=_by_hour((row.at for row in rows), zone),
    )


def _by_hour(moments: Iterable[datetime], zone: tzinfo) -> tuple[int, ...]:
    counts = [0] * HOURS_OF_WEEK
    for at in moments:
        there = at.astimezone(zone)
        counts[there.weekday() * 24 + there.hour] += 1
    return tuple(counts)


def _summed(
    points: Sequence[PricePoint],
    stays: Sequence[spans.Span],
    rows: Sequence[Any],
    since: datetime,
    until: datetime,
) -> Summary:
    prices = [(point.at, point.price) for point in points if point.at < until]
    stays_s = [(row.ended_at - row.at).total_seconds() for row in rows if row.ended_at]
    weeks = (until - since) / timedelta(weeks=1)
    amounts = sorted(price for _, price in prices)
    return Summary(
        lowest=amounts[0] if amounts else None,
        typical=spans.typical(prices, since, until),
        highest=amounts[-1] if amounts else None,
        in_stock_share=spans.share_in_stock(stays),
        restocks=len(rows),
        restocks_per_week=len(rows) / weeks if weeks > 0 else 0.0,
        median_stay_s=spans.median(stays_s),
    )


def _change(row: Row) -> StockChange:
    return StockChange(
        id=row["id"],
        key=(row["retailer"], row["sku"]),
        at=row["at"],
        was=Availability(row["was"]),
        availability=Availability(row["availability"]),
        pickup=Availability(row["pickup"]),
        in_store=Availability(row["in_store"]),
        price=money_of(row, "price"),
        quantity=row["quantity"],
        source=row["source"],
        reason=row["reason"],
        restock_id=row["restock_id"],
    )
