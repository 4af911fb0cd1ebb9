"""Thousands of rows in one statement; row by row a first sweep of 50,000 products would take a minute.

On PostgreSQL the rows go as one array for each column, so that the statement stays short. The SQL is made
of the names in our own tables alone, which is why S608 is silenced here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

from shopwatch.storage.columns import binder
from shopwatch.storage.sql import Columns

_ASKED_TOGETHER = 500
_Row = tuple[Any, ...]


def insert_many(connection: Connection, table: sa.Table, rows: Sequence[Columns], conflict: str = "") -> None:
    """Insert rows that all have the same columns; ``conflict`` is an ``ON CONFLICT …`` in SQL."""
    if not rows:
        return
    names = tuple(rows[0])
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    values = list(_bound(connection.dialect, table, names, rows))
    if connection.dialect.name == "postgresql":
        # The WHERE tells SQL's "ON CONFLICT" from a join's "ON".
        statement = (
            f"{into} SELECT * FROM {_unnested(connection.dialect, table, names)} WHERE true {conflict}"  # noqa: S608
        )
        connection.exec_driver_sql(statement, _turned(values))
        return
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(f"{into} VALUES ({marks}) {conflict}", values)


def add_up(
    connection: Connection,
    table: sa.Table,
    rows: Sequence[Columns],
    *,
    keys: tuple[str, ...],
    sums: tuple[str, ...],
) -> None:
    """Insert each row, or add its ``sums`` to the row that is there; rows may share their keys."""
    merged: dict[_Row, dict[str, Any]] = {}
    for row in rows:
        total = merged.setdefault(tuple(row[name] for name in keys), {**row, **dict.fromkeys(sums, 0)})
        for name in sums:
            total[name] += row[name]
    added = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in sums)
    in_order = [merged[values] for values in sorted(merged)]
    insert_many(connection, table, in_order, f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}")


def insert_new(
    connection: Connection, table: sa.Table, rows: Sequence[Columns], *, keys: tuple[str, ...]
) -> set[_Row]:
    """Insert the rows whose last key column is not there yet beside the same others; returns their keys.

    No two rows may have the same keys. On SQLite nobody else can write between the look and the insert.
    """
    if not rows:
        return set()
    if connection.dialect.name == "postgresql":
        return _insert_new_postgres(connection, table, rows, keys)
    fixed, last = keys[:-1], keys[-1]
    by_fixed: dict[_Row, dict[Any, Columns]] = {}
    for row in rows:
        by_fixed.setdefault(tuple(row[name] for name in fixed), {})[row[last]] = row
    new: dict[_Row, Columns] = {}
    for values, wanted in by_fixed.items():
        there = _there(connection, table, dict(zip(fixed, values, strict=True)), last, list(wanted))
        new |= {(*values, value): row for value, row in wanted.items() if value not in there}
    insert_many(connection, table, list(new.values()))
    return set(new)


def update_many(
    connection: Connection,
    table: sa.Table,
    rows: Sequence[Columns],
    *,
    keys: tuple[str, ...],
    unless: str = "",
    where: str = "",
) -> None:
    """Set the other columns of each row's keys.

    ``unless``: a column that must be below the one set. ``where``: a condition in SQL.
    """
    if not rows:
        return
    names = tuple(rows[0])
    changed = [name for name in names if name not in keys]
    values = list(_bound(connection.dialect, table, (*changed, *keys), rows))
    if connection.dialect.name == "postgresql":
        given = _unnested(connection.dialect, table, (*changed, *keys))
        which = [f"{table.name}.{name} = given.{name}" for name in keys]
        statement = (
            f"UPDATE {table.name} SET {', '.join(f'{name} = given.{name}' for name in changed)} "  # noqa: S608
            f"FROM {given} AS given ({', '.join((*changed, *keys))}) WHERE {' AND '.join(which)}"
        )
        statement += _older(table, unless, f"given.{unless}") + _also(where)
        connection.exec_driver_sql(statement, _turned(values))
        return
    which = [f"{name} = ?" for name in keys]
    statement = (
        f"UPDATE {table.name} SET {', '.join(f'{name} = ?' for name in changed)} WHERE {' AND '.join(which)}"  # noqa: S608
    )
    if unless:
        position = changed.index(unless)
        values = [(*row, row[position]) for row in values]
    connection.exec_driver_sql(statement + _older(table, unless, "?") + _also(where), values)


def next_ids(connection: Connection, table: sa.Table, count: int) -> Sequence[int]:
    """Ids for so many rows that are inserted next in this transaction; nobody else gets them."""
    if not count:
        return ()
    if connection.dialect.name == "postgresql":
        asked = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return sorted(connection.exec_driver_sql(asked, (table.name, count)).scalars())
    asked = "SELECT seq FROM sqlite_sequence WHERE name = ?"
    last = connection.exec_driver_sql(asked, (table.name,)).scalar() or 0
    return range(last + 1, last + 1 + count)


def _older(table: sa.Table, name: str, given: str) -> str:
    column = f"{table.name}.{name}"
    return f" AND ({column} IS NULL OR {column} < {given})" if name else ""


def _also(where: str) -> str:
    return f" AND {where}" if where else ""


def _insert_new_postgres(
    connection: Connection, table: sa.Table, rows: Sequence[Columns], keys: tuple[str, ...]
) -> set[_Row]:
    names = tuple(rows[0])
    statement = (
        f"INSERT INTO {table.name} ({', '.join(names)}) "  # noqa: S608
        f"SELECT * FROM {_unnested(connection.dialect, table, names)} WHERE true "
        f"ON CONFLICT DO NOTHING RETURNING {', '.join(keys)}"
    )
    values = _turned(_bound(connection.dialect, table, names, rows))
    return {tuple(row) for row in connection.exec_driver_sql(statement, values)}


def _there(connection: Connection, table: sa.Table, fixed: Columns, last: str, wanted: list[Any]) -> set[Any]:
    found: set[Any] = set()
    same = [table.c[name] == value for name, value in fixed.items()]
    for start in range(0, len(wanted), _ASKED_TOGETHER):
        part = wanted[start : start + _ASKED_TOGETHER]
        found.update(
            connection.execute(sa.select(table.c[last]).where(*same, table.c[last].in_(part))).scalars()
        )
    return found


def _unnested(dialect: Dialect, table: sa.Table, names: tuple[str, ...]) -> str:
    return f"unnest({', '.join(f'%s::{table.c[name].type.compile(dialect)}[]' for name in names)})"


def _turned(rows: Iterable[_Row]) -> _Row:
    """Rows as columns: one array for each."""
    return tuple(list(column) for column in zip(*rows, strict=True))


def _bound(
    dialect: Dialect, table: sa.Table, names: tuple[str, ...], rows: Sequence[Columns]
) -> Iterable[_Row]:
    """The rows as the driver takes them: what our column types make of each value, column by column."""
    pick = itemgetter(*names)
    columns = zip(*map(pick, rows), strict=True) if len(names) > 1 else [map(pick, rows)]
    made = [
        column if process is None else map(process, column)
        for column, process in zip(columns, _processors(dialect, table, names), strict=True)
    ]
    return zip(*made, strict=True)


@lru_cache(maxsize=256)
def _processors(
    dialect: Dialect, table: sa.Table, names: tuple[str, ...]
) -> tuple[Callable[[Any], Any] | None, ...]:
    return tuple(binder(table.c[name].type, dialect) for name in names)
