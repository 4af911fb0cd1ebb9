"""What all tables are made of. Migrations bring a database to these tables; a test compares the two."""

from __future__ import annotations

import sqlalchemy as sa

from shopwatch.storage.columns import Id, Moment, Words

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def number() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True)


def text(name: str, default: str | None = None) -> sa.Column[str]:
    if default is None:
        return sa.Column(name, Words, nullable=False)
    return sa.Column(name, Words, nullable=False, server_default=default)


def count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def at(name: str) -> sa.Column[object]:
    return sa.Column(name, Moment, nullable=False)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    condition = sa.text(where)
    # Not ``postgresql_where``: it would load that dialect everywhere. Tables are made by the migrations only.
    return sa.Index(name, *columns, unique=unique, sqlite_where=condition)
