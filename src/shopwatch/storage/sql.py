"""The few statements in which SQLite and PostgreSQL differ, and shapes several repositories share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, RowMapping

from shopwatch.domain.money import Money

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

    Insert = postgresql.Insert | sqlite.Insert
Row = RowMapping  #: what a column holds is its table's business
Columns = Mapping[str, object]  #: to be written


def insert(connection: Connection, table: sa.Table) -> Insert:
    """An INSERT that knows ``on_conflict_…``."""
    if connection.dialect.name != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 2 MB that most installations do without

    return postgresql.insert(table)


def claim(connection: Connection, table: sa.Table, row: Columns) -> bool:
    """Insert ``row`` unless a unique key is taken; the database says which of many claims it was."""
    key = next(iter(table.primary_key))
    statement = insert(connection, table).values(row).on_conflict_do_nothing().returning(key)
    return connection.execute(statement).first() is not None


def put(connection: Connection, table: sa.Table, rows: Sequence[Columns], *, keys: Sequence[str]) -> None:
    """Insert each row, or replace the one that is there."""
    if not rows:
        return
    statement = insert(connection, table)
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=replaced), list(rows))


def money_columns(name: str, money: Money | None, *, currency: str = "") -> dict[str, object]:
    """``{name}_cents`` and its currency column, named ``{currency}`` where that is another."""
    return {
        f"{name}_cents": None if money is None else money.cents,
        currency or f"{name}_currency": None if money is None else money.currency,
    }


def money_of(row: Row, name: str) -> Money | None:
    cents = row[f"{name}_cents"]
    return None if cents is None else Money(cents, row[f"{name}_currency"])
