"""The book of purchases: who may buy is a unique key, what happened is never rewritten, all is on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.errors import NotFound
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Allow, Entry, Purchase, PurchaseState
from shopwatch.domain.watch import Watch
from shopwatch.storage import events
from shopwatch.storage.database import Database
from shopwatch.storage.sql import Row, insert, money_columns, money_of
from shopwatch.storage.stock_tables import PURCHASE_OPEN, purchase_entries, purchases

__all__ = ["Entry", "SqlLedger"]

_NOT_COUNTED = (PurchaseState.REFUSED.value, PurchaseState.FAILED.value, PurchaseState.REHEARSED.value)
#: How far back a limit may look: the longest cooldown the settings take, and a day.
_LIMITS_LOOK_BACK = timedelta(days=8)
#: PostgreSQL: decisions about money stand in line behind this lock. SQLite has one writer anyway.
_DECIDING = 0x53484F50


class SqlLedger:
    """A restock is bought at most once, and no line of the book is changed or taken out.

    Facts a purchase remembers: ``unit_price`` and ``total`` (Money), ``quantity``, ``order_number``,
    ``reasons``, ``legs_ms`` (a mapping or pairs); any other fact stands in the entry alone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(
        self,
        restock_id: int,
        watch: Watch,
        *,
        live: bool,
        now: datetime,
        allow: Allow | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> Purchase | None:
        def work(connection: Connection) -> Purchase | None:
            reasons = _asked(connection, allow, now, but=None)
            row = _row(restock_id, watch, live=live, now=now) | _verdict(reasons)
            return _reserve(connection, row, dict(facts or {}) | {"live": live}, reasons)

        return await self._database.write(work, durable=True)

    async def move(
        self,
        purchase_id: int,
        before: PurchaseState,
        after: PurchaseState,
        *,
        now: datetime,
        facts: Mapping[str, object],
        allow: Allow | None = None,
    ) -> bool:
        def work(connection: Connection) -> bool:
            reasons = _asked(connection, allow, now, but=purchase_id)
            if not reasons:
                return _move(connection, purchase_id, before=before, after=after, now=now, facts=facts)
            refused = dict(facts) | {"reasons": reasons}
            _move(
                connection,
                purchase_id,
                before=before,
                after=PurchaseState.REFUSED,
                now=now,
                facts=refused,
            )
            return False

        return await self._database.write(work, durable=True)

    async def get(self, purchase_id: int) -> Purchase:
        """Raises ``NotFound``."""
        found = await self._some(sa.select(purchases).where(purchases.c.id == purchase_id))
        if not found:
            raise NotFound(f"There is no purchase {purchase_id}")
        return found[0]

    async def recent(self, limit: int = 100, before_id: int | None = None) -> list[Purchase]:
        query = sa.select(purchases)
        if before_id is not None:
            query = query.where(purchases.c.id < before_id)
        return await self._some(query.order_by(purchases.c.id.desc()).limit(limit))

    async def counted_since(self, since: datetime) -> list[Purchase]:
        """Begun or last moved since then: an order that was placed past midnight counts on both days."""
        recently = sa.or_(purchases.c.created_at >= since, purchases.c.updated_at >= since)
        counted = purchases.c.state.not_in(_NOT_COUNTED)
        return await self._some(sa.select(purchases).where(recently, counted).order_by(purchases.c.id))

    async def limiting(self, now: datetime) -> list[Purchase]:
        """Every purchase that the guard is asked with at ``now``."""
        return await self._some(_limiting(now))

    async def unresolved(self) -> list[Purchase]:
        """Those under way and those nobody knows the end of."""
        return await self._some(sa.select(purchases).where(sa.text(PURCHASE_OPEN)).order_by(purchases.c.id))

    async def entries(self, purchase_id: int) -> list[Entry]:
        """The lines of one purchase, the first first."""
        query = sa.select(purchase_entries).where(purchase_entries.c.purchase_id == purchase_id)
        query = query.order_by(purchase_entries.c.id)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [
            Entry(
                at=row["at"],
                before=PurchaseState(row["was"]) if row["was"] else None,
                after=PurchaseState(row["state"]),
                facts=row["facts"],
            )
            for row in rows
        ]

    async def _some(self, query: sa.Select[*tuple[Any, ...]]) -> list[Purchase]:
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_purchase(row) for row in rows]


def _asked(connection: Connection, allow: Allow | None, now: datetime, *, but: int | None) -> tuple[str, ...]:
    """Ask the guard within the transaction that acts on its answer: nobody buys in between."""
    if allow is None:
        return ()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_DECIDING)))
    rows = connection.execute(_limiting(now)).mappings().all()
    return tuple(allow([_purchase(row) for row in rows if row["id"] != but]))


def _limiting(now: datetime) -> sa.Select[*tuple[Any, ...]]:
    since = now - _LIMITS_LOOK_BACK
    recently = sa.or_(purchases.c.created_at >= since, purchases.c.updated_at >= since)
    counted = sa.and_(recently, purchases.c.state.not_in(_NOT_COUNTED))
    return sa.select(purchases).where(sa.or_(counted, sa.text(PURCHASE_OPEN))).order_by(purchases.c.id)


def _verdict(reasons: tuple[str, ...]) -> dict[str, object]:
    if not reasons:
        return {}
    return {"state": PurchaseState.REFUSED.value, "reasons": list(reasons)}


def _row(restock_id: int, watch: Watch, *, live: bool, now: datetime) -> dict[str, object]:
    return {
        "restock_id": restock_id,
        "retailer": watch.retailer,
        "sku": watch.sku,
        "state": PurchaseState.RESERVED.value,
        "quantity": watch.quantity,
        "product_group": watch.group,
        "live": live,
        "created_at": now,
        "updated_at": now,
    }


def _reserve(
    connection: Connection, row: Mapping[str, object], facts: dict[str, object], reasons: tuple[str, ...]
) -> Purchase | None:
    claim = insert(connection, purchases).values(row).on_conflict_do_nothing().returning(*purchases.c)
    reserved = connection.execute(claim).mappings().first()
    if reserved is None:
        return None
    purchase = _purchase(reserved)
    written = facts | {"reasons": reasons} if reasons else facts
    _write_entry(connection, purchase, before=None, facts=written)
    return purchase


def _move(
    connection: Connection,
    purchase_id: int,
    *,
    before: PurchaseState,
    after: PurchaseState,
    now: datetime,
    facts: Mapping[str, object],
) -> bool:
    statement = (
        purchases.update()
        .where(purchases.c.id == purchase_id, purchases.c.state == before.value)
        .values(state=after.value, updated_at=_later(now), **_remembered(facts))
        .returning(*purchases.c)
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        return False
    _write_entry(connection, _purchase(row), before=before, facts=facts)
    return True


def _later(now: datetime) -> sa.ColumnElement[datetime]:
    """A clock that jumps back makes no purchase older: limits count from its latest step."""
    moment = sa.literal(now, purchases.c.updated_at.type)
    return sa.case((purchases.c.updated_at > moment, purchases.c.updated_at), else_=moment)


def _write_entry(
    connection: Connection, purchase: Purchase, *, before: PurchaseState | None, facts: Mapping[str, object]
) -> None:
    entry = {
        "purchase_id": purchase.id,
        "at": purchase.updated_at,
        "was": before.value if before else None,
        "state": purchase.state.value,
        "facts": facts,
    }
    connection.execute(purchase_entries.insert(), entry)
    data = {
        "id": purchase.id,
        "retailer": purchase.key[0],
        "sku": purchase.key[1],
        "state": purchase.state.value,
        "live": purchase.live,
    }
    events.append(connection, [events.Happening("purchase", purchase.updated_at, data)])


def _remembered(facts: Mapping[str, object]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in ("unit_price", "total"):
        if isinstance(money := facts.get(name), Money):
            values |= money_columns(name, money)
    values |= {name: facts[name] for name in ("quantity", "order_number") if facts.get(name) is not None}
    if "reasons" in facts:
        values["reasons"] = list(cast("Sequence[str]", facts["reasons"]))
    if "legs_ms" in facts:
        legs = facts["legs_ms"]
        values["legs_ms"] = list(
            legs.items() if isinstance(legs, Mapping) else cast("Sequence[object]", legs)
        )
    return values


def _purchase(row: Row) -> Purchase:
    return Purchase(
        id=row["id"],
        restock_id=row["restock_id"],
        key=(row["retailer"], row["sku"]),
        state=PurchaseState(row["state"]),
        quantity=row["quantity"],
        group=row["product_group"],
        unit_price=money_of(row, "unit_price"),
        total=money_of(row, "total"),
        order_number=row["order_number"],
        live=row["live"],
        reasons=tuple(row["reasons"]),
        legs_ms=tuple((str(name), float(duration)) for name, duration in row["legs_ms"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
